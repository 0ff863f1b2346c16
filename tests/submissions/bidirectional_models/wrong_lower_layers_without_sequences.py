# Mistake: return_sequences=per_step for every layer, so that a stack with one answer cannot be built
# Loses: test_stack 3
# %% build_stack
def build_stack(features, widths, classes, per_step):
    model = keras.Sequential([keras.Input((None, features))])
    for units in widths:
        model.add(layers.Bidirectional(layers.GRU(units, return_sequences=per_step)))
    model.add(layers.Dense(classes, activation="softmax"))
    return model
