"""A model that is trained again begins as a new one would."""

import keras
import numpy as np
import pytest

from seqmodels.training import start_afresh


@pytest.fixture(scope="module")
def model():
    made = keras.Sequential([keras.Input((3, 2)), keras.layers.LSTM(4), keras.layers.Dense(1)])
    made.compile(keras.optimizers.Adam(0.01), loss="mse")
    return made


X, Y = np.random.default_rng(0).normal(size=(8, 3, 2)), np.ones((8, 1))


def _trained(model, seed):
    start_afresh(model, seed)
    model.fit(X, Y, epochs=2, verbose=0)
    return model.get_weights()


def test_the_same_seed_gives_the_same_weights_whatever_was_before(model):
    first = _trained(model, 1)
    other = _trained(model, 2)
    again = _trained(model, 1)
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_weights_start_as_their_layers_start_them(model):
    _trained(model, 3)
    start_afresh(model, 3)
    kernel, recurrent, bias = model.layers[0].get_weights()
    np.testing.assert_array_equal(bias, np.repeat([0, 1, 0, 0], 4))  # the forget gate's is one
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(4), atol=1e-5)
    assert np.abs(kernel).max() > 0


def test_the_optimizer_forgets_and_keeps_its_rate(model):
    _trained(model, 1)
    start_afresh(model, 1)
    assert model.optimizer.iterations == 0
    assert all(np.all(np.asarray(each) == 0) for each in model.optimizer.variables[2:])
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)
