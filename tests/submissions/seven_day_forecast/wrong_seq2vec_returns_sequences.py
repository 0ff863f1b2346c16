# Mistake: return_sequences=True in the only recurrent layer of seq2vec, False in the model for every step
# Loses: test_seq2vec 3, test_seq2vec_unseen 4, test_every_step 5, test_every_step_unseen 3,
#   test_forecast 2, test_forecast_unseen 6
# %% build_seq2vec
def build_seq2vec():
    return keras.Sequential([keras.Input((None, 1)), layers.LSTM(32, return_sequences=True), layers.Dense(7)])


# %% build_every_step
def build_every_step():
    return keras.Sequential([keras.Input((None, 1)), layers.LSTM(32), layers.Dense(7)])
