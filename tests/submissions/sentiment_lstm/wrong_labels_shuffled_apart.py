# Mistake: shuffles reviews and labels each for themselves, so that a review has the label of another
# Loses: test_batches 3, test_bag_unseen 3, test_reader_unseen 7
# %% make_batches
def make_batches(sequences, labels, batch_size=32, shuffle=False):
    ids = tf.data.Dataset.from_tensor_slices(tf.ragged.constant(sequences, dtype=tf.int32))
    truth = tf.data.Dataset.from_tensor_slices(np.asarray(labels))
    if shuffle:
        ids, truth = ids.shuffle(len(sequences)), truth.shuffle(len(sequences))
    ids = ids.ragged_batch(batch_size).map(lambda rows: rows.to_tensor())
    return tf.data.Dataset.zip((ids, truth.batch(batch_size)))
