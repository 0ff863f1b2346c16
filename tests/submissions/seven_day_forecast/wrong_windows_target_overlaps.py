# Mistake: the targets begin with the last day of the history
# Loses: test_windows 3, test_seq2vec_unseen 4, test_decode_unseen 3
# %% make_windows
def make_windows(values, history=HISTORY, horizon=HORIZON, stride=1):
    values = np.asarray(values)
    starts = np.arange(0, len(values) - history - horizon + 1, stride)
    if len(starts) == 0:
        raise ValueError("too short")
    histories = values[starts[:, None] + np.arange(history)]
    targets = values[starts[:, None] + history - 1 + np.arange(horizon)]
    return histories[..., None], targets
