"""Train small networks many times: from several seeds, at several learning rates, in turns.

Most of the time of such a training would go into starting each update from Python, so the whole of it is compiled into one
function, which takes all batches at once, stacked along a first axis. It is compiled once for a model, whatever the seeds
and the rates.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from seqmodels.training import start_afresh

Batches = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Trials:
    """What came of one model at one learning rate: a row, or a number, for each seed.

    Attributes:
      losses: the loss of each batch before it was learnt from, (seeds, updates).
      scores: what `score` said after training, (seeds,).
      seconds: of each training, (seeds,); NaN for the first one of a model, which waits for the compiler.
    """

    losses: np.ndarray
    scores: np.ndarray
    seconds: np.ndarray


def compiled_training(model: keras.Model, loss: keras.losses.Loss) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """A function that trains the model on x and y, each (updates, batch, ...), and returns each batch's loss, (updates,).

    Args:
      model: with an optimiser; see `with_optimizer`.
      loss: of a batch of answers.
    """

    @tf.function(jit_compile=True)
    def train(x, y):
        losses = tf.TensorArray(tf.float32, len(x))
        for n in tf.range(len(x)):
            with tf.GradientTape() as tape:
                value = tf.reduce_mean(loss(y[n], model(x[n], training=True)))
            weights = model.trainable_variables
            model.optimizer.apply(tape.gradient(value, weights), weights)
            losses = losses.write(n, value)
        return losses.stack()

    return lambda x, y: train(tf.constant(x), tf.constant(y)).numpy()


def with_optimizer(model: keras.Model, clipnorm: float = 1.0) -> keras.Model:
    """The model, with Adam and all variables of Adam. The gradient of each array is clipped to a norm."""
    model.compile(keras.optimizers.Adam(clipnorm=clipnorm))
    model.optimizer.build(model.trainable_variables)
    return model


def trials(
    models: Mapping[str, keras.Model],
    loss: keras.losses.Loss,
    batches: Batches,
    score: Callable[[keras.Model, np.ndarray], float],
    seeds: Sequence[int],
    rates: Sequence[float],
    prepare: Mapping[str, Callable[[keras.Model], None]] | None = None,
) -> dict[tuple[str, float], Trials]:
    """Train each model from each seed at each rate.

    The models take turns: what else the machine does meets all of them alike, so their seconds can be compared. From
    one seed they all see the same batches.

    Args:
      models: by name. One model may have several names, if it is prepared in another way under each; it is compiled once.
      loss: of a batch of answers.
      batches: draws x and y, each (updates, batch, ...), with a generator of random numbers.
      score: ``score(model, losses)`` after a training, with the loss of each update.
      seeds: of weights and batches.
      rates: learning rates.
      prepare: by name, what is done to a model between its new weights and its training, such as setting a bias.

    Returns:
      for each name and rate what came of it.
    """
    prepare = prepare or {}
    training = {id(model): compiled_training(with_optimizer(model), loss) for model in models.values()}
    runs: dict[tuple[str, float], list[tuple[np.ndarray, float, float]]] = {
        (name, rate): [] for name in models for rate in rates
    }
    waited = set()
    for rate in rates:
        for seed in seeds:
            x, y = batches(np.random.default_rng(seed))
            for name, model in models.items():
                start_afresh(model, seed)
                model.optimizer.learning_rate.assign(rate)
                prepare.get(name, lambda _: None)(model)
                began = time.perf_counter()
                losses = training[id(model)](x, y)
                seconds = time.perf_counter() - began if id(model) in waited else np.nan
                waited.add(id(model))
                runs[name, rate].append((losses, float(score(model, losses)), seconds))
    return {key: Trials(*(np.array(column) for column in zip(*each, strict=True))) for key, each in runs.items()}


def best_rate(results: Mapping[tuple[str, float], Trials], name: str) -> float:
    """The rate at which the mean score of a model is lowest."""
    means = {rate: result.scores.mean() for (each, rate), result in results.items() if each == name}
    if not means:
        raise ValueError(f"there are no trials of {name!r}, but of {', '.join(sorted({each for each, _ in results}))}")
    return min(means, key=means.__getitem__)
