# Mistake: no mask, so the backward half reads the padding first
# Loses: test_tagger 2
# %% build_tagger
def build_tagger(both):
    reader = layers.GRU(32, return_sequences=True)
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(SYMBOLS, 32),
            layers.Bidirectional(reader) if both else reader,
            layers.Dense(3, activation="softmax"),
        ]
    )
