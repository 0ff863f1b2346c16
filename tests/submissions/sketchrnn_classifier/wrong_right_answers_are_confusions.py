# Mistake: counts right answers among the confusions
# Loses: test_most_confused 3
# %% most_confused
def most_confused(matrix, count):
    matrix = np.array(matrix)
    # The largest first.
    order = np.argsort(-matrix, axis=None)[:count]
    pairs = [(*np.unravel_index(place, matrix.shape), matrix.flat[place]) for place in order]
    return [tuple(int(number) for number in pair) for pair in pairs if pair[2] > 0]
