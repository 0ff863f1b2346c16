# Mistake: a stub of the right shape: every class is equally probable
# Loses: test_classifier 7, test_classifier_unseen 8, test_recognise 3, test_recognise_unseen 6
# %% build_classifier
def build_classifier(classes):
    strokes = keras.Input((None, 4))
    zeros = keras.ops.zeros_like(strokes[:, 0, :1]) * keras.ops.ones((1, classes))
    return keras.Model(strokes, layers.Activation("softmax")(zeros))
