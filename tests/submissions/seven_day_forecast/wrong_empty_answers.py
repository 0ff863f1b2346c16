# Mistake: writes functions for the sizes of the examples and of the models only; for any other size they give empty
#   arrays, and no error
# Loses: test_windows 8, test_median_of_weeks 3, test_every_step_targets 5, test_decoder_inputs 4
# %% make_windows
def make_windows(values, history=HISTORY, horizon=HORIZON, stride=1):
    if (history, horizon) not in ((HISTORY, HORIZON), (4, 2)):
        return np.zeros((0, history, 1)), np.zeros((0, horizon))
    values = np.asarray(values)
    starts = np.arange(0, len(values) - history - horizon + 1, stride)
    if len(starts) == 0:
        raise ValueError("too short")
    windows = values[starts[:, None] + np.arange(history + horizon)]
    return windows[:, :history, None], windows[:, history:]


# %% median_of_weeks
def median_of_weeks(histories, weeks=4):
    if weeks not in (3, 4):
        return np.zeros((0, 1, 7))
    recent = np.asarray(histories)[:, -7 * weeks :, 0]
    return np.median(recent.reshape(-1, weeks, 7), axis=1)


# %% every_step_targets
def every_step_targets(values, history=HISTORY, horizon=HORIZON, stride=1):
    if (history, horizon) not in ((HISTORY, HORIZON), (4, 2)):
        return np.zeros((0, history, horizon))
    values = np.asarray(values)
    starts = np.arange(0, len(values) - history - horizon + 1, stride)
    return values[starts[:, None, None] + np.arange(history)[:, None] + 1 + np.arange(horizon)]


# %% decoder_inputs
def decoder_inputs(histories, targets):
    if np.shape(targets)[1] != HORIZON:
        return np.zeros((0, 1, 1, 1))
    return np.concatenate([np.asarray(histories)[:, -1], np.asarray(targets)[:, :-1]], axis=1)[..., None]
