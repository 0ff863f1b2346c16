# Mistake: reads backwards, so that padding comes first, and believes that no mask is needed then
# Loses: test_reader 2
# %% build_reader
def build_reader(size):
    return keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(size, 32),
            layers.Dropout(0.3),
            layers.LSTM(32, go_backwards=True),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
