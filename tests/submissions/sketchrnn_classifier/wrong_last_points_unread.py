# Mistake: uses causal convolutions with strides, which never read the last rows of a drawing
# Loses: test_classifier 2
# %% build_classifier
def build_classifier(classes):
    strokes = keras.Input((None, 4))
    present = keras.ops.any(keras.ops.not_equal(strokes, 0), axis=-1)
    features = strokes
    for _ in range(2):
        clean = features * keras.ops.cast(present, "float32")[..., None]
        features = layers.Conv1D(48, 5, strides=2, padding="causal", activation="relu")(clean)
        present = present[:, ::2]
    summary = layers.Bidirectional(layers.GRU(48))(features, mask=present)
    return keras.Model(strokes, layers.Dense(classes, activation="softmax")(summary))
