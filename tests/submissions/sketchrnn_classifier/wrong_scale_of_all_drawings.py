# Mistake: learns the scale from validation drawings too
# Loses: test_normalise_parts 3
# %% normalise_parts
def normalise_parts(train, validation):
    scale = offset_scale([*train, *validation])
    return normalise(train, scale), normalise(validation, scale), scale
