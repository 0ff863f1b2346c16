"""One small Keras model, trained with several seeds at once.

What a chapter says of a recurrent network it says of several seeds, and one `fit` after the other would take minutes.
Here one array holds the weights of all seeds, with the seed as its first axis, and each step multiplies all of them.
Each seed learns what `start_afresh(model, seed)` and `model.fit(x, y, shuffle=False)` would teach it, up to rounding.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

BLOCK = 50  # updates in one call of a compiled function, which is compiled once for every number of blocks


class Runs(NamedTuple):
    """What became of the seeds.

    Attributes:
      losses: of each batch before its update, (updates, seeds).
      norms: of the whole gradient of each network before it is clipped, (updates, seeds).
      weights: after the last update, in the order of `model.get_weights()`, each (seeds, ...).
    """

    losses: np.ndarray
    norms: np.ndarray
    weights: list[np.ndarray]


def fit_seeds(model: keras.Model, x: ArrayLike, y: ArrayLike, seeds: Iterable[int] = range(5), batch: int = 32) -> Runs:
    """Train a compiled model anew for each seed, with all seeds at once.

    Args:
      model: a `Sequential` of an input, a `SimpleRNN` without dropout and a `Dense(1)`, compiled with the loss "mse" and
        with `Adam`, clipped by `global_clipnorm` or not at all. Its own weights are left alone.
      x: the inputs of each seed, (seeds, examples, time, features), read once, in their order.
      y: the targets, (seeds, examples, 1).
      seeds: of the first weights, which are those of `start_afresh(model, seed)`.
      batch: how many examples make an update. Examples that do not fill a last batch are left out.

    Raises:
      ValueError: the model is of another kind, or the shapes do not fit.
    """
    layer, _, optimizer = _parts(model)
    seeds = list(seeds)
    x, y = np.asarray(x, "float32"), np.asarray(y, "float32")
    if x.ndim != 4 or len(x) != len(seeds) or y.shape != (*x.shape[:2], 1):
        raise ValueError(
            f"for {len(seeds)} seeds x has to be (seeds, examples, time, features) and y (seeds, examples, 1); "
            f"they are {x.shape} and {y.shape}"
        )
    updates = x.shape[1] // batch
    if updates == 0:
        raise ValueError(f"{x.shape[1]} examples do not fill a batch of {batch}")
    xs, ys = (_batches(array, updates, batch) for array in (x, y))
    state = _first_state(model, seeds)
    limit = np.inf if optimizer.global_clipnorm is None else optimizer.global_clipnorm
    numbers = (optimizer.learning_rate.numpy(), limit, optimizer.beta_1, optimizer.beta_2, optimizer.epsilon)
    settings = tf.constant(numbers, "float32")
    losses, norms = [], []
    for first in range(0, updates, BLOCK):
        block = slice(first, first + BLOCK)
        count = tf.constant(first, "float32")
        loss, norm, state = _updates(layer.activation, state, count, xs[block], ys[block], settings)
        losses.append(loss)
        norms.append(norm)
    return Runs(np.concatenate(losses), np.concatenate(norms), [weights.numpy() for weights in state[0]])


def predict_seeds(model: keras.Model, weights: list[np.ndarray], x: ArrayLike) -> np.ndarray:
    """The outputs of a model with the weights of each seed, (seeds, examples, 1).

    Args:
      model: the model that `fit_seeds` was given.
      weights: each (seeds, ...), as in `Runs.weights`.
      x: inputs of all seeds, (examples, time, features), or those of each, (seeds, examples, time, features).
    """
    layer, *_ = _parts(model)
    x = np.asarray(x, "float32")
    if x.ndim == 3:
        x = np.broadcast_to(x, (len(weights[0]), *x.shape))
    return _compiled_outputs(layer.activation, [tf.constant(array) for array in weights], tf.constant(x)).numpy()


def _parts(model: keras.Model) -> tuple[keras.layers.SimpleRNN, keras.layers.Dense, keras.optimizers.Adam]:
    """The two layers and the optimiser of a model of the one kind that is trained here."""
    kinds = [type(layer) for layer in model.layers]
    if kinds != [keras.layers.SimpleRNN, keras.layers.Dense]:
        raise ValueError(f"a SimpleRNN and a Dense are needed; the layers are {[kind.__name__ for kind in kinds]}")
    layer, dense = model.layers
    plain = not (layer.dropout or layer.recurrent_dropout or layer.return_sequences or layer.stateful)
    plain = plain and layer.use_bias and not layer.go_backwards and not _restrained(layer) and not _restrained(dense)
    if not plain or dense.units != 1 or dense.activation is not keras.activations.linear or not dense.use_bias:
        raise ValueError(
            "the SimpleRNN has to return its last state and Dense one number, both without dropout and penalties"
        )
    optimizer = getattr(model, "optimizer", None)
    if type(optimizer) is not keras.optimizers.Adam or model.loss != "mse":
        raise ValueError('the model has to be compiled with Adam and "mse"')
    if optimizer.clipnorm or optimizer.clipvalue or optimizer.amsgrad or optimizer.weight_decay:
        raise ValueError("of the options of Adam only the rates, epsilon and global_clipnorm are known here")
    return layer, dense, optimizer


def _restrained(layer: keras.layers.Layer) -> bool:
    """Whether a layer has a penalty for its weights, or limits to them."""
    parts = ("kernel", "recurrent", "bias", "activity")
    return any(getattr(layer, f"{part}_{kind}", None) for part in parts for kind in ("regularizer", "constraint"))


def _batches(array: np.ndarray, updates: int, batch: int) -> tf.Tensor:
    """(seeds, examples, ...) as (updates, seeds, batch, ...)."""
    cut = array[:, : updates * batch].reshape(len(array), updates, batch, *array.shape[2:])
    return tf.constant(cut.swapaxes(0, 1))


def _first_state(model: keras.Model, seeds: list[int]) -> tuple[list[tf.Tensor], list[tf.Tensor], list[tf.Tensor]]:
    """The first weights of all seeds, and Adam's two running averages."""
    rows = []
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        rows.append(keras.models.clone_model(model).get_weights())
    weights = [tf.constant(np.stack(arrays)) for arrays in zip(*rows, strict=True)]
    return weights, [tf.zeros_like(w) for w in weights], [tf.zeros_like(w) for w in weights]


def _outputs(activation: Callable, weights: list[tf.Tensor], x: tf.Tensor) -> tf.Tensor:
    """Outputs, (seeds, batch, 1), for inputs (seeds, batch, time, features)."""
    kernel, recurrent, bias, readout, offset = weights
    driven = tf.einsum("sbtf,sfu->tsbu", x, kernel) + bias[:, None]
    hidden = tf.foldl(lambda h, arriving: activation(arriving + h @ recurrent), driven, tf.zeros_like(driven[0]))
    return hidden @ readout + offset[:, None]


_compiled_outputs = tf.function(_outputs, reduce_retracing=True)


@tf.function(jit_compile=True)
def _updates(activation, state, count, xs, ys, settings):
    """Some updates by Adam. Returns losses and norms, (updates, seeds), and the state after them."""
    weights, mean, square = state
    rate, limit, beta_1, beta_2, epsilon = tf.unstack(settings)
    updates = xs.shape[0]
    losses, norms = (tf.TensorArray("float32", updates) for _ in range(2))
    for n in tf.range(updates):
        with tf.GradientTape() as tape:
            tape.watch(weights)
            errors = (_outputs(activation, weights, xs[n]) - ys[n]) ** 2
            loss = tf.reduce_mean(errors, axis=(1, 2))  # (seeds,)
        gradients = tape.gradient(loss, weights)
        squares = [tf.reduce_sum(g**2, range(1, len(g.shape))) for g in gradients]
        norm = tf.sqrt(tf.add_n(squares))  # (seeds,)
        factor = tf.minimum(limit / norm, 1.0)
        gradients = [g * tf.reshape(factor, (-1, *[1] * (len(g.shape) - 1))) for g in gradients]
        count += 1
        mean = [beta_1 * m + (1 - beta_1) * g for m, g in zip(mean, gradients, strict=True)]
        square = [beta_2 * s + (1 - beta_2) * g**2 for s, g in zip(square, gradients, strict=True)]
        scale = rate * tf.sqrt(1 - beta_2**count) / (1 - beta_1**count)
        weights = [w - scale * m / (tf.sqrt(s) + epsilon) for w, m, s in zip(weights, mean, square, strict=True)]
        losses, norms = losses.write(n, loss), norms.write(n, norm)
    return losses.stack(), norms.stack(), (weights, mean, square)
