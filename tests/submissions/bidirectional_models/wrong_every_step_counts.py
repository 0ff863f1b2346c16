# Mistake: counts consonants and padding like vowels, in the loss, in both accuracies, in the table and in training
# Loses: test_loss 3, test_accuracies 4, test_table 2, test_fit 3
# %% masked_loss
def masked_loss(labels, probabilities, counted):
    of_label = np.take_along_axis(probabilities, labels[..., None], axis=-1)[..., 0]
    return np.mean(-np.log(of_label) * counted)


# %% accuracies
def accuracies(labels, said, counted):
    right = labels == said
    return right.mean(), right.all(axis=1).mean()


# %% stress_table
def stress_table(phonemes, labels, counted, symbols, classes=3):
    table = np.zeros((symbols, classes), dtype=int)
    np.add.at(table, (phonemes, labels), 1)
    return table.argmax(axis=1)


# %% fit_tagger
def fit_tagger(model, phonemes, labels, counted):
    rate = keras.optimizers.schedules.CosineDecay(0.02, 6 * -(-len(labels) // 128))
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    return model.fit(phonemes, labels, batch_size=128, epochs=6, verbose=0)
