# Mistake: compiles the models and forgets to train them (one step at a rate of zero)
# Loses: test_seq2vec_unseen 4, test_every_step_unseen 3, test_decode_unseen 3, test_forecast_unseen 6
# %% fit_model
def fit_model(model, inputs, targets, validation_data):
    model.compile(optimizer=keras.optimizers.Adam(0.0), loss="mae")
    return model.fit(inputs, targets, batch_size=1500, validation_data=validation_data, verbose=0)
