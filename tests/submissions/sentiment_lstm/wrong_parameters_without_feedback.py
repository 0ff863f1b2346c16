# Mistake: forgets that each of the four layers also reads what the LSTM itself said
# Loses: test_parameters 3
# %% lstm_parameters
def lstm_parameters(inputs, units, directions=1):
    return directions * 4 * (inputs * units + units)
