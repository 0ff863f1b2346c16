# Mistake: builds the two large models without a mask
# Loses: test_lstm 3, test_bidirectional 3
# %% build_lstm
def build_lstm():
    return keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(10_000, 64),
            layers.LSTM(128),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


# %% build_bidirectional
def build_bidirectional():
    return keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(10_000, 64),
            layers.Bidirectional(layers.LSTM(128, return_sequences=True)),
            layers.Bidirectional(layers.LSTM(128)),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
