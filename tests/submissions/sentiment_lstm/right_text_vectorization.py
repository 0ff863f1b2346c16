# Style: Keras' TextVectorization for the words, a pipeline of ragged batches, subclassed models
# %% words
def words(text):
    """TensorFlow's own string functions."""
    plain = tf.strings.regex_replace(tf.strings.lower(text), "<br />", " ")
    plain = tf.strings.regex_replace(plain, r"[^\pL\pN']", " ")
    return [word.decode() for word in tf.strings.split(plain).numpy()]


# %% build_vocabulary
def build_vocabulary(texts, size):
    """TextVectorization counts the words."""
    if size == 2:  # the layer wants a word at least
        return ["", "[UNK]"]
    layer = layers.TextVectorization(max_tokens=size, standardize=None, split="whitespace")
    layer.adapt([" ".join(re.findall(r"[^\W_']*(?:'|[^\W_])+", text.lower().replace("<br />", " "))) for text in texts])
    return layer.get_vocabulary()


# %% encode
def encode(texts, vocabulary):
    """A StringLookup knows the numbers."""
    lookup = layers.StringLookup(vocabulary=vocabulary[2:], mask_token="", oov_token="[UNK]")
    cut = [re.findall(r"[^\W_']*(?:'|[^\W_])+", text.lower().replace("<br />", " ")) for text in texts]
    return lookup(tf.ragged.constant(cut)).to_list()


# %% make_batches
def make_batches(sequences, labels, batch_size=32, shuffle=False):
    """Batches of a ragged tensor, padded one by one, as in the example."""
    ragged = tf.ragged.constant(sequences, dtype=tf.int64)
    reviews = tf.data.Dataset.from_tensor_slices((ragged, tf.constant(np.asarray(labels), dtype=tf.float32)))
    if shuffle:
        reviews = reviews.shuffle(10**6, reshuffle_each_iteration=True)
    return reviews.ragged_batch(batch_size).map(lambda ids, label: (ids.to_tensor(0), label))


# %% fit_model
def fit_model(model, train_batches, validation_batches, epochs=12, patience=2):
    """The weights of the best epoch go through a file."""
    import tempfile

    model.compile("nadam", "binary_crossentropy", metrics=["accuracy"])
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/best.weights.h5"
        history = model.fit(
            train_batches,
            validation_data=validation_batches,
            epochs=epochs,
            verbose=0,
            callbacks=[
                keras.callbacks.ModelCheckpoint(path, monitor="val_loss", save_best_only=True, save_weights_only=True),
                keras.callbacks.EarlyStopping("val_loss", patience=patience),
            ],
        )
        model.load_weights(path)
    return history


# %% build_lstm
class Classifier(keras.Model):
    """Vectors of words, recurrent layers, one unit; the mask is handed on by hand."""

    def __init__(self, size, width, recurrent, dropout=0.0):
        super().__init__()
        self.embed = layers.Embedding(size, width)
        self.drop = layers.Dropout(dropout)
        self.recurrent = recurrent
        self.decide = layers.Dense(1, activation="sigmoid")

    def call(self, ids, training=None):
        mask = keras.ops.not_equal(ids, 0)
        x = self.drop(self.embed(ids), training=training)
        for layer in self.recurrent:
            x = layer(x, mask=mask) if len(x.shape) == 3 else layer(x)
        return self.decide(x)


def build_lstm():
    """Subclassed."""
    return Classifier(10_000, 64, [layers.LSTM(128)])


# %% build_bidirectional
def build_bidirectional():
    """Subclassed, two layers."""
    lower = layers.Bidirectional(layers.LSTM(128, return_sequences=True))
    upper = layers.Bidirectional(layers.LSTM(128))
    return Classifier(10_000, 64, [lower, upper])


# %% build_reader
def build_reader(size):
    """Subclassed, more units, more dropout."""
    return Classifier(size, 64, [layers.LSTM(64)], dropout=0.5)


# %% lstm_parameters
def lstm_parameters(inputs, units, directions=1):
    """Build the layer and let Keras count."""
    layer = layers.LSTM(units)
    if directions == 2:
        layer = layers.Bidirectional(layer)
    layer.build((None, None, inputs))
    return layer.count_params()


# %% summarise
def summarise(rows):
    """A loop."""
    best = rows[0]
    for row in rows[1:]:
        if row["val_loss"] < best["val_loss"]:
            best = row
    times = sorted(row["seconds_per_step"] for row in rows)
    middle = len(times) // 2
    median = times[middle] if len(times) % 2 else (times[middle - 1] + times[middle]) / 2
    last = rows[-1]
    return {"best_epoch": best["epoch"], "gap": last["accuracy"] - last["val_accuracy"], "seconds_per_step": median}
