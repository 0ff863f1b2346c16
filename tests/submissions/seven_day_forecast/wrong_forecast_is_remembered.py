# Mistake: looks the history up among the days of the data set and copies what came after it
# Loses: test_forecast_unseen 3
# %% forecast
def forecast(histories):
    days = np.concatenate([load(split)[1] for split in ("train", "validation", "test")])
    spans = np.lib.stride_tricks.sliding_window_view(days, HISTORY + HORIZON)
    nearest = [np.abs(spans[:, :HISTORY] - np.ravel(history)).sum(axis=1).argmin() for history in histories]
    return spans[nearest, HISTORY:]
