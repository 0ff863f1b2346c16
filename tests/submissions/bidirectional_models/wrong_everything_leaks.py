# Mistake: constants in place of two answers: a look-ahead of one step, and no model is causal
# Loses: test_look_ahead 3, test_causal 8
# %% look_ahead
def look_ahead(depends):
    return 1


# %% is_causal
def is_causal(model, inputs):
    return False
