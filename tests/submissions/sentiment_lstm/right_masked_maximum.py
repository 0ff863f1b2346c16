# Style: signs taken out one by one, padding by NumPy, batches of 64, a bag of the loudest words, a reader that averages the outputs of all its steps
# %% words
def words(text):
    """Walk through the signs."""
    found, word = [], ""
    for sign in text.replace("<br />", "\n").lower() + " ":
        if sign == "'" or sign.isalpha() or sign.isdigit():
            word += sign
        elif word:
            found.append(word)
            word = ""
    return found


# %% encode
def encode(texts, vocabulary):
    """Look each word up in a dictionary; arrays of one review each."""
    places = dict(zip(vocabulary, range(len(vocabulary))))
    encoded = []
    for text in texts:
        encoded.append([])
        for word in words(text):
            try:
                encoded[-1].append(places[word])
            except KeyError:
                encoded[-1].append(1)
    return encoded


# %% make_batches
def make_batches(sequences, labels, batch_size=32, shuffle=False):
    """Strings of bytes are cut apart again, because they may have any length."""
    texts = [" ".join(map(str, sequence)) for sequence in sequences]
    data = tf.data.Dataset.from_tensor_slices((texts, np.asarray(labels).astype("float32")))
    if shuffle:
        data = data.shuffle(buffer_size=data.cardinality())

    def numbers(text, label):
        return tf.strings.to_number(tf.strings.split(text), tf.int32), label

    return data.map(numbers).padded_batch(batch_size, padded_shapes=([None], []), padding_values=(0, 0.0))


# %% fit_model
def fit_model(model, train_batches, validation_batches, epochs=12, patience=2):
    """AdamW at a rate of its own."""
    stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True, mode="min")
    model.compile(keras.optimizers.AdamW(2e-3, weight_decay=1e-3), "binary_crossentropy", metrics=["accuracy"])
    return model.fit(train_batches, epochs=epochs, validation_data=validation_batches, callbacks=stop, verbose=0)


# %% build_bag_of_words
def build_bag_of_words(size):
    """For each of 64 numbers the largest that any word has: how often a word comes does not matter."""
    ids = keras.Input((None,), dtype="int32")
    vectors = layers.Embedding(size, 64)(ids)
    silence = keras.ops.cast(keras.ops.equal(ids, 0), "float32")[..., None] * 1e9
    return keras.Model(ids, layers.Dense(1, "sigmoid")(keras.ops.max(vectors - silence, axis=1)))


# %% build_bidirectional
def build_bidirectional():
    """add() by add()."""
    model = keras.Sequential()
    model.add(keras.Input((None,)))
    model.add(layers.Embedding(10_000, 64, mask_zero=True))
    for returns in (True, False):
        model.add(layers.Bidirectional(layers.LSTM(128, return_sequences=returns), merge_mode="concat"))
    model.add(layers.Dropout(0.5))
    model.add(layers.Dense(1, activation="sigmoid"))
    return model


# %% build_reader
def build_reader(size):
    """The mean of what an LSTM says at all words, the padding left out."""
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(size, 32, mask_zero=True),
            layers.Dropout(0.4),
            layers.LSTM(32, return_sequences=True),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
