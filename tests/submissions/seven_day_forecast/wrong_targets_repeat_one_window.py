# Mistake: every step has the target of the last one; hands in the median of four weeks, which passes on real
#   weeks, though no model was needed for it
# Loses: test_every_step_targets 4, test_every_step_unseen 3, test_forecast_unseen 3
# %% every_step_targets
def every_step_targets(values, history=HISTORY, horizon=HORIZON, stride=1):
    _, targets = make_windows(values, history, horizon, stride)
    return np.repeat(targets[:, None], history, axis=1)


# %% forecast
def forecast(histories):
    recent = np.asarray(histories)[:, -28:, 0]
    return np.median(recent.reshape(-1, 4, 7), axis=1)
