# Mistake: pads before the first point
# Loses: test_batches 3
# %% make_batches
def make_batches(drawings, labels, batch_size=64, shuffle=False):
    rows = [np.column_stack([d[:, :2], 1 - d[:, 2], d[:, 2]]).astype("float32") for d in drawings]
    numbers = tf.data.Dataset.range(len(rows))
    if shuffle:
        numbers = numbers.shuffle(len(rows))
    ragged, labels = tf.ragged.constant([r[::-1].tolist() for r in rows], ragged_rank=1, dtype=tf.float32), np.array(labels)

    def look_up(chosen):
        return tf.gather(ragged, chosen).to_tensor(shape=[None, None, 4])[:, ::-1], tf.gather(labels, chosen)

    return numbers.batch(batch_size).map(look_up)
