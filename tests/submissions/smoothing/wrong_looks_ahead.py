# Mistake: puts each value in the middle of its window, so that the average knows the future
# Loses: test_moving_average 10, test_moving_future 15
# %% moving_average
def moving_average(values, width):
    half = width // 2
    return np.array([np.mean(values[max(0, at - half) : at + half + 1]) for at in range(len(values))])
