# Mistake: looks at the first sequence of the batch only
# Loses: test_dependencies 2, test_causal 2
# %% dependencies
def dependencies(model, inputs, changed):
    before = np.asarray(model(inputs))[0]
    columns = []
    for step in range(inputs.shape[1]):
        other = inputs.copy()
        other[:, step] = changed[:, step]
        columns.append((np.abs(np.asarray(model(other))[0] - before) > 1e-5).any(axis=-1))
    return np.stack(columns, axis=1)
