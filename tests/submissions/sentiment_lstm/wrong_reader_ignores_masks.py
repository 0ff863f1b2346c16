# Mistake: takes the loudest step of a recurrent layer without a mask, so that padding enters the maximum
# Loses: test_reader 2
# %% build_reader
def build_reader(size):
    return keras.Sequential(
        [
            keras.Input((None,)),
            layers.Embedding(size, 32),
            layers.Dropout(0.3),
            layers.GRU(32, return_sequences=True),
            layers.GlobalMaxPooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
