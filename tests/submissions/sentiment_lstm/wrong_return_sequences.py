# Mistake: return_sequences the wrong way round: True in the only layer, False in the lower of two
# Loses: test_lstm 7, test_bidirectional 7
# %% build_lstm
def build_lstm():
    return keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(10_000, 64, mask_zero=True),
            layers.LSTM(128, return_sequences=True),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


# %% build_bidirectional
def build_bidirectional():
    return keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(10_000, 64, mask_zero=True),
            layers.Bidirectional(layers.LSTM(128, return_sequences=False)),
            layers.Bidirectional(layers.LSTM(128)),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
