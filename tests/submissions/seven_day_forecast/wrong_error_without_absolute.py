# Mistake: leaves out the absolute value, so errors up and down cancel; NumPy may stretch shapes
# Loses: test_mae 3, test_mase 4
# %% mae
def mae(actual, forecast):
    return float(np.mean(np.asarray(actual) - np.asarray(forecast)))
