# Mistake: splits at spaces, so that punctuation and capitals make other words
# Loses: test_words 3
# %% words
def words(text):
    return text.split()
