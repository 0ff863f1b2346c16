"""Whether a recurrent layer does what the equations of its cell say, forward and backward.

The equations are a function of NumPy that takes one step: the input of the step, the two states, and the weights, and that returns
the two new states. Gradients are compared with finite differences, so that nobody has to write a backward pass.
"""

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from seqmodels.agreement import difference

Step = Callable[..., tuple[np.ndarray, np.ndarray]]


def hidden_states(step: Step, inputs: np.ndarray, *weights: np.ndarray) -> np.ndarray:
    """The hidden states, (batch, time, units), of a cell whose two states begin at zero.

    Args:
      step: ``step(x, hidden, cell_state, *weights)``, with x of shape (batch, features) and states of shape (batch, units).
      inputs: of shape (batch, time, features).
      *weights: of the cell; the second is the recurrent kernel, which has a row for each unit.
    """
    units = weights[1].shape[0]
    hidden = cell_state = np.zeros((len(inputs), units))
    hiddens = []
    for x in np.moveaxis(inputs, 1, 0):  # (batch, features)
        hidden, cell_state = step(x, hidden, cell_state, *weights)
        hiddens.append(hidden)
    return np.stack(hiddens, axis=1)


def numerical_gradients(
    loss: Callable[..., float], arrays: Sequence[np.ndarray], step: float = 1e-5
) -> list[np.ndarray]:
    """The gradient of the loss for each array, entry by entry, by central differences.

    Args:
      loss: ``loss(*arrays)``, a number.
      arrays: of 64-bit floats; they are changed while this computes, and are at the end what they were.
      step: by which an entry is moved to either side.
    """
    gradients = [np.zeros_like(array) for array in arrays]
    for array, gradient in zip(arrays, gradients, strict=True):
        for index in np.ndindex(array.shape):
            value = array[index]
            array[index] = value + step
            above = loss(*arrays)
            array[index] = value - step
            gradient[index] = (above - loss(*arrays)) / (2 * step)
            array[index] = value
    return gradients


def in_float64(kind: type[keras.layers.Layer], units: int, **arguments) -> keras.layers.Layer:
    """A recurrent layer of this kind that computes in 64 bits and returns every hidden state."""
    return kind(units, return_sequences=True, dtype="float64", **arguments)


def cell_agreement(layer: keras.layers.Layer, step: Step, features: int) -> dict[str, float]:
    """How far a layer is from the equations of its cell: in its hidden states, and in the gradient of each array.

    All weights of the layer are set at random, also those that begin at zero, for what is multiplied by zero is not
    tested. The loss is a random weighting of all hidden states, so that no mistake hides behind a symmetry.

    Args:
      layer: of 64-bit floats, with `return_sequences=True`; see `in_float64`. It is built here, and gets new weights.
      step: the equations, as in `hidden_states`, with the weights in the layer's order.
      features: of the input.

    Returns:
      the largest absolute difference of the hidden states, and of the gradient of the inputs and of each array of weights.
    """
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(2, 4, features))  # (batch, time, features)
    layer.build(inputs.shape)
    weights = [rng.normal(size=weight.shape) * 0.5 for weight in layer.weights]
    layer.set_weights(weights)
    weighting = rng.normal(size=(2, 4, layer.units))
    tensor = tf.constant(inputs)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        theirs = layer(tensor)  # (batch, time, units)
        value = tf.reduce_sum(weighting * theirs)
    analytic = tape.gradient(value, [tensor, *layer.trainable_variables])
    numeric = numerical_gradients(
        lambda *arrays: float((weighting * hidden_states(step, *arrays)).sum()), [inputs, *weights]
    )
    names = ["inputs", *(weight.name for weight in layer.weights)]
    report = {"hidden states": difference(hidden_states(step, inputs, *weights), theirs)}
    for name, ours, other in zip(names, numeric, analytic, strict=True):
        report[f"gradient of {name}"] = difference(ours, other)
    return report
