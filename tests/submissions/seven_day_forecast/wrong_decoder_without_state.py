# Mistake: the decoder does not get the encoder's state, so it does not know the history
# Loses: test_encoder_decoder 4, test_decode_unseen 3
# %% build_encoder_decoder
def build_encoder_decoder():
    histories, previous = keras.Input((None, 1)), keras.Input((None, 1))
    said = layers.LSTM(32, return_sequences=True)(previous)
    return keras.Model([histories, previous], layers.Dense(1)(said))
