# Style: loops over points, a generator with padded_batch, a subclassed model in which a GRU answers at every step
#   and the real steps are averaged, all convolutions before it without strides
# %% to_stroke3
def to_stroke3(lines):
    """Walk along the points one by one."""
    if not lines:
        raise ValueError("no lines")
    start, before, rows = None, None, []
    for line in lines:
        if len(line) < 1:
            raise ValueError("a line without points")
        for number, (x, y) in enumerate(line):
            if start is None:
                start = before = (float(x), float(y))
            rows.append([x - before[0], y - before[1], float(number == len(line) - 1)])
            before = (float(x), float(y))
    return np.array(start), np.array(rows, dtype=np.float64)


# %% to_lines
def to_lines(start, strokes):
    """Collect points until the pen is lifted."""
    x, y = float(start[0]), float(start[1])
    lines, line = [], []
    for dx, dy, lifted in np.asarray(strokes).tolist():
        x, y = x + dx, y + dy
        line.append((x, y))
        if lifted:
            lines.append(np.array(line))
            line = []
    return [*lines, np.array(line)] if line else lines


# %% offset_scale
def offset_scale(drawings):
    """The deviation of a sample, from sums."""
    numbers = [number for drawing in drawings for row in drawing for number in row[:2]]
    mean = sum(numbers) / len(numbers)
    variance = sum((number - mean) ** 2 for number in numbers) / max(len(numbers) - 1, 1)
    return variance**0.5 or 1.0


# %% normalise
def normalise(drawings, scale):
    """Copies, divided in place."""
    copies = [np.array(drawing, dtype="float64") for drawing in drawings]
    for drawing in copies:
        drawing[:, :2] /= scale
    return copies


# %% make_batches
def make_batches(drawings, labels, batch_size=64, shuffle=False):
    """A generator that mixes a list of numbers."""
    rng = np.random.default_rng(8)

    def rows():
        order = rng.permutation(len(drawings)) if shuffle else range(len(drawings))
        for number in order:
            dx, dy, lifted = np.asarray(drawings[number], dtype="float32").T
            yield np.stack([dx, dy, 1 - lifted, lifted], axis=1), labels[number]

    signature = tf.TensorSpec([None, 4], tf.float32), tf.TensorSpec([], tf.int64)
    return (
        tf.data.Dataset.from_generator(rows, output_signature=signature)
        .padded_batch(batch_size)
        .apply(tf.data.experimental.assert_cardinality(-(-len(drawings) // batch_size)))
    )


# %% without_points
def without_points(strokes, dropped):
    """Add the offsets of a point left out to those of the next point that stays."""
    rows, dx, dy = [], 0.0, 0.0
    for number, (x, y, lifted) in enumerate(strokes):
        dx, dy = dx + x, dy + y
        if number == 0 or lifted or not dropped[number]:
            rows.append([dx, dy, lifted])
            dx, dy = 0.0, 0.0
    return np.array(rows)


# %% augment
def augment(strokes, rng):
    """Stretch first, then leave points out, each by its own throw of its own dice."""
    of_size, of_points = rng.spawn(2)
    x, y = 0.85 + 0.3 * of_size.random(), 0.85 + 0.3 * of_size.random()
    wider = np.stack([x * strokes[:, 0], y * strokes[:, 1], strokes[:, 2]], axis=1)
    return without_points(wider, [of_points.random() < 0.1 for _ in wider])


# %% build_classifier
class Reader(keras.Model):
    def __init__(self, classes):
        super().__init__()
        self.first = layers.Conv1D(32, 5, padding="same", activation="relu")
        self.pool = layers.AveragePooling1D(4, padding="valid")
        self.reader = layers.GRU(64, return_sequences=True)
        self.out = layers.Dense(classes, activation="softmax")

    def call(self, strokes):
        present = tf.cast(tf.reduce_any(strokes != 0, axis=-1, keepdims=True), tf.float32)
        features = self.first(strokes) * present
        # A step of four rows is real if any of them is; three rows of zeros fill up the last one.
        filled = tf.pad(features, [[0, 0], [0, 3], [0, 0]])
        real = self.pool(tf.pad(present, [[0, 0], [0, 3], [0, 0]])) > 0
        said = self.reader(self.pool(filled), mask=real[..., 0])
        weights = tf.cast(real, tf.float32)
        return self.out(tf.reduce_sum(said * weights, axis=1) / tf.reduce_sum(weights, axis=1))


def build_classifier(classes):
    """A subclassed model."""
    return Reader(classes)


# %% fit_model
def fit_model(model, train_batches, validation_batches):
    """RMSprop, and the best epoch is kept."""
    loss = keras.losses.SparseCategoricalCrossentropy()
    rate = keras.optimizers.schedules.PolynomialDecay(0.004, 12 * len(train_batches), 0.0002)
    model.compile(keras.optimizers.RMSprop(rate, clipnorm=1.0), loss=loss, metrics=["accuracy"], jit_compile=False)
    best = keras.callbacks.EarlyStopping(patience=12, restore_best_weights=True)
    return model.fit(train_batches, validation_data=validation_batches, epochs=12, callbacks=[best], verbose=0)


# %% confusion_matrix
def confusion_matrix(labels, predictions, classes, normalise=False):
    """Count in a loop."""
    if len(labels) != len(predictions):
        raise ValueError("not as many predictions as labels")
    counts = [[0] * classes for _ in range(classes)]
    for label, prediction in zip(labels, predictions):
        counts[label][prediction] += 1
    if normalise:
        counts = [[count / sum(row) if sum(row) else 0.0 for count in row] for row in counts]
    return np.array(counts)


# %% most_confused
def most_confused(matrix, count):
    """Sort all pairs."""
    pairs = [
        (row, column, int(number))
        for row, numbers in enumerate(matrix)
        for column, number in enumerate(numbers)
        if row != column and number
    ]
    return sorted(pairs, key=lambda pair: pair[2], reverse=True)[:count]


# %% recognise
def recognise(drawings):
    """The classifier is called on one padded array."""
    strokes = normalise([to_stroke3(list(lines))[1] for lines in drawings], scale)
    block = np.zeros((len(strokes), max(map(len, strokes)), 4), dtype="float32")
    for rows, drawing in zip(block, strokes):
        rows[: len(drawing), :2] = drawing[:, :2]
        rows[: len(drawing), 2] = drawing[:, 2] == 0
        rows[: len(drawing), 3] = drawing[:, 2] == 1
    return np.argmax(classifier(block), axis=-1)
