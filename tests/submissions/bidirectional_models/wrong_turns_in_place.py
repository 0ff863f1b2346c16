# Mistake: turns the rows of the array that it was given (and gets copies from the second task)
# Loses: test_reverse 1
# %% reverse_real
def reverse_real(values, mask):
    for row, real in zip(values, np.asarray(mask)):
        row[real] = row[real][::-1].copy()
    return values


# %% both_directions
def both_directions(forward, backward, inputs, mask=None, merge_mode="concat"):
    real = np.ones(np.shape(inputs)[:2], dtype=bool) if mask is None else mask
    ahead = np.array(forward(inputs, mask=real))
    behind = reverse_real(np.array(backward(reverse_real(np.array(inputs), real), mask=real)), real)
    if merge_mode is None:
        return ahead, behind
    if merge_mode == "concat":
        return np.concatenate([ahead, behind], axis=-1)
    if merge_mode not in ("sum", "mul", "ave"):
        raise ValueError(f"unknown: {merge_mode}")
    return {"sum": ahead + behind, "mul": ahead * behind, "ave": (ahead + behind) / 2}[merge_mode]
