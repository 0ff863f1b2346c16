# Style: cumulative sums in place of a mean at a time
# %% moving_average
def moving_average(values, width):
    width = min(width, len(values))
    sums = np.cumsum(values)
    sums[width:] = sums[width:] - sums[:-width]
    return sums / np.minimum(np.arange(len(values)) + 1, width)
# %% half_life
def half_life(rate):
    return -1 / np.log2(1 - rate)
