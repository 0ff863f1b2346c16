"""The bench for cells passes one that is right and fails one that is wrong."""

import keras
import numpy as np
import pytest

from seqmodels.cell_check import cell_agreement, hidden_states, in_float64, numerical_gradients


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _lstm(x, hidden, cell_state, kernel, recurrent_kernel, bias, order="ifgo"):
    blocks = np.split(x @ kernel + hidden @ recurrent_kernel + bias, 4, axis=-1)
    z = dict(zip(order, blocks, strict=True))
    cell_state = _sigmoid(z["f"]) * cell_state + _sigmoid(z["i"]) * np.tanh(z["g"])
    return _sigmoid(z["o"]) * np.tanh(cell_state), cell_state


def _swapped(*arguments):
    return _lstm(*arguments, order="figo")


def test_a_layer_agrees_with_its_own_equations():
    report = cell_agreement(in_float64(keras.layers.LSTM, 3), _lstm, features=2)
    assert set(report) == {
        "hidden states",
        "gradient of inputs",
        "gradient of kernel",
        "gradient of recurrent_kernel",
        "gradient of bias",
    }
    assert report.pop("hidden states") < 1e-12
    assert max(report.values()) < 1e-8


def test_every_part_of_the_report_shows_swapped_gates():
    report = cell_agreement(in_float64(keras.layers.LSTM, 3), _swapped, features=2)
    assert min(report.values()) > 1e-3


def test_a_mistake_behind_weights_that_begin_at_zero_is_found():
    """The bias of an LSTM begins at zero, but for the forget gate."""

    def without_bias(x, hidden, cell_state, kernel, recurrent_kernel, bias):
        forget = np.repeat([0, 1, 0, 0], 3)
        return _lstm(x, hidden, cell_state, kernel, recurrent_kernel, forget + 0 * bias)

    new = in_float64(keras.layers.LSTM, 3)
    inputs = np.random.default_rng(1).normal(size=(2, 4, 2))
    new.build(inputs.shape)
    np.testing.assert_allclose(new(inputs), hidden_states(without_bias, inputs, *new.get_weights()), atol=1e-12)
    assert cell_agreement(in_float64(keras.layers.LSTM, 3), without_bias, features=2)["hidden states"] > 1e-3


def test_numerical_gradients_leave_the_arrays_as_they_were():
    a, b = np.array([1.0, 2.0]), np.array([[3.0]])
    gradient_a, gradient_b = numerical_gradients(lambda a, b: (a**2).sum() * b[0, 0], [a, b])
    np.testing.assert_allclose(gradient_a, [6, 12], rtol=1e-8)
    np.testing.assert_allclose(gradient_b, [[5]], rtol=1e-8)
    assert a.tolist() == [1, 2]
    assert b.tolist() == [[3]]


@pytest.mark.parametrize("steps", [1, 5])
def test_states_have_a_place_for_each_step(steps):
    weights = [np.ones((2, 12)), np.ones((3, 12)), np.zeros(12)]
    assert hidden_states(_lstm, np.ones((4, steps, 2)), *weights).shape == (4, steps, 3)
