# Mistake: does not mind the order of time: validates on the earliest days, and fits the scaler on all of them
# Loses: test_split 5, test_scale_parts 4
# %% split_in_time
def split_in_time(dates, values, validation_start, test_start):
    middle = values[dates < test_start]
    size = int(((dates >= validation_start) & (dates < test_start)).sum())
    return middle[size:], middle[:size], values[dates >= test_start]


# %% scale_parts
def scale_parts(train, validation):
    scaler = fit_scaler(np.concatenate([train, validation]))
    return scale(train, scaler), scale(validation, scaler), scaler
