# Mistake: sums offsets up in float32
# Loses: test_to_lines 2
# %% to_lines
def to_lines(start, strokes):
    strokes = np.asarray(strokes, dtype="float32")
    points = np.float32(start) + np.cumsum(strokes[:, :2], axis=0)
    return np.split(points, np.flatnonzero(strokes[:-1, 2]) + 1)
