# Mistake: turns whole rows, so that the padding changes sides
# Loses: test_reverse 5, test_masks 4
# %% reverse_real
def reverse_real(values, mask):
    return np.asarray(values)[:, ::-1]
