# Mistake: counts only changes above a hundredth
# Loses: test_dependencies 2, test_causal 2
# %% dependencies
def dependencies(model, inputs, changed):
    before = np.asarray(model(inputs))
    depends = np.zeros((inputs.shape[1], inputs.shape[1]), dtype=bool)
    for step in range(inputs.shape[1]):
        other = inputs.copy()
        other[:, step] = changed[:, step]
        depends[:, step] = (np.abs(np.asarray(model(other)) - before) > 1e-2).any(axis=(0, 2))
    return depends
