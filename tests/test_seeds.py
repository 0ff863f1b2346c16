"""Several seeds at once learn what each would learn alone."""

import keras
import numpy as np
import pytest
from keras import layers

from seqmodels.seeds import BLOCK, fit_seeds, predict_seeds
from seqmodels.training import start_afresh

SEEDS, BATCH = (3, 8), 4


def _model(*options, dense=1, loss="mse", rnn=None, **adam):
    made = keras.Sequential([keras.Input((None, 2)), rnn or layers.SimpleRNN(5, *options), layers.Dense(dense)])
    made.compile(keras.optimizers.Adam(0.01, **adam), loss)
    return made


def _data(updates, time=6):
    rng = np.random.default_rng(0)
    return rng.normal(size=(len(SEEDS), updates * BATCH, time, 2)), rng.normal(size=(len(SEEDS), updates * BATCH, 1))


@pytest.mark.parametrize(
    ("options", "adam"),
    [
        ((), {"global_clipnorm": 0.1}),
        ((), {}),
        (("relu",), {"global_clipnorm": 1.0, "epsilon": 1e-3, "beta_1": 0.5, "beta_2": 0.9}),
    ],
    ids=["clipped", "not clipped", "other options"],
)
def test_each_seed_learns_what_it_would_learn_alone(options, adam):
    model, (x, y) = _model(*options, **adam), _data(updates=7)
    runs = fit_seeds(model, x, y, SEEDS, BATCH)
    for n, seed in enumerate(SEEDS):
        start_afresh(model, seed)
        model.fit(x[n], y[n], batch_size=BATCH, shuffle=False, verbose=0)
        for ours, theirs in zip(runs.weights, model.get_weights(), strict=True):
            np.testing.assert_allclose(ours[n], theirs, atol=1e-4)
        theirs = model.predict(x[n], verbose=0)
        np.testing.assert_allclose(predict_seeds(model, runs.weights, x)[n], theirs, atol=1e-3)


def test_losses_and_norms_are_those_before_each_update():
    model, (x, y) = _model(global_clipnorm=0.1), _data(updates=3)
    runs = fit_seeds(model, x, y, SEEDS, BATCH)
    assert runs.losses.shape == runs.norms.shape == (3, len(SEEDS))
    keras.utils.set_random_seed(SEEDS[1])
    first = keras.models.clone_model(model)
    loss = np.mean((first.predict(x[1][:BATCH], verbose=0) - y[1][:BATCH]) ** 2)
    np.testing.assert_allclose(runs.losses[0, 1], loss, rtol=1e-4)
    assert runs.norms.min() > 0.1  # they were clipped, and are told as they were


def test_more_updates_than_a_block_go_on_where_the_block_ended():
    model, (x, y) = _model(), _data(updates=BLOCK + 3, time=2)
    runs = fit_seeds(model, x, y, SEEDS, BATCH)
    start_afresh(model, SEEDS[0])
    model.fit(x[0], y[0], batch_size=BATCH, shuffle=False, verbose=0)
    assert runs.losses.shape == (BLOCK + 3, len(SEEDS))
    np.testing.assert_allclose(runs.weights[3][0], model.get_weights()[3], atol=1e-3)


def test_the_model_keeps_its_own_weights():
    model, before = _model(), None
    before = model.get_weights()
    fit_seeds(model, *_data(updates=2), SEEDS, BATCH)
    assert all(np.array_equal(one, two) for one, two in zip(before, model.get_weights(), strict=True))


def test_one_input_for_all_seeds():
    model, (x, y) = _model(), _data(updates=2)
    runs = fit_seeds(model, x, y, SEEDS, BATCH)
    shared = predict_seeds(model, runs.weights, x[0])
    np.testing.assert_allclose(shared, predict_seeds(model, runs.weights, np.stack([x[0]] * 2)), atol=1e-6)


@pytest.mark.parametrize(
    "model",
    [
        lambda: _model(rnn=layers.LSTM(5)),
        lambda: _model(rnn=layers.SimpleRNN(5, dropout=0.1)),
        lambda: _model(rnn=layers.SimpleRNN(5, recurrent_dropout=0.1)),
        lambda: _model(rnn=layers.SimpleRNN(5, return_sequences=True)),
        lambda: _model(rnn=layers.SimpleRNN(5, go_backwards=True)),
        lambda: _model(rnn=layers.SimpleRNN(5, kernel_regularizer="l2")),
        lambda: _model(dense=2),
        lambda: _model(loss="mae"),
        lambda: _model(clipnorm=1.0),
        lambda: _model(weight_decay=0.1),
    ],
)
def test_another_kind_of_model_is_refused(model):
    with pytest.raises(ValueError, match=r"SimpleRNN|Adam"):
        fit_seeds(model(), *_data(updates=1), SEEDS, BATCH)


def test_data_that_do_not_fit_are_refused():
    x, y = _data(updates=1)
    with pytest.raises(ValueError, match="for 2 seeds"):
        fit_seeds(_model(), x[:1], y[:1], SEEDS, BATCH)
    with pytest.raises(ValueError, match="do not fill a batch"):
        fit_seeds(_model(), x, y, SEEDS, batch=5)
