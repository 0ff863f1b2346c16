# Mistake: takes the two ends of the row for the final states, padding or not
# Loses: test_final_states 4
# %% final_states
def final_states(ahead, behind, mask=None):
    return np.asarray(ahead)[:, -1], np.asarray(behind)[:, 0]
