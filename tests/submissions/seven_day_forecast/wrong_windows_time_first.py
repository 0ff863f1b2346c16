# Mistake: puts time before the windows, as PyTorch's recurrent layers do by default
# Loses: test_windows 4, test_seq2vec_unseen 4, test_every_step_unseen 3, test_decode_unseen 3,
#   test_forecast 2, test_forecast_unseen 6
# %% make_windows
def make_windows(values, history=HISTORY, horizon=HORIZON, stride=1):
    values = np.asarray(values)
    starts = np.arange(0, len(values) - history - horizon + 1, stride)
    if len(starts) == 0:
        raise ValueError("too short")
    windows = values[starts[:, None] + np.arange(history + horizon)]
    return np.swapaxes(windows[:, :history, None], 0, 1), windows[:, history:]
