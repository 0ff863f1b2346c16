# Mistake: changes what follows the middle, looks at what stands before it, and asks about no other step
# Loses: test_causal 4
# %% is_causal
def is_causal(model, inputs):
    middle = inputs.shape[1] // 2
    before = np.asarray(model(inputs))[:, :middle]
    for number in (-5, -1, 1, 5):
        other = inputs.copy()
        other[:, middle:] = number
        if np.abs(np.asarray(model(other))[:, :middle] - before).max() > 1e-5:
            return False
    return True
