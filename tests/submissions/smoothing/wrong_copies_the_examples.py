# Mistake: has the answers to the examples, and nothing else
# Loses: test_moving_average 10, test_moving_future 15, test_exponential_average 15, test_exponential_start 15, test_half_life 15
# %% moving_average
def moving_average(values, width):
    return np.array([2, 3, 6.5]) if len(values) == 3 else np.zeros(len(values))
# %% exponential_average
def exponential_average(values, rate):
    return np.array([2, 3, 6]) if len(values) == 3 and values[0] == 2 else values
# %% half_life
def half_life(rate):
    return {0.5: 1.0, 0.1: 6.579}.get(rate, 1 / rate)
