# Mistake: leaves rows out without adding their offsets to the next row
# Loses: test_without_points 6, test_augment 2
# %% without_points
def without_points(strokes, dropped):
    kept = ~np.asarray(dropped) | (strokes[:, 2] == 1)
    kept[0] = True
    return strokes[kept].astype("float64")
