# Mistake: bidirectional layers where the future must not be seen: at every step, and in the decoder
# Loses: test_every_step 3, test_every_step_unseen 3, test_encoder_decoder 4, test_decode_unseen 3,
#   test_forecast_unseen 6
# %% build_every_step
def build_every_step():
    return keras.Sequential(
        [
            keras.Input((None, 1)),
            layers.Bidirectional(layers.LSTM(32, return_sequences=True)),
            layers.Dense(7),
        ]
    )


# %% build_encoder_decoder
def build_encoder_decoder():
    histories, previous = keras.Input((None, 1)), keras.Input((None, 1))
    _, hidden, cell_state = layers.LSTM(32, return_state=True)(histories)
    said = layers.Bidirectional(layers.LSTM(32, return_sequences=True))(
        previous, initial_state=[hidden, cell_state, hidden, cell_state]
    )
    return keras.Model([histories, previous], layers.Dense(1)(said))
