# Mistake: leaves the sigmoid out of the large models
# Loses: test_lstm 2, test_bidirectional 2
# %% build_lstm
def build_lstm():
    return keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(10_000, 64, mask_zero=True),
            layers.LSTM(128),
            layers.Dense(1),
        ]
    )


# %% build_bidirectional
def build_bidirectional():
    return keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(10_000, 64, mask_zero=True),
            layers.Bidirectional(layers.LSTM(128, return_sequences=True)),
            layers.Bidirectional(layers.LSTM(128)),
            layers.Dense(1),
        ]
    )
