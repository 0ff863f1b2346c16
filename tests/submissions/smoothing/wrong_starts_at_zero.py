# Mistake: starts the exponential average at zero
# Loses: test_exponential_average 15, test_exponential_start 15
# %% exponential_average
def exponential_average(values, rate):
    found, average = [], 0.0
    for value in values:
        average = average + rate * (value - average)
        found.append(average)
    return np.array(found)
