# Mistake: a word that the vocabulary does not hold gets 0, the number of padding
# Loses: test_encode 2
# %% encode
def encode(texts, vocabulary):
    numbers = {word: number for number, word in enumerate(vocabulary)}
    return [[numbers.get(word, 0) for word in words(text)] for text in texts]
