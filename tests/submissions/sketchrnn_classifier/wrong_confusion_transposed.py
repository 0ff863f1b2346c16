# Mistake: has predicted classes in the rows
# Loses: test_confusion_matrix 5
# %% confusion_matrix
def confusion_matrix(labels, predictions, classes, normalise=False):
    if len(labels) != len(predictions):
        raise ValueError("numbers differ")
    matrix = np.zeros((classes, classes), dtype=int)
    np.add.at(matrix, (predictions, labels), 1)
    if normalise:
        return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    return matrix
