# Mistake: an LSTM of 64 units, and two directions that are added instead of put side by side
# Loses: test_lstm 2, test_bidirectional 2
# %% build_lstm
def build_lstm():
    return keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(10_000, 64, mask_zero=True),
            layers.LSTM(64),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


# %% build_bidirectional
def build_bidirectional():
    return keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(10_000, 64, mask_zero=True),
            layers.Bidirectional(layers.LSTM(128, return_sequences=True), merge_mode="sum"),
            layers.Bidirectional(layers.LSTM(128), merge_mode="sum"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
