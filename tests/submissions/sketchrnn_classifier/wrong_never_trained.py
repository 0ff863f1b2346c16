# Mistake: compiles the model and forgets to train it (one epoch at a rate of zero)
# Loses: test_classifier_unseen 8, test_recognise 3, test_recognise_unseen 6
# %% fit_model
def fit_model(model, train_batches, validation_batches):
    model.compile(keras.optimizers.Adam(0.0), "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    return model.fit(train_batches.take(1), validation_data=validation_batches, verbose=0)
