# Mistake: "return_sequences=True for all but the last layer", also where each step has an answer
# Loses: test_stack 4
# %% build_stack
def build_stack(features, widths, classes, per_step):
    model = keras.Sequential([keras.Input((None, features))])
    for depth, units in enumerate(widths):
        model.add(layers.Bidirectional(layers.GRU(units, return_sequences=depth < len(widths) - 1)))
    model.add(layers.Dense(classes, activation="softmax"))
    return model
