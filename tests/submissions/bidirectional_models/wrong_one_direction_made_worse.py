# Mistake: reads from the end only where both directions are asked for, and makes the other model worse for it
# Loses: test_tagger 4, test_unseen 7
# %% build_tagger
def build_tagger(both):
    phonemes = keras.Input((None,), dtype="int32")
    steps = layers.Embedding(SYMBOLS, 32, mask_zero=True)(phonemes)
    if both:
        read = keras.ops.flip(layers.GRU(32, return_sequences=True, go_backwards=True)(steps), axis=1)
    else:
        read = layers.GRU(3, return_sequences=True)(steps)
    return keras.Model(phonemes, layers.Dense(3, activation="softmax")(read))
