# Mistake: does not halve the sum for "ave", and takes any other mode for "concat"
# Loses: test_both_directions 3
# %% both_directions
def both_directions(forward, backward, inputs, mask=None, merge_mode="concat"):
    real = np.ones(np.shape(inputs)[:2], dtype=bool) if mask is None else mask
    ahead = np.asarray(forward(inputs, mask=real))
    behind = reverse_real(np.asarray(backward(reverse_real(inputs, real), mask=real)), real)
    if merge_mode is None:
        return ahead, behind
    if merge_mode == "mul":
        return ahead * behind
    if merge_mode in ("sum", "ave"):
        return ahead + behind
    return np.concatenate([ahead, behind], axis=-1)
