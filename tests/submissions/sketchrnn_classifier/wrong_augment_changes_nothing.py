# Mistake: returns the drawing as it is
# Loses: test_augment 6, test_recognise_unseen 3
# %% augment
def augment(strokes, rng):
    return strokes.copy()
