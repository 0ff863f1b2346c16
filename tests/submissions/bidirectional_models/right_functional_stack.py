# Style: functional models, reversing by sorting, a tagger of SimpleRNN layers trained with a loss function of its own
# %% reverse_real
def reverse_real(values, mask):
    """Sort the places: padding keeps its key, real steps get the key of their mirror image."""
    mask = np.asarray(mask)
    places = np.broadcast_to(np.arange(mask.shape[1]), mask.shape)
    first = np.where(mask, places, mask.shape[1]).min(axis=1, keepdims=True)
    last = np.where(mask, places, -1).max(axis=1, keepdims=True)
    order = np.argsort(np.where(mask, first + last - places, places), axis=1)
    return np.stack([row[places] for row, places in zip(np.asarray(values), order)])


# %% final_states
def final_states(ahead, behind, mask=None):
    """Turn padding into padding before, then behind."""
    ahead, behind = np.asarray(ahead), np.asarray(behind)
    if mask is not None:
        ahead = np.stack([row[real][-1:] for row, real in zip(ahead, mask)])
        behind = np.stack([row[real][:1] for row, real in zip(behind, mask)])
    return ahead[:, -1], behind[:, 0]


# %% build_stack
def build_stack(features, widths, classes, per_step):
    """The functional way, with the final states fetched by name."""
    inputs = keras.Input((None, features))
    steps = inputs
    for units in widths[:-1]:
        steps = layers.Bidirectional(layers.GRU(units, return_sequences=True))(steps)
    top = layers.Bidirectional(layers.GRU(widths[-1], return_sequences=True, return_state=True))
    steps, ahead, behind = top(steps)
    read = steps if per_step else layers.Concatenate()([ahead, behind])
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(read))


# %% is_causal
def is_causal(model, inputs):
    """Single large and small changes, drawn anew each time."""
    rng = np.random.default_rng()
    changes = [inputs * 0 - 5, inputs * 0 + 5, -inputs, inputs + 1]
    changes += [rng.uniform(-5, 5, inputs.shape).astype(inputs.dtype) for _ in range(3)]
    return not any(np.triu(dependencies(model, inputs, changed), k=1).any() for changed in changes)


# %% build_tagger
def build_tagger(both):
    """Two layers of SimpleRNN, each in one or in both directions."""
    phonemes = keras.Input((None,), dtype="int32")
    steps = layers.Embedding(SYMBOLS, 32, mask_zero=True)(phonemes)
    for _ in range(2):
        reader = layers.SimpleRNN(32, return_sequences=True)
        steps = (layers.Bidirectional(reader) if both else reader)(steps)
    return keras.Model(phonemes, layers.Dense(3, activation="softmax")(steps))


# %% fit_tagger
def fit_tagger(model, phonemes, labels, counted):
    """The label and whether it counts, side by side, for a loss that knows both."""

    def loss(label_and_count, probabilities):
        label, count = keras.ops.cast(label_and_count[..., 0], "int32"), label_and_count[..., 1]
        each = keras.ops.sparse_categorical_crossentropy(label, probabilities)
        return keras.ops.sum(each * count) / keras.ops.maximum(keras.ops.sum(count), 1.0)

    side_by_side = np.stack([labels, counted], axis=-1).astype("float32")
    rate = keras.optimizers.schedules.CosineDecay(0.005, 7 * -(-len(labels) // 64))
    model.compile(optimizer=keras.optimizers.Nadam(rate), loss=loss)
    return model.fit(phonemes, side_by_side, batch_size=64, epochs=7, verbose=0)
