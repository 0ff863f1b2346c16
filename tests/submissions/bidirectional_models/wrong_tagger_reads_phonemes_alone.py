# Mistake: hands in the baseline: what it says depends on the phoneme and on nothing around it
# Loses: test_tagger 4, test_unseen 7
# %% build_tagger
def build_tagger(both):
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(SYMBOLS, 64 if both else 32, mask_zero=True),
            layers.Dense(3, activation="softmax"),
        ]
    )
