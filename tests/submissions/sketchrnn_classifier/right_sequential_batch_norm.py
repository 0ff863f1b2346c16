# Style: a Sequential model of own masked layers with batch normalisation, one convolution over stacked neighbours,
#   a bidirectional GRU on top of a recurrent layer; a pipeline of flat rows and row lengths
# %% to_stroke3
def to_stroke3(lines):
    """One block for each line."""
    if any(np.size(line) == 0 for line in lines) or not len(lines):
        raise ValueError("nothing is drawn")
    pen, rows = np.array(lines[0][0], dtype=float), []
    for line in lines:
        line = np.array(line, dtype=float)
        moves = np.vstack([line[0] - pen, np.diff(line, axis=0)])
        rows.append(np.c_[moves, np.eye(len(line))[-1]])
        pen = line[-1]
    return np.array(lines[0][0], dtype=float), np.vstack(rows)


# %% to_lines
def to_lines(start, strokes):
    """Slices from one end to the next."""
    strokes = np.array(strokes, dtype=float)
    points = start + strokes[:, :2].cumsum(axis=0)
    ends = [*(np.nonzero(strokes[:, 2])[0] + 1)]
    if not ends or ends[-1] != len(strokes):
        ends.append(len(strokes))
    return [points[first:end] for first, end in zip([0, *ends], ends)]


# %% make_batches
def make_batches(drawings, labels, batch_size=64, shuffle=False):
    """tf.data chooses the numbers of drawings; they are looked up in a ragged tensor."""
    four = [np.c_[drawing[:, :2], drawing[:, 2] == 0, drawing[:, 2] == 1] for drawing in drawings]
    ragged = tf.ragged.stack([tf.constant(drawing, tf.float32) for drawing in four])
    labels = tf.constant(labels)
    numbers = tf.data.Dataset.range(len(drawings))
    if shuffle:
        numbers = numbers.shuffle(len(drawings))

    def look_up(chosen):
        return tf.gather(ragged, chosen).to_tensor(shape=[None, None, 4]), tf.gather(labels, chosen)

    return numbers.batch(batch_size).map(look_up)


# %% build_classifier
class Masked(layers.Layer):
    """Puts the mask of the drawing on, and keeps padding at zero."""

    def __init__(self):
        super().__init__()
        self.supports_masking = True

    def compute_mask(self, rows, mask=None):
        return keras.ops.any(keras.ops.not_equal(rows, 0), axis=-1) if mask is None else mask

    def call(self, rows, mask=None):
        mask = self.compute_mask(rows, mask)
        return rows * keras.ops.cast(mask, rows.dtype)[..., None]


class Narrow(layers.Layer):
    """A convolution with a stride of 2 whose windows lie the same for every length."""

    def __init__(self, filters):
        super().__init__()
        self.supports_masking = True
        self.pad, self.conv = layers.ZeroPadding1D((1, 2)), layers.Conv1D(filters, 4, strides=2, use_bias=False)
        self.norm = layers.BatchNormalization()

    def compute_mask(self, rows, mask=None):
        return mask[:, ::2]

    def call(self, rows, mask=None, training=None):
        rows = rows * keras.ops.cast(mask, rows.dtype)[..., None]
        return keras.activations.silu(self.norm(self.conv(self.pad(rows)), training=training))


def build_classifier(classes):
    """A Sequential model."""
    return keras.Sequential(
        [
            keras.Input((None, 4)),
            Masked(),
            Narrow(40),
            Narrow(56),
            layers.Bidirectional(layers.GRU(40)),
            layers.Dense(classes, "softmax"),
        ]
    )


# %% fit_model
def fit_model(model, train_batches, validation_batches):
    """Nadam at a constant rate."""
    model.compile("nadam", "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    model.optimizer.learning_rate = 0.004
    slower = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate if epoch < 5 else rate * 0.5)
    return model.fit(train_batches, validation_data=validation_batches, epochs=8, callbacks=[slower], verbose=0)


# %% recognise
def recognise(drawings):
    """With `classify`."""
    return classify(normalise([to_stroke3(lines)[1] for lines in drawings], scale)).astype("int32")
