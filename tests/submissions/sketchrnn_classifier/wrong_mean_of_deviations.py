# Mistake: takes the mean of the deviations of the drawings
# Loses: test_offset_scale 3
# %% offset_scale
def offset_scale(drawings):
    return float(np.mean([drawing[:, :2].std() for drawing in drawings])) or 1.0
