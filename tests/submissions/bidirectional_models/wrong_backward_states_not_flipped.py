# Mistake: a layer with go_backwards=True beside a forward one, with its states left from the last to the first
# Loses: test_tagger 2, test_unseen 7
# %% build_tagger
def build_tagger(both):
    phonemes = keras.Input((None,), dtype="int32")
    steps = layers.Embedding(SYMBOLS, 32, mask_zero=True)(phonemes)
    read = layers.GRU(32, return_sequences=True)(steps)
    if both:
        backward = layers.GRU(32, return_sequences=True, go_backwards=True)(steps)
        read = layers.Concatenate()([read, backward])
    return keras.Model(phonemes, layers.Dense(3, activation="softmax")(read))
