# Mistake: counts the offsets of each line anew, so that the way through the air is lost
# Loses: test_to_stroke3 4, test_recognise_unseen 6
# %% to_stroke3
def to_stroke3(lines):
    if len(lines) == 0 or any(len(line) == 0 for line in lines):
        raise ValueError("empty")
    rows = []
    for line in lines:
        offsets = np.diff(line, axis=0, prepend=line[:1])
        rows.append(np.column_stack([offsets, np.arange(1, len(line) + 1) == len(line)]))
    return np.float64(lines[0][0]), np.concatenate(rows).astype("float64")
