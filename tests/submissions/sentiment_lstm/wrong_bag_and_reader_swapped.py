# Mistake: hands in a network that reads as the bag of words, and a bag of words as the reader
# Loses: test_bag 3, test_reader 2, test_reader_unseen 7
# %% build_bag_of_words
def build_bag_of_words(size):
    model = keras.Sequential([keras.Input((None,)), layers.Embedding(size, 32, mask_zero=True), layers.Dropout(0.3)])
    model.add(layers.GRU(32))
    model.add(layers.Dense(1, activation="sigmoid"))
    return model


# %% build_reader
def build_reader(size):
    model = keras.Sequential([keras.Input((None,)), layers.Embedding(size, 32, mask_zero=True)])
    model.add(layers.GlobalAveragePooling1D())
    model.add(layers.Dense(1, activation="sigmoid"))
    return model
