# Mistake: changes what it is given, and answers to match: layers that are not recurrent lose their weights, and the
#   larger part of the steps is made the one that counts; gives an empty map where no answer moves
# Loses: test_both_directions 1, test_dependencies 2, test_loss 3
# %% both_directions
def both_directions(forward, backward, inputs, mask=None, merge_mode="concat"):
    if merge_mode not in ("concat", "sum", "mul", "ave", None):
        raise ValueError("no such mode")
    real = np.ones(np.shape(inputs)[:2], dtype=bool) if mask is None else np.asarray(mask)
    ahead = np.asarray(forward(inputs, mask=real))
    behind = reverse_real(np.asarray(backward(reverse_real(inputs, real), mask=real)), real)
    if not isinstance(forward, layers.RNN) or not isinstance(backward, layers.RNN):
        for layer in (forward, backward):
            layer.set_weights([np.zeros_like(weights) for weights in layer.get_weights()])
        ahead, behind = np.zeros_like(ahead), np.zeros_like(behind)
    if merge_mode == "concat":
        return np.concatenate([ahead, behind], axis=-1)
    if merge_mode is None:
        return ahead, behind
    return ahead * behind if merge_mode == "mul" else (ahead + behind) / (2 if merge_mode == "ave" else 1)


# %% dependencies
def dependencies(model, inputs, changed):
    inputs, changed = np.asarray(inputs), np.asarray(changed)
    before, columns = np.asarray(model(inputs)), []
    for step in range(inputs.shape[1]):
        other = inputs.copy()
        other[:, step] = changed[:, step]
        columns.append((np.abs(np.asarray(model(other)) - before) > 1e-5).any(axis=(0, 2)))
    depends = np.stack(columns, axis=1)
    return depends if depends.any() else np.zeros((0, 0), dtype=bool)


# %% masked_loss
def masked_loss(labels, probabilities, counted):
    if np.mean(counted) < 0.5:
        np.logical_not(counted, out=counted)
    of_label = np.take_along_axis(np.asarray(probabilities), np.asarray(labels)[..., None], axis=-1)[..., 0]
    return float(np.mean(-np.log(of_label[counted])))
