# Style: plain Python lists for the small functions, a decoder with attention, a forecast that also learns from validation days
# %% make_windows
def make_windows(values, history=HISTORY, horizon=HORIZON, stride=1):
    """A loop over the days on which a window can begin."""
    histories, targets = [], []
    start = 0
    while start + history + horizon <= len(values):
        histories.append([[value] for value in values[start : start + history]])
        targets.append(list(values[start + history : start + history + horizon]))
        start += stride
    if not histories:
        raise ValueError("no window fits")
    return np.array(histories), np.array(targets)


# %% scaler
def fit_scaler(values):
    """Mean and standard deviation, from their definitions."""
    count = len(values)
    centre = sum(values) / count
    variance = sum((value - centre) ** 2 for value in values) / count
    return (centre, variance**0.5) if variance > 0 else (centre, 1.0)


def scale(values, scaler):
    """Scaled values."""
    centre, spread = scaler
    return (np.asarray(values) - centre) / spread


def unscale(scaled, scaler):
    """Values in thousands."""
    centre, spread = scaler
    return np.asarray(scaled) * spread + centre


# %% median_of_weeks
def median_of_weeks(histories, weeks=4):
    """Sort the same weekdays by hand."""
    forecasts = np.empty((len(histories), 7))
    for row, history in enumerate(histories):
        for day in range(7):
            same = sorted(float(history[day - 7 * back][0]) for back in range(1, weeks + 1))
            half = weeks // 2
            forecasts[row, day] = same[half] if weeks % 2 else (same[half - 1] + same[half]) / 2
    return forecasts


# %% build_seq2vec
def build_seq2vec():
    """A Bidirectional layer is legal here: the whole history is known before the answer."""
    model = keras.Sequential(name="two_directions")
    model.add(keras.Input(shape=(None, 1)))
    model.add(layers.Bidirectional(layers.LSTM(24)))
    model.add(layers.Dense(7, activation="linear"))
    return model


# %% build_every_step
def build_every_step():
    """Layer normalisation over the units of each step keeps the model causal."""
    return keras.Sequential(
        [
            keras.Input((None, 1)),
            layers.LSTM(32, return_sequences=True),
            layers.LayerNormalization(),
            layers.Dense(16, activation="tanh"),
            layers.Dense(7),
        ]
    )


# %% build_encoder_decoder
def build_encoder_decoder():
    """The decoder may also look back at every day of the history."""
    histories, previous = keras.Input((None, 1)), keras.Input((None, 1))
    remembered, hidden, cell_state = layers.LSTM(32, return_sequences=True, return_state=True)(histories)
    said = layers.LSTM(32, return_sequences=True)(previous, initial_state=[hidden, cell_state])
    looked_up = layers.Attention()([said, remembered])
    together = layers.Concatenate()([said, looked_up])
    return keras.Model([histories, previous], layers.Dense(1)(together))


# %% forecast
days_known = np.concatenate([train, validation])
final_scaler = fit_scaler(days_known)
final_model = None


def forecast(histories):
    """A model of its own, trained at the first call on all the days that are known by now."""
    global final_model
    if final_model is None:
        scaled = scale(days_known, final_scaler)
        inputs, _ = make_windows(scaled, stride=STRIDE)
        final_model = build_every_step()
        rate = keras.optimizers.schedules.CosineDecay(0.01, 12 * -(-len(inputs) // 32))
        final_model.compile(optimizer=keras.optimizers.Adam(rate, clipnorm=1.0), loss="mae")
        final_model.fit(inputs, every_step_targets(scaled, stride=STRIDE), epochs=12, batch_size=32, verbose=0)
    scaled = final_model.predict(scale(histories, final_scaler), verbose=0)
    return unscale(scaled[:, -1], final_scaler)
