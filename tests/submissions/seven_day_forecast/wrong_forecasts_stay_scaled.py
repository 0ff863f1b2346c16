# Mistake: never turns the forecasts back into thousands
# Loses: test_in_thousands 2, test_forecast_unseen 6
# %% in_thousands
def in_thousands(predict, histories, scaler):
    return np.asarray(predict(scale(histories, scaler)))
