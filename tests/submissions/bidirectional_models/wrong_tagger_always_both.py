# Mistake: forgets the argument: both taggers read in both directions
# Loses: test_tagger 2, test_unseen 3
# %% build_tagger
def build_tagger(both):
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(SYMBOLS, 32, mask_zero=True),
            layers.Bidirectional(layers.GRU(32, return_sequences=True)),
            layers.Dense(3, activation="softmax"),
        ]
    )
