# Mistake: draws one order and keeps it for all epochs
# Loses: test_shuffle 2
# %% make_batches
def make_batches(sequences, labels, batch_size=32, shuffle=False):
    data = tf.data.Dataset.from_tensor_slices((tf.ragged.constant(sequences, dtype=tf.int32), np.asarray(labels)))
    if shuffle:
        data = data.shuffle(len(sequences), reshuffle_each_iteration=False)
    return data.ragged_batch(batch_size).map(lambda ids, label: (ids.to_tensor(), label))
