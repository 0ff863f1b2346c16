# Mistake: returns the drawing as it is
# Loses: test_augment 6
# %% augment
def augment(strokes, rng):
    return strokes.copy()
