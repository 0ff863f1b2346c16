# Mistake: mirrors every other drawing, as one would a photograph
# Loses: test_augment 2
# %% augment
def augment(strokes, rng):
    dropped = rng.random(len(strokes)) < 0.1
    side = rng.choice([-1.0, 1.0])
    return without_points(strokes, dropped) * [side * rng.uniform(0.85, 1.15), rng.uniform(0.85, 1.15), 1.0]
