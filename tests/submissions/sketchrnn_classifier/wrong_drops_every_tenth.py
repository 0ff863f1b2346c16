# Mistake: leaves out every tenth point, the same ones each time
# Loses: test_augment 2, test_recognise_unseen 3
# %% augment
def augment(strokes, rng):
    dropped = np.arange(len(strokes)) % 10 == 0
    return without_points(strokes, dropped) * [*rng.uniform(0.85, 1.15, size=2), 1.0]
