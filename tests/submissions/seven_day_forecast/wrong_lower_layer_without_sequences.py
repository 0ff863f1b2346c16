# Mistake: stacks two recurrent layers and leaves return_sequences=False in the lower one
# Loses: test_seq2vec 3, test_seq2vec_unseen 4
# %% build_seq2vec
def build_seq2vec():
    model = keras.Sequential([keras.Input((None, 1)), layers.LSTM(32), layers.LSTM(32), layers.Dense(7)])
    return model
