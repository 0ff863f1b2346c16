# Mistake: takes the last step of both halves for the summary, where the backward half has read a single step
# Loses: test_final_states 6, test_stack 2
# %% final_states
def final_states(ahead, behind, mask=None):
    if mask is None:
        return np.asarray(ahead)[:, -1], np.asarray(behind)[:, -1]
    last = np.asarray(mask).shape[1] - 1 - np.asarray(mask)[:, ::-1].argmax(axis=1)
    rows = np.arange(len(last))
    return np.asarray(ahead)[rows, last], np.asarray(behind)[rows, last]


# %% build_stack
def build_stack(features, widths, classes, per_step):
    inputs = keras.Input((None, features))
    steps = inputs
    for units in widths:
        steps = layers.Bidirectional(layers.GRU(units, return_sequences=True))(steps)
    read = steps if per_step else steps[:, -1]
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(read))
