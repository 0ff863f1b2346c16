# Mistake: MASE divides by the naive error on the days that are forecast; the baselines mix up days and weeks
# Loses: test_mase 3, test_baselines 3, test_median_of_weeks 3
# %% mase
def mase(actual, forecast, train, season=7):
    days = np.ravel(actual)
    return mae(actual, forecast) / mae(days[1:], days[:-1])


# %% baselines
def last_value(histories):
    return np.repeat(np.asarray(histories)[:, -1], 7, axis=1)


def seasonal_naive(histories):
    return np.repeat(np.asarray(histories)[:, -7], 7, axis=1)


# %% median_of_weeks
def median_of_weeks(histories, weeks=4):
    recent = np.asarray(histories)[:, -7 * weeks :, 0]
    return np.median(recent.reshape(-1, 7, weeks), axis=2)
