# Mistake: takes the mean of each word first and then the mean over words, for the loss and for the vowels
# Loses: test_loss 3, test_accuracies 2
# %% masked_loss
def masked_loss(labels, probabilities, counted):
    of_label = np.take_along_axis(probabilities, labels[..., None], axis=-1)[..., 0]
    words = [-np.log(row[here]).mean() for row, here in zip(of_label, counted) if here.any()]
    return np.mean(words)


# %% accuracies
def accuracies(labels, said, counted):
    words = [np.mean(right[here]) for right, here in zip(labels == said, counted)]
    return np.mean(words), np.mean(np.array(words) == 1)
