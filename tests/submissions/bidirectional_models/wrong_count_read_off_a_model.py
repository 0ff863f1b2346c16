# Mistake: builds the model and asks it for its number of parameters, in place of working it out
# Loses: test_count 2
# %% count_parameters
def count_parameters(features, widths, classes):
    return build_stack(features, widths, classes, True).count_params()
