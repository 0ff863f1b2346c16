# Mistake: writes where the pen comes down, not where it is lifted: the first point of each line has the 1
# Loses: test_to_stroke3 2
# %% to_stroke3
def to_stroke3(lines):
    if len(lines) == 0 or any(len(line) == 0 for line in lines):
        raise ValueError("empty")
    points = np.concatenate(lines).astype("float64")
    pen = np.concatenate([np.arange(len(line)) == 0 for line in lines])
    return points[0], np.column_stack([np.diff(points, axis=0, prepend=points[:1]), pen])
