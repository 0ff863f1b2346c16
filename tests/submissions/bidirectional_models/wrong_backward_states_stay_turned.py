# Mistake: turns the inputs round for the backward half, and forgets to turn its states round again
# Loses: test_both_directions 5, test_masks 4
# %% both_directions
def both_directions(forward, backward, inputs, mask=None, merge_mode="concat"):
    real = np.ones(np.shape(inputs)[:2], dtype=bool) if mask is None else mask
    ahead = np.asarray(forward(inputs, mask=real))
    behind = np.asarray(backward(reverse_real(inputs, real), mask=real))
    if merge_mode is None:
        return ahead, behind
    if merge_mode == "concat":
        return np.concatenate([ahead, behind], axis=-1)
    if merge_mode not in ("sum", "mul", "ave"):
        raise ValueError(f"unknown: {merge_mode}")
    return {"sum": ahead + behind, "mul": ahead * behind, "ave": (ahead + behind) / 2}[merge_mode]
