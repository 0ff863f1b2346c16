# Mistake: takes the mean over the padding as well
# Loses: test_bag 3, test_bag_unseen 3
# %% build_bag_of_words
def build_bag_of_words(size):
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(size, 32),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
