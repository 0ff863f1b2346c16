# Mistake: puts the sorted reviews into batches first, and then shuffles the batches, ten at a time
# Loses: test_shuffle 6, test_bag_unseen 3, test_reader_unseen 7
# %% make_batches
def make_batches(sequences, labels, batch_size=32, shuffle=False):
    data = tf.data.Dataset.from_tensor_slices((tf.ragged.constant(sequences, dtype=tf.int32), np.asarray(labels)))
    data = data.ragged_batch(batch_size).map(lambda ids, label: (ids.to_tensor(), label))
    return data.shuffle(10) if shuffle else data
