# Mistake: each round shows the decoder only the last thing it said, so its memory is lost; hands in the same
#   week for every history
# Loses: test_decode 4, test_decode_unseen 3, test_forecast 2, test_forecast_unseen 6
# %% decode
def decode(model, histories):
    histories = np.asarray(histories, dtype="float32")
    read, said = histories[:, -1:], []
    for _ in range(7):
        read = np.asarray(model([histories, read]))
        said.append(read[:, 0, 0])
    return np.stack(said, axis=1)


# %% forecast
def forecast(histories):
    return np.tile([18.0, 18.0, 18.0, 18.0, 18.0, 6.0, 5.0], (len(histories), 1))
