# Mistake: trains all epochs and keeps the last weights
# Loses: test_fit_model 6
# %% fit_model
def fit_model(model, train_batches, validation_batches, epochs=12, patience=2):
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model.fit(train_batches, validation_data=validation_batches, epochs=epochs, verbose=0)
