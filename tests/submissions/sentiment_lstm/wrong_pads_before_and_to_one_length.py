# Mistake: pads all reviews to the longest of the data, and before their first word, as pad_sequences does by default
# Loses: test_batches 3
# %% make_batches
def make_batches(sequences, labels, batch_size=32, shuffle=False):
    ids = keras.utils.pad_sequences(sequences)
    data = tf.data.Dataset.from_tensor_slices((ids, np.asarray(labels)))
    if shuffle:
        data = data.shuffle(len(ids))
    return data.batch(batch_size)
