# Mistake: watches the validation accuracy, which may stand still while the loss falls
# Loses: test_fit_model 3
# %% fit_model
def fit_model(model, train_batches, validation_batches, epochs=12, patience=2):
    stop = keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=patience, restore_best_weights=True)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model.fit(train_batches, validation_data=validation_batches, epochs=epochs, verbose=0, callbacks=[stop])
