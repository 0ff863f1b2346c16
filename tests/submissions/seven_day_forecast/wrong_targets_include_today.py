# Mistake: the targets of a step begin with the day that it reads, so all are shifted by one
# Loses: test_every_step_targets 4, test_every_step_unseen 3, test_forecast_unseen 6
# %% every_step_targets
def every_step_targets(values, history=HISTORY, horizon=HORIZON, stride=1):
    values = np.asarray(values)
    starts = np.arange(0, len(values) - history - horizon + 1, stride)
    return values[starts[:, None, None] + np.arange(history)[:, None] + np.arange(horizon)]
