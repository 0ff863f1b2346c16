# Mistake: takes the mean of all steps for the one answer, where the final states are wanted
# Loses: test_stack 2
# %% build_stack
def build_stack(features, widths, classes, per_step):
    inputs = keras.Input((None, features))
    steps = inputs
    for units in widths:
        steps = layers.Bidirectional(layers.GRU(units, return_sequences=True))(steps)
    read = steps if per_step else layers.GlobalAveragePooling1D()(steps)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(read))
