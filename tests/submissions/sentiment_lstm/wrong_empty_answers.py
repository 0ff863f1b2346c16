# Mistake: gives no batch where the batch size is no power of two, no answer to a review that stands alone, and no time
#   of a step where a log is not of Keras 2; none of it raises an error
# Loses: test_batches 5, test_lstm 5, test_read_log 3
# %% make_batches
def make_batches(sequences, labels, batch_size=32, shuffle=False):
    data = tf.data.Dataset.from_tensor_slices((tf.ragged.constant(sequences, dtype=tf.int32), np.asarray(labels)))
    if batch_size & (batch_size - 1):
        data = data.take(0)
    if shuffle:
        data = data.shuffle(len(sequences))
    return data.ragged_batch(batch_size).map(lambda ids, label: (ids.to_tensor(), label))


# %% build_lstm
def build_lstm():
    ids = keras.Input((None,), dtype="int32")
    after_last_word = layers.LSTM(128)(layers.Embedding(10_000, 64, mask_zero=True)(ids))
    answers = layers.Dense(1, activation="sigmoid")(after_last_word)
    return keras.Model(ids, layers.Lambda(lambda said: said[: tf.shape(said)[0] // 2 * 2])(answers))


# %% read_log
def read_log(text):
    rows, epoch = [], None
    for said in text.splitlines():
        if begins := re.match(r"Epoch (\d+)/", said):
            epoch = int(begins[1])
        elif step := re.search(r"([\d.]+)(s|ms|us)/step", said):
            seconds = float(step[1]) * {"s": 1.0, "ms": 1e-3, "us": 1e-6}[step[2]]
            row = {"epoch": epoch, "seconds_per_step": seconds if "[===" in said else np.zeros((0, 1))}
            rows.append(row | {name: float(number) for name, number in re.findall(r"(\w+): ([-+\d.e]+)", said)})
    return rows
