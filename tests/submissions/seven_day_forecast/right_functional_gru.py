# Style: functional models with GRU layers, NumPy's sliding windows, training with early stopping
# %% split_in_time
def split_in_time(dates, values, validation_start, test_start):
    """Split a daily series into training, validation and test days."""
    if not (dates[1:] > dates[:-1]).all():
        raise ValueError("dates out of order")
    is_train = dates < validation_start
    is_test = dates >= test_start
    return values[is_train], values[~is_train & ~is_test], values[is_test]


# %% make_windows
def make_windows(values, history=HISTORY, horizon=HORIZON, stride=1):
    """Cut a series into pairs of a history and the days that follow it."""
    spans = np.lib.stride_tricks.sliding_window_view(values, history + horizon)[::stride]
    return spans[:, :history, np.newaxis].astype("float32"), spans[:, history:].astype("float32")


# %% every_step_targets
def every_step_targets(values, history=HISTORY, horizon=HORIZON, stride=1):
    """Targets for every step of the windows."""
    spans = np.lib.stride_tricks.sliding_window_view(values, history + horizon)[::stride]
    ahead = np.lib.stride_tricks.sliding_window_view(spans, horizon, axis=1)[:, 1:]
    return ahead.astype("float32")


# %% build_seq2vec
def build_seq2vec():
    """Two stacked GRU layers; the lower one hands on its whole sequence."""
    days = keras.Input((None, 1))
    x = layers.GRU(16, return_sequences=True)(days)
    x = layers.GRU(24)(x)
    return keras.Model(days, layers.Dense(7)(x))


# %% fit_model
def fit_model(model, inputs, targets, validation_data):
    """Adam at a fixed rate, and the weights of the best epoch."""
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mean_absolute_error")
    best = keras.callbacks.EarlyStopping(patience=6, restore_best_weights=True)
    return model.fit(
        inputs, targets, epochs=15, batch_size=32, validation_data=validation_data, callbacks=[best], verbose=0
    )


# %% build_every_step
def build_every_step():
    """A causal convolution below a GRU."""
    days = keras.Input((None, 1))
    x = layers.Conv1D(16, 7, padding="causal", activation="relu")(days)
    x = layers.GRU(32, return_sequences=True)(x)
    return keras.Model(days, layers.TimeDistributed(layers.Dense(7))(x))


# %% build_encoder_decoder
def build_encoder_decoder():
    """GRU encoder and GRU decoder: one state."""
    histories = keras.Input((None, 1))
    previous = keras.Input((None, 1))
    state = layers.GRU(32)(histories)
    x = layers.GRU(32, return_sequences=True)(previous, initial_state=state)
    return keras.Model(inputs=[histories, previous], outputs=layers.Dense(1)(x))


# %% decode
def decode(model, histories):
    """The loop with predict, and zeros where nothing has been said yet."""
    previous = np.zeros((len(histories), 7, 1), dtype="float32")
    previous[:, 0] = histories[:, -1]
    for day in range(7):
        said = model.predict([histories, previous], verbose=0)
        if day < 6:
            previous[:, day + 1] = said[:, day]
    return said[:, :, 0]


# %% forecast
def forecast(histories):
    """The mean of two models."""
    scaler = fit_scaler(train)
    one = in_thousands(lambda scaled: seq2vec.predict(scaled, verbose=0), histories, scaler)
    other = in_thousands(lambda scaled: every_step.predict(scaled, verbose=0)[:, -1], histories, scaler)
    return (one + other) / 2
