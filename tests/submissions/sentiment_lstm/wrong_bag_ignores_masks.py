# Mistake: takes the maximum in place of the mean, with a layer that does not know about masks: padding counts as a word
# Loses: test_bag 3
# %% build_bag_of_words
def build_bag_of_words(size):
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(size, 64, mask_zero=True),
            layers.GlobalMaxPooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
