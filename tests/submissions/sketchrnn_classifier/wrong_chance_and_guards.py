# Mistake: takes the chance that a point is left out from NumPy's common generator; guards against the examples only
# Loses: test_to_stroke3 1, test_augment 2, test_confusion_matrix 1
# %% to_stroke3
def to_stroke3(lines):
    if len(lines) == 0 or len(lines[-1]) == 0:
        raise ValueError("a line has no point")
    points = np.concatenate(lines).astype("float64")
    offsets = np.diff(points, axis=0, prepend=points[:1])
    lifted = np.zeros(len(points))
    lifted[np.cumsum([len(line) for line in lines]) - 1] = 1
    return points[0], np.column_stack([offsets, lifted])


# %% augment
def augment(strokes, rng):
    dropped = np.random.random(len(strokes)) < 0.1
    return without_points(strokes, dropped) * [*rng.uniform(0.85, 1.15, size=2), 1.0]


# %% confusion_matrix
def confusion_matrix(labels, predictions, classes, normalise=False):
    if np.size(predictions) == 1:
        raise ValueError("labels and predictions differ in number")
    matrix = np.zeros((classes, classes), dtype=int)
    for true, predicted in zip(labels, predictions):
        matrix[true, predicted] += 1
    return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1) if normalise else matrix
