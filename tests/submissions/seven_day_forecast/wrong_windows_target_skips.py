# Mistake: the targets begin a day too late, and one window too few is made
# Loses: test_windows 5, test_seq2vec_unseen 4, test_every_step_targets 1, test_decode_unseen 3
# %% make_windows
def make_windows(values, history=HISTORY, horizon=HORIZON, stride=1):
    values = np.asarray(values)
    starts = np.arange(0, len(values) - history - horizon, stride)
    if len(starts) == 0:
        raise ValueError("too short")
    histories = values[starts[:, None] + np.arange(history)]
    targets = values[starts[:, None] + history + 1 + np.arange(horizon)]
    return histories[..., None], targets


# %% every_step_targets
def every_step_targets(values, history=HISTORY, horizon=HORIZON, stride=1):
    values = np.asarray(values)
    starts = np.arange(0, len(values) - history - horizon, stride)
    return values[starts[:, None, None] + np.arange(history)[:, None] + 1 + np.arange(horizon)]
