# Mistake: divides the drawings that it was given, so that those of its caller are divided in normalise_parts too
# Loses: test_normalise 1
# %% normalise
def normalise(drawings, scale):
    for drawing in drawings:
        drawing[:, :2] /= scale
    return drawings
