# Mistake: compiles the model and trains it at a rate of zero
# Loses: test_fit 4, test_unseen 7
# %% fit_tagger
def fit_tagger(model, phonemes, labels, counted):
    model.compile(optimizer=keras.optimizers.Adam(0.0), loss="sparse_categorical_crossentropy")
    weights = np.asarray(counted, dtype="float32")
    return model.fit(phonemes, labels, sample_weight=weights, batch_size=1024, verbose=0)
