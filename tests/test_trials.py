"""Models that are trained many times are trained alike, and each run by itself."""

import keras
import numpy as np
import pytest

from seqmodels.trials import Trials, best_rate, compiled_training, trials, with_optimizer

UPDATES = 4


def _model(units=2):
    return keras.Sequential([keras.Input((3, 1)), keras.layers.LSTM(units), keras.layers.Dense(1)])


def _batches(rng):
    x = rng.normal(size=(UPDATES, 8, 3, 1)).astype("float32")
    return x, x.sum(axis=2)


def _score(model, losses):
    return np.abs(model.get_weights()[0]).sum()


def _double(model):
    model.set_weights([2 * array for array in model.get_weights()])


LOSS = keras.losses.MeanSquaredError()


@pytest.fixture(scope="module")
def results():
    models = {"one": _model(), "two": _model(), "wide": _model(3)}
    models["doubled"] = models["one"]
    return trials(models, LOSS, _batches, _score, seeds=[0, 1], rates=[0.0, 0.1], prepare={"doubled": _double})


def test_there_is_a_result_for_each_model_and_rate(results):
    assert set(results) == {(name, rate) for name in ("one", "two", "wide", "doubled") for rate in (0.0, 0.1)}
    for result in results.values():
        assert result.losses.shape == (2, UPDATES)
        assert result.scores.shape == result.seconds.shape == (2,)
    waited = {key: np.isnan(result.seconds).tolist() for key, result in results.items()}
    assert [key for key, each in waited.items() if any(each)] == [("one", 0.0), ("two", 0.0), ("wide", 0.0)]
    assert waited["one", 0.0] == [True, False]


def test_equal_models_come_out_equal_whatever_was_trained_before(results):
    for rate in (0.0, 0.1):
        np.testing.assert_allclose(results["one", rate].losses, results["two", rate].losses, rtol=1e-5)
        np.testing.assert_allclose(results["one", rate].scores, results["two", rate].scores, rtol=1e-5)


def test_seeds_differ(results):
    assert abs(np.diff(results["one", 0.1].scores)[0]) > 1e-3


def test_the_rate_is_the_one_that_was_asked_for(results):
    """At a rate of zero nothing is learnt, so the weights are those with which the seed begins."""
    begun = _model()
    keras.utils.set_random_seed(1)
    begun.set_weights(keras.models.clone_model(begun).get_weights())
    assert results["one", 0.0].scores[1] == pytest.approx(_score(begun, None), rel=1e-5)
    assert results["one", 0.1].scores[1] != pytest.approx(_score(begun, None), rel=1e-3)


def test_a_model_is_prepared_under_one_name_and_not_under_the_other(results):
    np.testing.assert_allclose(results["doubled", 0.0].scores, 2 * results["one", 0.0].scores, rtol=1e-5)
    np.testing.assert_allclose(results["two", 0.0].scores, results["one", 0.0].scores, rtol=1e-5)


def test_the_compiled_training_is_that_of_keras():
    keras.utils.set_random_seed(0)
    ours = with_optimizer(_model())
    theirs = keras.models.clone_model(ours)
    theirs.set_weights(ours.get_weights())
    theirs.compile(keras.optimizers.Adam(clipnorm=1.0), loss=LOSS)
    x, y = _batches(np.random.default_rng(0))
    losses = compiled_training(ours, LOSS)(x, y)
    theirs.fit(x.reshape(-1, 3, 1), y.reshape(-1, 1), batch_size=8, shuffle=False, verbose=0)
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert losses.shape == (UPDATES,)


def test_the_best_rate_has_the_lowest_mean_score():
    def of(*scores):
        return Trials(np.zeros((2, 1)), np.array(scores), np.ones(2))

    results = {("a", 0.1): of(1, 5), ("a", 0.2): of(2, 3), ("b", 0.1): of(0, 0)}
    assert best_rate(results, "a") == 0.2
    with pytest.raises(ValueError, match="'c', but of a, b"):
        best_rate(results, "c")
