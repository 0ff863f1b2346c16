# Mistake: shuffles the days before it splits them, as one does with independent examples; returns no
#   windows, without a word, where the series is too short
# Loses: test_split 3, test_windows 1
# %% split_in_time
def split_in_time(dates, values, validation_start, test_start):
    if np.any(np.diff(dates) <= np.timedelta64(0, "D")):
        raise ValueError("the dates must be in order")
    values = np.random.default_rng(0).permutation(values)
    first, second = np.searchsorted(dates, [validation_start, test_start])
    return values[:first], values[first:second], values[second:]


# %% make_windows
def make_windows(values, history=HISTORY, horizon=HORIZON, stride=1):
    values = np.asarray(values)
    starts = np.arange(0, len(values) - history - horizon + 1, stride)
    windows = values[starts[:, None] + np.arange(history + horizon)]
    return windows[:, :history, None], windows[:, history:]
