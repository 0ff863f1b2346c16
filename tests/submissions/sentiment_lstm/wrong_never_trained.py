# Mistake: trains at a rate of zero
# Loses: test_fit_model 8, test_bag_unseen 3, test_reader_unseen 7
# %% fit_model
def fit_model(model, train_batches, validation_batches, epochs=12, patience=2):
    model.compile(keras.optimizers.Adam(0.0), "binary_crossentropy", metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    return model.fit(train_batches, validation_data=validation_batches, epochs=epochs, verbose=0, callbacks=[stop])
