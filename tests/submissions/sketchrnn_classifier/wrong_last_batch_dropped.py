# Mistake: drops the last batch where it is not full
# Loses: test_batches 3
# %% make_batches
def make_batches(drawings, labels, batch_size=64, shuffle=False):
    points = np.concatenate(drawings)
    rows = np.column_stack([points[:, :2], 1 - points[:, 2], points[:, 2]]).astype("float32")
    ragged = tf.RaggedTensor.from_row_lengths(rows, [len(drawing) for drawing in drawings])
    batches = tf.data.Dataset.from_tensor_slices((ragged, np.asarray(labels)))
    if shuffle:
        batches = batches.shuffle(len(drawings))
    return batches.ragged_batch(batch_size, drop_remainder=True).map(lambda strokes, label: (strokes.to_tensor(), label))
