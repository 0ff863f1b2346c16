# Mistake: measures how far an answer looks to either side
# Loses: test_look_ahead 3
# %% look_ahead
def look_ahead(depends):
    answers, inputs = np.nonzero(depends)
    return int(np.max(np.abs(inputs - answers), initial=0))
