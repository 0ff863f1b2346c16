# Mistake: gives the drawings in the order of the data, whatever shuffle says
# Loses: test_shuffle 5, test_classifier_unseen 8, test_recognise 3, test_recognise_unseen 6
# %% make_batches
def make_batches(drawings, labels, batch_size=64, shuffle=False):
    points = np.concatenate(drawings)
    rows = np.column_stack([points[:, :2], 1 - points[:, 2], points[:, 2]]).astype("float32")
    ragged = tf.RaggedTensor.from_row_lengths(rows, [len(drawing) for drawing in drawings])
    batches = tf.data.Dataset.from_tensor_slices((ragged, np.asarray(labels)))
    return batches.ragged_batch(batch_size).map(lambda strokes, label: (strokes.to_tensor(), label))
