# Mistake: gives the place of the best epoch in the list, which counts from 0, in place of its number
# Loses: test_summarise 2
# %% summarise
def summarise(rows):
    best = int(np.argmin([row["val_loss"] for row in rows]))
    return {
        "best_epoch": best,
        "gap": rows[-1]["accuracy"] - rows[-1]["val_accuracy"],
        "seconds_per_step": np.median([row["seconds_per_step"] for row in rows]),
    }
