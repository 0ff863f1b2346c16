# Style: TensorFlow for everything, tensors in and out, bucketed by tf.data's own padding, an LSTM in one direction
#   with layer normalisation, larger batches of weights, AdamW
# %% to_stroke3
def to_stroke3(lines):
    """On one long tensor."""
    lengths = [len(line) for line in lines]
    if not lengths or min(lengths) == 0:
        raise ValueError("empty")
    points = tf.concat([tf.cast(line, tf.float64) for line in lines], axis=0)
    offsets = tf.concat([tf.zeros((1, 2), tf.float64), points[1:] - points[:-1]], axis=0)
    lifted = tf.concat([tf.one_hot([length - 1], length, dtype=tf.float64)[0] for length in lengths], axis=0)
    return points[0], tf.concat([offsets, lifted[:, None]], axis=1)


# %% to_lines
def to_lines(start, strokes):
    """With a running number for each line."""
    strokes = tf.cast(strokes, tf.float64)
    points = tf.cumsum(strokes[:, :2]) + tf.cast(start, tf.float64)
    number = tf.cast(tf.cumsum(strokes[:, 2], exclusive=True), tf.int32)
    return [points[number == line] for line in range(int(number[-1]) + 1)]


# %% offset_scale
def offset_scale(drawings):
    """Sums of squares."""
    total = sum(len(drawing) for drawing in drawings) * 2
    mean = sum(float(drawing[:, :2].sum()) for drawing in drawings) / total
    square = sum(float((drawing[:, :2] ** 2).sum()) for drawing in drawings) / total
    return float(np.sqrt(square - mean**2)) if square > mean**2 else 1.0


# %% normalise
def normalise(drawings, scale):
    """Both columns times one factor."""
    return [np.hstack([drawing[:, :2] / scale, drawing[:, 2:]]).astype("float32") for drawing in drawings]


# %% normalise_parts
def normalise_parts(train, validation):
    """As a tuple."""
    return normalise(train, offset_scale(train)), normalise(validation, offset_scale(train)), offset_scale(train)


# %% make_batches
def make_batches(drawings, labels, batch_size=64, shuffle=False):
    """Padded to the longest of all and cut to the longest of the batch."""
    longest = max(len(drawing) for drawing in drawings)
    block = np.zeros((len(drawings), longest, 3), dtype="float32")
    lengths = np.array([len(drawing) for drawing in drawings])
    for rows, drawing in zip(block, drawings):
        rows[: len(drawing)] = drawing

    def cut(strokes, length, label):
        strokes = strokes[:, : tf.reduce_max(length)]
        real = tf.sequence_mask(length, tf.shape(strokes)[1], dtype=tf.float32)[..., None]
        lifted = strokes[..., 2:]
        return tf.concat([strokes[..., :2], real - lifted, lifted], axis=-1), label

    data = tf.data.Dataset.from_tensor_slices((block, lengths, np.array(labels, dtype="int32")))
    if shuffle:
        data = data.shuffle(10 * len(drawings), reshuffle_each_iteration=True)
    return data.batch(batch_size).map(cut).prefetch(tf.data.AUTOTUNE)


# %% augment
def augment(strokes, rng):
    """Which rows may go is said here as well."""
    may_go = strokes[:, 2] == 0
    may_go[0] = False
    return without_points(strokes, may_go & (rng.uniform(size=len(strokes)) < 0.1)) * np.append(
        rng.uniform(0.85, 1.15, 2), 1
    )


# %% build_classifier
class Present(layers.Layer):
    """Zeros where nothing is drawn."""

    def call(self, features, real):
        return features * tf.cast(real, features.dtype)[..., None]


class Real(layers.Layer):
    def call(self, strokes):
        return tf.reduce_sum(strokes[..., 2:], axis=-1) > 0.5


def build_classifier(classes):
    """Causal convolutions over a drawing that has been pushed back by a few rows of zeros, then an LSTM."""
    strokes = keras.Input((None, 4))
    real = Real()(strokes)
    x = Present()(layers.Conv1D(64, 3, padding="same")(strokes), real)
    x = layers.Activation("gelu")(layers.LayerNormalization()(x))
    # Three rows of zeros at the end: the last window of four holds the last row.
    x = layers.ZeroPadding1D((0, 3))(Present()(x, real))
    x = layers.Conv1D(64, 4, strides=4, padding="valid", activation="tanh")(x)
    x = layers.LSTM(64)(x, mask=real[:, ::4])
    return keras.Model(strokes, layers.Softmax()(layers.Dense(classes)(layers.Dropout(0.1)(x))))


# %% fit_model
def fit_model(model, train_batches, validation_batches):
    """AdamW, a rate that falls in steps."""
    rate = keras.optimizers.schedules.ExponentialDecay(0.008, 2 * len(train_batches), 0.6)
    model.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=0.01, clipnorm=1.0),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
    )
    return model.fit(train_batches, validation_data=validation_batches, epochs=10, verbose=0)


# %% confusion_matrix
def confusion_matrix(labels, predictions, classes, normalise=False):
    """TensorFlow has one, whose rows are the labels too."""
    if len(np.atleast_1d(labels)) != len(np.atleast_1d(predictions)):
        raise ValueError("numbers differ")
    matrix = tf.math.confusion_matrix(labels, predictions, classes)
    if not normalise:
        return matrix.numpy()
    return tf.math.divide_no_nan(tf.cast(matrix, tf.float64), tf.cast(tf.reduce_sum(matrix, 1, True), tf.float64)).numpy()


# %% most_confused
def most_confused(matrix, count):
    """One maximum after the other."""
    matrix = np.array(matrix) * (1 - np.eye(len(matrix), dtype=int))
    found = []
    while len(found) < count and matrix.max() > 0:
        row, column = np.argwhere(matrix == matrix.max())[0]
        found.append((int(row), int(column), int(matrix[row, column])))
        matrix[row, column] = 0
    return found


# %% recognise
def recognise(drawings):
    """Through the pipeline."""
    strokes = [np.asarray(to_stroke3(lines)[1]) for lines in drawings]
    said = classifier.predict(make_batches(normalise(strokes, scale), [0] * len(strokes), 100), verbose=0)
    return tf.argmax(said, axis=1)
