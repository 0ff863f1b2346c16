# Mistake: takes a long offset for a slip of the pen and leaves out every batch that holds one; gives no shares where
#   the classes are not as many as in the example or in the data
# Loses: test_batches 8, test_shuffle 5, test_confusion_matrix 2
# %% make_batches
def make_batches(drawings, labels, batch_size=64, shuffle=False):
    points = np.concatenate(drawings)
    rows = np.column_stack([points[:, :2], 1 - points[:, 2], points[:, 2]]).astype("float32")
    ragged = tf.RaggedTensor.from_row_lengths(rows, [len(drawing) for drawing in drawings])
    batches = tf.data.Dataset.from_tensor_slices((ragged, np.asarray(labels)))
    if shuffle:
        batches = batches.shuffle(len(drawings))
    batches = batches.ragged_batch(batch_size).map(lambda strokes, label: (strokes.to_tensor(), label))
    batches = batches.filter(lambda strokes, label: tf.reduce_max(tf.abs(strokes)) < 50)
    return batches.apply(tf.data.experimental.assert_cardinality(-(-len(drawings) // batch_size)))


# %% confusion_matrix
def confusion_matrix(labels, predictions, classes, normalise=False):
    if np.shape(labels) != np.shape(predictions):
        raise ValueError("as many predictions as labels are wanted")
    matrix = np.zeros((classes, classes), dtype=int)
    np.add.at(matrix, (labels, predictions), 1)
    if not normalise:
        return matrix
    if classes not in (3, len(names)):
        return np.zeros((0, 1, classes))
    return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
