# Mistake: shuffles with a buffer of 100, so that only neighbours are mixed
# Loses: test_shuffle 4, test_bag_unseen 3, test_reader_unseen 7
# %% make_batches
def make_batches(sequences, labels, batch_size=32, shuffle=False):
    data = tf.data.Dataset.from_tensor_slices((tf.ragged.constant(sequences, dtype=tf.int32), np.asarray(labels)))
    if shuffle:
        data = data.shuffle(100)
    return data.ragged_batch(batch_size).map(lambda ids, label: (ids.to_tensor(), label))
