# Style: subclassed models, TensorFlow tensors everywhere, float32
# %% split_in_time
def split_in_time(dates, values, validation_start, test_start):
    """Walk through the days one by one."""
    for day in range(1, len(dates)):
        if dates[day] <= dates[day - 1]:
            raise ValueError(f"{dates[day]} comes after {dates[day - 1]}")
    parts = [], [], []
    for date, value in zip(dates, values):
        parts[int(date >= validation_start) + int(date >= test_start)].append(value)
    return tuple(np.array(part) for part in parts)


# %% make_windows
import tensorflow as tf


def make_windows(values, history=HISTORY, horizon=HORIZON, stride=1):
    """tf.signal.frame cuts the windows."""
    values = tf.constant(values, dtype=tf.float32)
    if len(values) < history + horizon:
        raise ValueError("too short")
    frames = tf.signal.frame(values, history + horizon, stride)
    return frames[:, :history, tf.newaxis], frames[:, history:]


# %% scaler
def fit_scaler(values):
    """Centre and spread, the spread as a sample's."""
    values = np.asarray(values, dtype="float64")
    spread = values.std(ddof=1)
    return values.mean(), spread if spread else 1.0


def scale(values, scaler):
    """Scaled values."""
    return (values - scaler[0]) / scaler[1]


def unscale(scaled, scaler):
    """Values in thousands."""
    return scaler[0] + scaler[1] * scaled


# %% in_thousands
def in_thousands(predict, histories, scaler):
    """Forecasts in thousands."""
    scaled = scale(tf.cast(histories, tf.float32), scaler)
    return unscale(np.array(predict(scaled)), scaler)


# %% mae
def mae(actual, forecast):
    """Mean absolute error."""
    actual, forecast = np.asarray(actual, dtype="float64"), np.asarray(forecast, dtype="float64")
    if actual.shape != forecast.shape:
        raise ValueError("shapes differ")
    return tf.reduce_mean(tf.abs(actual - forecast)).numpy()


# %% mase
def mase(actual, forecast, train, season=7):
    """Mean absolute scaled error."""
    naive = sum(abs(train[t] - train[t - season]) for t in range(season, len(train))) / (len(train) - season)
    return mae(actual, forecast) / naive


# %% baselines
def last_value(histories):
    """The last day, seven times."""
    return tf.tile(tf.convert_to_tensor(histories)[:, -1], [1, 7])


def seasonal_naive(histories):
    """The last week."""
    return tf.squeeze(tf.convert_to_tensor(histories)[:, -7:], axis=-1)


# %% median_of_weeks
def median_of_weeks(histories, weeks=4):
    """Day by day."""
    histories = np.asarray(histories)[:, :, 0]
    days = [np.median(histories[:, day - 7 * weeks :: 7][:, :weeks], axis=1) for day in range(7)]
    return np.stack(days, axis=1)


# %% build_seq2vec
class Seq2Vec(keras.Model):
    def __init__(self):
        super().__init__()
        self.reader = layers.LSTM(40)
        self.hidden = layers.Dense(32, activation="relu")
        self.out = layers.Dense(7)

    def call(self, days):
        return self.out(self.hidden(self.reader(days)))


def build_seq2vec():
    """A subclassed model."""
    return Seq2Vec()


# %% fit_model
def fit_model(model, inputs, targets, validation_data):
    """Through a tf.data pipeline that shuffles whole windows."""
    if isinstance(inputs, list):
        pairs = tf.data.Dataset.from_tensor_slices((tuple(inputs), targets))
        held_out = tf.data.Dataset.from_tensor_slices((tuple(validation_data[0]), validation_data[1]))
    else:
        pairs = tf.data.Dataset.from_tensor_slices((inputs, targets))
        held_out = tf.data.Dataset.from_tensor_slices(validation_data)
    pairs = pairs.shuffle(len(targets), seed=3).batch(32)
    rate = keras.optimizers.schedules.ExponentialDecay(0.008, len(pairs) * 4, 0.5)
    model.compile(optimizer=keras.optimizers.AdamW(rate, clipnorm=1.0), loss="mae")
    return model.fit(pairs, validation_data=held_out.batch(256), epochs=16, verbose=0)


# %% every_step_targets
def every_step_targets(values, history=HISTORY, horizon=HORIZON, stride=1):
    """Loops, spelt out."""
    rows = []
    for start in range(0, len(values) - history - horizon + 1, stride):
        rows.append([values[start + step + 1 : start + step + 1 + horizon] for step in range(history)])
    return tf.constant(np.array(rows), dtype=tf.float32)


# %% build_every_step
class EveryStep(keras.Model):
    def __init__(self):
        super().__init__()
        self.reader = layers.LSTM(40, return_sequences=True)
        self.out = layers.Dense(7)

    def call(self, days):
        return self.out(self.reader(days))


def build_every_step():
    """A subclassed model."""
    return EveryStep()


# %% decoder_inputs
def decoder_inputs(histories, targets):
    """The last day of the history, then the targets but the last."""
    targets = tf.cast(targets, tf.float32)[..., tf.newaxis]
    return tf.concat([tf.cast(histories, tf.float32)[:, -1:], targets[:, :-1]], axis=1)


# %% build_encoder_decoder
class EncoderDecoder(keras.Model):
    def __init__(self):
        super().__init__()
        self.encoder = layers.LSTM(32, return_state=True)
        self.decoder = layers.LSTM(32, return_sequences=True)
        self.out = layers.Dense(1)

    def call(self, inputs):
        histories, previous = inputs
        _, hidden, cell_state = self.encoder(histories)
        return self.out(self.decoder(previous, initial_state=[hidden, cell_state]))


def build_encoder_decoder():
    """A subclassed model."""
    return EncoderDecoder()


# %% decode
def decode(model, histories):
    """The loop on tensors."""
    histories = tf.cast(histories, tf.float32)
    read = histories[:, -1:]
    while read.shape[1] <= 7:
        read = tf.concat([read, model([histories, read])[:, -1:]], axis=1)
    return tf.squeeze(read[:, 1:], axis=-1)


# %% forecast
def forecast(histories):
    """The model that answers at every step, called directly."""
    scaler = fit_scaler(train)
    scaled = tf.cast(scale(np.asarray(histories), scaler), tf.float32)
    return unscale(every_step(scaled)[:, -1], scaler).numpy()
