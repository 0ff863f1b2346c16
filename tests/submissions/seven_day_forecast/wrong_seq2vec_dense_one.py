# Mistake: one output where seven are wanted
# Loses: test_seq2vec 3, test_seq2vec_unseen 4
# %% build_seq2vec
def build_seq2vec():
    return keras.Sequential([keras.Input((None, 1)), layers.LSTM(32), layers.Dense(1)])
