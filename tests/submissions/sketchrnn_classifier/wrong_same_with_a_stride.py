# Mistake: uses padding="same" with a stride, whose windows move with the length of the batch
# Loses: test_classifier 4
# %% build_classifier
def build_classifier(classes):
    strokes = keras.Input((None, 4))
    present = keras.ops.any(keras.ops.not_equal(strokes, 0), axis=-1)
    features = strokes
    for _ in range(2):
        clean = features * keras.ops.cast(present, "float32")[..., None]
        features = layers.Conv1D(48, 5, strides=2, padding="same", activation="relu")(clean)
        present = present[:, ::2]
    summary = layers.Bidirectional(layers.GRU(48))(features, mask=present)
    return keras.Model(strokes, layers.Dense(classes, activation="softmax")(summary))
