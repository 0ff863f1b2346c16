# Style: TensorFlow tensors, subclassed models, whole rows turned together with their mask, all changes in one batch
# %% reverse_real
import tensorflow as tf


def reverse_real(values, mask):
    """Gather each real step from its mirror image."""
    values, mask = tf.convert_to_tensor(values), tf.convert_to_tensor(mask)
    steps = tf.range(tf.shape(mask)[1])
    first = tf.argmax(mask, axis=1, output_type=tf.int32)
    last = first + tf.reduce_sum(tf.cast(mask, tf.int32), axis=1) - 1
    mirrored = (first + last)[:, tf.newaxis] - steps
    return tf.gather(values, tf.where(mask, mirrored, steps), batch_dims=1)


# %% both_directions
def both_directions(forward, backward, inputs, mask=None, merge_mode="concat"):
    """As Keras does it: rows and masks are turned, padding and all."""
    inputs = tf.convert_to_tensor(inputs)
    if mask is None:
        ahead, behind = forward(inputs), backward(inputs[:, ::-1])
    else:
        ahead = forward(inputs, mask=tf.constant(mask))
        behind = backward(inputs[:, ::-1], mask=tf.constant(np.asarray(mask)[:, ::-1]))
    halves = [ahead, behind[:, ::-1]]
    if merge_mode is None:
        return halves
    if merge_mode == "concat":
        return tf.concat(halves, axis=-1)
    if merge_mode == "mul":
        return halves[0] * halves[1]
    if merge_mode in ("sum", "ave"):
        return tf.add_n(halves) / (1 if merge_mode == "sum" else 2)
    raise ValueError(merge_mode)


# %% final_states
def final_states(ahead, behind, mask=None):
    """Through the running count of real steps."""
    ahead, behind = tf.cast(ahead, tf.float32), tf.cast(behind, tf.float32)
    if mask is None:
        return ahead[:, -1], behind[:, 0]
    count = np.cumsum(mask, axis=1) * np.asarray(mask)
    is_first, is_last = count == 1, count == count.max(axis=1, keepdims=True)
    return tf.boolean_mask(ahead, is_last), tf.boolean_mask(behind, is_first)


# %% build_stack
class Stack(keras.Model):
    def __init__(self, widths, classes, per_step):
        super().__init__()
        wanted = [True] * (len(widths) - 1) + [per_step]
        self.readers = [
            layers.Bidirectional(layers.GRU(units, return_sequences=sequences))
            for units, sequences in zip(widths, wanted)
        ]
        self.out = layers.Dense(classes, activation="softmax")

    def call(self, inputs):
        for reader in self.readers:
            inputs = reader(inputs)
        return self.out(inputs)


def build_stack(features, widths, classes, per_step):
    """A subclassed model, called once so that it has its weights."""
    model = Stack(widths, classes, per_step)
    model(tf.zeros((1, 2, features)))
    return model


# %% count_parameters
def count_parameters(features, widths, classes):
    """Block by block."""
    reads = [features] + [2 * units for units in widths]
    of_layers = [6 * (units * below + units**2 + 2 * units) for below, units in zip(reads, widths)]
    return sum(of_layers) + reads[-1] * classes + classes


# %% dependencies
def dependencies(model, inputs, changed):
    """All changes in one large batch."""
    inputs, changed = np.asarray(inputs), np.asarray(changed)
    batch, time = inputs.shape[:2]
    copies = np.repeat(inputs[None], time + 1, axis=0)  # the last one is not changed
    for step in range(time):
        copies[step, :, step] = changed[:, step]
    answers = np.asarray(model(copies.reshape(-1, *inputs.shape[1:])))
    answers = answers.reshape(time + 1, batch, time, -1)
    return (np.abs(answers[:-1] - answers[-1]) > 1e-5).any(axis=(1, 3)).T


# %% look_ahead
def look_ahead(depends):
    """The highest diagonal that is not empty."""
    depends = np.asarray(depends)
    return max(k for k in range(len(depends)) if k == 0 or depends.diagonal(k).any())


# %% is_causal
def is_causal(model, inputs):
    """Change everything from a step on, in many ways."""
    inputs = np.asarray(inputs)
    before, rng = np.asarray(model(inputs)), np.random.default_rng()
    for size in (0.5, 2, 5, 5, 5):
        for step in range(1, inputs.shape[1]):
            other = inputs.copy()
            other[:, step:] = rng.choice([-1, 1], size=other[:, step:].shape) * size * rng.random(other[:, step:].shape)
            alone = inputs.copy()
            alone[:, step] = rng.choice([-size, size], size=alone[:, step].shape)
            for later in (other, alone):
                if np.abs(np.asarray(model(later)) - before)[:, :step].max() > 1e-5:
                    return False
    return True


# %% masked_loss
def masked_loss(labels, probabilities, counted):
    """Keras' own loss, with weights."""
    each = keras.losses.sparse_categorical_crossentropy(labels, tf.constant(probabilities, tf.float32))
    weights = tf.cast(counted, tf.float32)
    return (tf.reduce_sum(each * weights) / tf.reduce_sum(weights)).numpy()


# %% build_tagger
class Tagger(keras.Model):
    def __init__(self, both):
        super().__init__()
        self.embedding = layers.Embedding(SYMBOLS, 40)
        self.reader = layers.LSTM(32, return_sequences=True)
        if both:
            self.reader = layers.Bidirectional(self.reader, merge_mode="sum")
        self.out = layers.Dense(3, activation="softmax")

    def call(self, phonemes):
        phonemes = tf.cast(phonemes, tf.int32)
        return self.out(self.reader(self.embedding(phonemes), mask=phonemes > 0))


def build_tagger(both):
    """A subclassed model with a mask of its own."""
    return Tagger(both)


# %% fit_tagger
def fit_tagger(model, phonemes, labels, counted):
    """Through a tf.data pipeline with weights."""
    data = tf.data.Dataset.from_tensor_slices((phonemes, labels, np.asarray(counted, "float32")))
    data = data.shuffle(len(labels)).batch(64)
    rate = keras.optimizers.schedules.ExponentialDecay(0.01, len(data) * 2, 0.5)
    model.compile(optimizer=keras.optimizers.AdamW(rate), loss="sparse_categorical_crossentropy")
    return model.fit(data, epochs=6, verbose=0)
