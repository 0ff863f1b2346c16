# Style: functional models with GRU layers, a generator behind the pipeline, regular expressions, a loop for the best weights
# %% words
def words(text):
    """Find the runs of letters, digits and apostrophes."""
    return re.findall(r"[^\W_']*(?:'|[^\W_])+", re.sub(r"<br />", " ", text.lower()))


# %% build_vocabulary
def build_vocabulary(texts, size):
    """Sort by count, and equally frequent words by the alphabet."""
    counts = {}
    for text in texts:
        for word in words(text):
            counts[word] = counts.get(word, 0) + 1
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return (["", "[UNK]"] + ordered)[:size]


# %% make_batches
def make_batches(sequences, labels, batch_size=32, shuffle=False):
    """A generator that draws a new permutation on every pass, and padded_batch."""
    labels = np.asarray(labels, dtype="int64")

    def reviews():
        count = len(sequences)
        for number in np.random.permutation(count) if shuffle else range(count):
            yield sequences[number], labels[number]

    signature = tf.TensorSpec([None], tf.int64), tf.TensorSpec([], tf.int64)
    return tf.data.Dataset.from_generator(reviews, output_signature=signature).padded_batch(batch_size)


# %% fit_model
def fit_model(model, train_batches, validation_batches, epochs=12, patience=2):
    """One call of fit for all epochs; a callback of its own keeps the best weights."""

    class KeepBest(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.lowest, self.waited, self.weights = np.inf, 0, None

        def on_epoch_end(self, epoch, logs=None):
            if logs["val_loss"] < self.lowest:
                self.lowest, self.waited, self.weights = logs["val_loss"], 0, self.model.get_weights()
            else:
                self.waited += 1
                self.model.stop_training = self.waited >= patience

        def on_train_end(self, logs=None):
            self.model.set_weights(self.weights)

    model.compile(optimizer=keras.optimizers.RMSprop(0.002), loss=keras.losses.BinaryCrossentropy(), metrics=["accuracy"])
    return model.fit(
        train_batches, validation_data=validation_batches, epochs=epochs, callbacks=[KeepBest()], verbose=0
    )


# %% build_bag_of_words
def build_bag_of_words(size):
    """A logistic regression on counts: one weight for each word, summed over the words that are no padding."""
    ids = keras.Input((None,), dtype="int32")
    weights = layers.Embedding(size, 1)(ids)
    is_word = keras.ops.cast(keras.ops.not_equal(ids, 0), "float32")[..., None]
    total = keras.ops.sum(weights * is_word, axis=1)
    return keras.Model(ids, layers.Dense(1, activation="sigmoid")(total))


# %% build_lstm
def build_lstm():
    """Functional, with the activation in a layer of its own."""
    ids = keras.Input((None,), dtype="int32")
    x = layers.Embedding(10000, 64, mask_zero=True)(ids)
    x = layers.LSTM(128)(x)
    return keras.Model(ids, layers.Activation("sigmoid")(layers.Dense(1)(x)))


# %% lstm_parameters
def lstm_parameters(inputs, units, directions=1):
    """Matrix by matrix."""
    kernel, recurrent_kernel, bias = inputs * 4 * units, units * 4 * units, 4 * units
    return (kernel + recurrent_kernel + bias) * directions


# %% build_reader
def build_reader(size):
    """A GRU; dropout takes away whole numbers of the vectors."""
    ids = keras.Input((None,), dtype="int32")
    x = layers.Embedding(size, 32, mask_zero=True)(ids)
    x = layers.SpatialDropout1D(0.3)(x)
    x = layers.GRU(24)(x)
    return keras.Model(ids, layers.Dense(1, activation="sigmoid")(x))


# %% read_log
def read_log(text):
    """Split the lines by hand, without regular expressions."""
    rows, epoch = [], None
    for line in text.split("\n"):
        if line.startswith("Epoch "):
            epoch = int(line.split()[1].split("/")[0])
        if "/step" not in line:
            continue
        row = {"epoch": epoch}
        before, _, after = line.partition("/step")
        time = before.split()[-1]
        number = time.rstrip("msu")
        row["seconds_per_step"] = float(number) / {"s": 1, "ms": 1000, "us": 1_000_000}[time[len(number) :]]
        for piece in after.split(" - "):
            name, colon, value = piece.strip().partition(": ")
            if colon:
                row[name] = float(value)
        rows.append(row)
    return rows
