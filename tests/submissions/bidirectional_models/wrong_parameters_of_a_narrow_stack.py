# Mistake: forgets that the halves stand side by side, so that the layer above reads twice the units
# Loses: test_count 4
# %% count_parameters
def count_parameters(features, widths, classes):
    total = 0
    for units in widths:
        total += 2 * 3 * units * (features + units + 2)
        features = units
    return total + (features + 1) * classes
