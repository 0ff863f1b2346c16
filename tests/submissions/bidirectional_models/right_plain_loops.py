# Style: plain loops and lists; in training, steps that do not count have a label that the loss ignores
# %% reverse_real
def reverse_real(values, mask):
    """Swap from both ends."""
    values = np.array(values, copy=True)
    for row in range(len(values)):
        left, right = 0, values.shape[1] - 1
        while left < right:
            if not mask[row][left]:
                left += 1
            elif not mask[row][right]:
                right -= 1
            else:
                values[row, [left, right]] = values[row, [right, left]]
                left, right = left + 1, right - 1
    return values


# %% both_directions
def both_directions(forward, backward, inputs, mask=None, merge_mode="concat"):
    """Each sequence alone, cut to its real steps: no layer ever sees padding."""
    if merge_mode not in ("concat", "sum", "mul", "ave", None):
        raise ValueError("no such mode")
    inputs = np.asarray(inputs)
    if mask is None:
        mask = np.full(inputs.shape[:2], True)
    halves = []
    for layer, order in ((forward, 1), (backward, -1)):
        rows = []
        for sequence, real in zip(inputs, mask):
            said = np.asarray(layer(sequence[real][None, ::order]))[0, ::order]
            row = np.zeros((len(real), said.shape[-1]))
            row[real] = said
            rows.append(row)
        halves.append(np.array(rows))
    if merge_mode is None:
        return tuple(halves)
    if merge_mode == "concat":
        return np.concatenate(halves, axis=2)
    if merge_mode == "mul":
        return np.prod(halves, axis=0)
    return np.sum(halves, axis=0) if merge_mode == "sum" else np.mean(halves, axis=0)


# %% final_states
def final_states(ahead, behind, mask=None):
    """Row by row."""
    if mask is None:
        mask = [[True] * len(row) for row in ahead]
    last, first = [], []
    for a, b, real in zip(ahead, behind, mask):
        last.append([step for step, is_real in zip(a, real) if is_real][-1])
        first.append([step for step, is_real in zip(b, real) if is_real][0])
    return np.array(last), np.array(first)


# %% count_parameters
def count_parameters(features, widths, classes):
    """How many parameters the model of `build_stack` has."""
    total = 0
    below = features
    for units in widths:
        gate = units * below + units * units + units + units  # kernel, recurrent kernel, two biases
        total = total + gate * 3 * 2
        below = units + units
    return total + below * classes + classes


# %% dependencies
def dependencies(model, inputs, changed):
    """Entry by entry."""
    time = inputs.shape[1]
    before = np.array(model(inputs))
    table = [[False] * time for _ in range(time)]
    for s in range(time):
        step = (np.arange(time) == s).reshape((1, time) + (1,) * (inputs.ndim - 2))
        after = np.array(model(np.where(step, changed, inputs)))
        for t in range(time):
            table[t][s] = bool(abs(after[:, t] - before[:, t]).max() > 1e-5)
    return np.array(table)


# %% look_ahead
def look_ahead(depends):
    """A loop over the map."""
    farthest = 0
    for t, row in enumerate(depends):
        for s, matters in enumerate(row):
            if matters and s - t > farthest:
                farthest = s - t
    return farthest


# %% is_causal
def is_causal(model, inputs):
    """Numbers on a grid."""
    for number in np.linspace(-5, 5, 7):
        if np.triu(dependencies(model, inputs, np.full_like(inputs, number)), 1).any():
            return False
    return True


# %% masked_loss
def masked_loss(labels, probabilities, counted):
    """Add and divide."""
    total, count = 0.0, 0
    for row, (of_row, counts) in enumerate(zip(labels, counted)):
        for step, (label, counts_here) in enumerate(zip(of_row, counts)):
            if counts_here:
                total -= np.log(probabilities[row][step][label])
                count += 1
    return total / count


# %% accuracies
def accuracies(labels, said, counted):
    """Add and divide."""
    steps, words = [], []
    for row in zip(labels, said, counted):
        right = [a == b for a, b, c in zip(*row) if c]
        steps += right
        words.append(all(right))
    return sum(steps) / len(steps), sum(words) / len(words)


# %% stress_table
def stress_table(phonemes, labels, counted, symbols, classes=3):
    """A list for each phoneme."""
    table = []
    for symbol in range(symbols):
        here = labels[(phonemes == symbol) & counted]
        table.append(int(np.bincount(here, minlength=classes).argmax()) if len(here) else 0)
    return table


# %% build_tagger
def build_tagger(both):
    """Two directions in parallel, by hand; a dropout and a hidden layer."""
    phonemes = keras.Input((None,), dtype="int32")
    steps = layers.Embedding(SYMBOLS, 24, mask_zero=True)(phonemes)
    read = layers.GRU(32, return_sequences=True)(steps)
    if both:
        backward = layers.GRU(32, return_sequences=True, go_backwards=True)(steps)
        # Keras gives these states from the last step to the first, padding first.
        backward = keras.ops.flip(backward, axis=1)
        read = layers.Concatenate()([read, backward])
    read = layers.Dense(48, activation="relu")(layers.Dropout(0.1)(read))
    return keras.Model(phonemes, layers.Dense(3, activation="softmax")(read))


# %% fit_tagger
def fit_tagger(model, phonemes, labels, counted):
    """A label of -1 is ignored."""
    wanted = np.where(counted, labels, -1)
    loss = keras.losses.SparseCategoricalCrossentropy(ignore_class=-1)
    rate = keras.optimizers.schedules.CosineDecay(0.01, 6 * -(-len(labels) // 96))
    model.compile(optimizer=keras.optimizers.Adam(rate, clipnorm=1.0), loss=loss)
    return model.fit(phonemes, wanted, batch_size=96, epochs=6, verbose=0)
