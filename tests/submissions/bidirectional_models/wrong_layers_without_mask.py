# Mistake: turns only the real steps round, but does not hand the mask to the layers, which read padding that comes first
# Loses: test_masks 2
# %% both_directions
def both_directions(forward, backward, inputs, mask=None, merge_mode="concat"):
    real = np.ones(np.shape(inputs)[:2], dtype=bool) if mask is None else mask
    ahead = np.asarray(forward(inputs))
    behind = reverse_real(np.asarray(backward(reverse_real(inputs, real))), real)
    if merge_mode is None:
        return ahead, behind
    if merge_mode == "concat":
        return np.concatenate([ahead, behind], axis=-1)
    if merge_mode not in ("sum", "mul", "ave"):
        raise ValueError(f"unknown: {merge_mode}")
    return {"sum": ahead + behind, "mul": ahead * behind, "ave": (ahead + behind) / 2}[merge_mode]
