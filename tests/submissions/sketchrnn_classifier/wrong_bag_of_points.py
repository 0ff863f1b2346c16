# Mistake: takes the mean over all points in place of reading them in order
# Loses: test_classifier 2, test_classifier_unseen 8, test_recognise_unseen 6
# %% build_classifier
def build_classifier(classes):
    strokes = keras.Input((None, 4))
    present = keras.ops.any(keras.ops.not_equal(strokes, 0), axis=-1)
    features = layers.Conv1D(48, 1, activation="relu")(layers.Conv1D(48, 1, activation="relu")(strokes))
    mean = layers.GlobalAveragePooling1D()(features, mask=present)
    return keras.Model(strokes, layers.Dense(classes, activation="softmax")(mean))
