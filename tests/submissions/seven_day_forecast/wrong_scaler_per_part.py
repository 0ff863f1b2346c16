# Mistake: gives the validation part a scaler of its own, divides by zero where all values are equal, and hands
#   in seasonal-naive as the forecast
# Loses: test_scaler 1, test_scale_parts 4, test_forecast_unseen 6
# %% scaler
def fit_scaler(values):
    return float(np.mean(values)), float(np.std(values))


def scale(values, scaler):
    centre, spread = scaler
    return (values - centre) / spread


def unscale(scaled, scaler):
    centre, spread = scaler
    return scaled * spread + centre


# %% scale_parts
def scale_parts(train, validation):
    scaler = fit_scaler(train)
    return scale(train, scaler), scale(validation, fit_scaler(validation)), scaler


# %% forecast
def forecast(histories):
    return np.asarray(histories)[:, -7:, 0]
