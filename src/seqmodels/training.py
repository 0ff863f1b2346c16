"""What several chapters do when they train a model more than once."""

import keras


def start_afresh(model: keras.Model, seed: int) -> None:
    """Give a compiled model new random weights, as layers of its kinds start, and its optimiser a clean slate.

    The model is trained again without being traced again, which takes longer than many a training run of this book. The
    learning rate stays as it is.

    Args:
      model: a model that is built and compiled.
      seed: of the new weights, and of whatever is drawn at random after them.
    """
    keras.utils.set_random_seed(seed)
    model.set_weights(keras.models.clone_model(model).get_weights())
    for variable in model.optimizer.variables:
        if "learning_rate" not in variable.path:
            variable.assign(keras.ops.zeros_like(variable))
