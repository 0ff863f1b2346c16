# Mistake: guards against the examples only, or not at all
# Loses: test_split 2, test_windows 1, test_mae 1, test_mase 1
# %% split_in_time
def split_in_time(dates, values, validation_start, test_start):
    if dates[1] <= dates[0]:
        raise ValueError("the dates must be in order")
    return values[dates < validation_start], values[(dates >= validation_start) & (dates < test_start)], values[dates >= test_start]


# %% make_windows
def make_windows(values, history=HISTORY, horizon=HORIZON, stride=1):
    if len(values) < 6:
        raise ValueError("too few days")
    starts = range(0, len(values) - history - horizon + 1, stride)
    histories = np.array([values[start : start + history] for start in starts]).reshape(-1, history, 1)
    return histories, np.array([values[start + history : start + history + horizon] for start in starts])


# %% mae
def mae(actual, forecast):
    if np.size(actual) != np.size(forecast):
        raise ValueError("actual and forecast differ")
    return float(np.mean(np.abs(np.ravel(actual) - np.ravel(forecast))))


# %% mase
def mase(actual, forecast, train, season=7):
    train = np.asarray(train)
    return np.mean(np.abs(np.asarray(actual) - np.asarray(forecast))) / mae(train[season:], train[:-season])
