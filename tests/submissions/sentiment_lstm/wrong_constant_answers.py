# Mistake: hands in models that have the right shapes and say the same of every review
# Loses: test_bag 5, test_bag_unseen 3, test_reader 4, test_reader_unseen 7
# %% build_bag_of_words
def build_bag_of_words(size):
    ids = keras.Input((None,), dtype="int32")
    nothing = layers.GlobalAveragePooling1D()(layers.Embedding(1, 1)(ids * 0))
    return keras.Model(ids, layers.Dense(1, activation="sigmoid")(nothing))


# %% build_reader
def build_reader(size):
    return build_bag_of_words(size)
