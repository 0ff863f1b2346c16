# Mistake: asks the model as it is in training, so that dropout moves every answer
# Loses: test_causal 2
# %% is_causal
def is_causal(model, inputs):
    before = np.asarray(model(inputs, training=True))
    for number in (-5, -1, 1, 5):
        for step in range(1, inputs.shape[1]):
            other = inputs.copy()
            other[:, step] = number
            if np.abs(np.asarray(model(other, training=True)) - before)[:, :step].max() > 1e-5:
                return False
    return True
