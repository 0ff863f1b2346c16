# Mistake: takes the number of real steps for the place where they end, so padding before the real steps goes wrong
# Loses: test_reverse 2, test_masks 2
# %% reverse_real
def reverse_real(values, mask):
    turned = np.array(values)
    for row, source, length in zip(turned, np.asarray(values), np.asarray(mask).sum(axis=1)):
        row[:length] = source[:length][::-1]
    return turned
