# Mistake: believes one small change of each step
# Loses: test_causal 2
# %% is_causal
def is_causal(model, inputs):
    return not np.triu(dependencies(model, inputs, inputs + 0.5), k=1).any()
