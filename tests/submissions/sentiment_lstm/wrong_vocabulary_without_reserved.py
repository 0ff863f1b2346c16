# Mistake: the vocabulary has no entries for padding and for unknown words
# Loses: test_vocabulary 5
# %% build_vocabulary
def build_vocabulary(texts, size):
    counts = Counter(word for text in texts for word in words(text))
    return [word for word, _ in counts.most_common(size)]
