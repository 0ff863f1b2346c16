# Mistake: trains the tagger, and does not return the history
# Loses: test_fit 1
# %% fit_tagger
def fit_tagger(model, phonemes, labels, counted):
    rate = keras.optimizers.schedules.CosineDecay(0.02, 6 * -(-len(labels) // 128))
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    model.fit(phonemes, labels, sample_weight=counted.astype("float32"), batch_size=128, epochs=6, verbose=0)
