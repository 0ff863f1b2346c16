# Mistake: answers with arrays that hold no number
# Loses: test_moving_average 15, test_moving_future 15, test_exponential_average 15, test_exponential_start 15, test_half_life 15
# %% moving_average
def moving_average(values, width):
    return np.zeros(0)
# %% exponential_average
def exponential_average(values, rate):
    return np.zeros((0, len(values)))
# %% half_life
def half_life(rate):
    return np.zeros(0)
