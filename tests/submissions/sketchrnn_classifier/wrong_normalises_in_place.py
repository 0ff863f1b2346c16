# Mistake: divides the drawings that it was given
# Loses: test_normalise 1
# %% normalise
def normalise(drawings, scale):
    for drawing in drawings:
        drawing[:, :2] /= scale
    return drawings
