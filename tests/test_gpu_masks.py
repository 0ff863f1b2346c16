"""What the chapters say of masks on a graphics processor, as far as Keras' own code decides it.

No test here runs on one. Keras is told that there is one, and the fused kernel that it would call is replaced by a
stand-in. What decides whether the kernel gets a mask, and what happens if it may not, is Keras' and stays as it is.
"""

from importlib import import_module

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

# By its name: the package has a function `rnn` as well.
RNN = import_module("keras.src.backend.tensorflow.rnn")

BEHIND = np.array([[3, 4, 5, 6], [7, 8, 0, 0]])
BEFORE = np.array([[3, 4, 5, 6], [0, 0, 7, 8]])
EMPTY = np.array([[3, 4, 5, 6], [0, 0, 0, 0]])
REFUSED = {"before": BEFORE, "empty": EMPTY}
KINDS = {"lstm": layers.LSTM, "gru": layers.GRU}


@pytest.fixture
def kernel(monkeypatch):
    """A stand-in for the fused kernel, which says what it was called for."""
    called = []

    def stand_in(input, input_h, params, rnn_mode, **_):
        called.append(rnn_mode)
        outputs = tf.tanh(tf.reduce_mean(input, axis=2, keepdims=True) + tf.reduce_mean(params) + input_h)
        return outputs, outputs[:, -1:], outputs[:, -1:], None, None

    monkeypatch.setattr(RNN, "_is_gpu_available", lambda: True)
    monkeypatch.setattr(tf.raw_ops, "CudnnRNNV3", stand_in)
    return called


def reader(kind, both=False, **options):
    layer = KINDS[kind](2, **options)
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(10, 3, mask_zero=True),
            layers.Bidirectional(layer) if both else layer,
            layers.Dense(1),
        ]
    )
    model.compile("sgd", "mse")
    return model


def train(model, words):
    model.fit(words, np.ones((len(words), 1)), verbose=0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("words", REFUSED.values(), ids=REFUSED)
def test_training_stops_if_the_kernel_may_not_have_the_mask(kernel, kind, words):
    model = reader(kind)
    with pytest.raises(tf.errors.InvalidArgumentError, match="right-padded"):
        train(model, words)
    with pytest.raises(tf.errors.InvalidArgumentError, match="right-padded"):
        model.predict(words, verbose=0)
    assert set(kernel) == {kind}


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_training_goes_on_with_padding_behind_the_words(kernel, kind, both):
    train(reader(kind, both), BEHIND)
    assert set(kernel) == {kind}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("words", REFUSED.values(), ids=REFUSED)
def test_a_call_outside_a_graph_takes_the_other_way(kernel, kind, words):
    layer = KINDS[kind](2)
    vectors, mask = np.random.default_rng(0).normal(size=(2, 4, 3)), tf.constant(words != 0)
    layer.build(vectors.shape)
    told = layer(vectors, mask=mask)
    assert kernel == []
    layer.use_cudnn = False
    np.testing.assert_allclose(told, layer(vectors, mask=mask), atol=1e-6)


@pytest.mark.parametrize("options", [{"use_cudnn": False}, {"activation": "relu"}, {"recurrent_dropout": 0.1}])
@pytest.mark.parametrize("kind", KINDS)
def test_without_the_kernel_every_mask_will_do(kernel, kind, options):
    model = reader(kind, **options)
    for words in (BEHIND, BEFORE, EMPTY):
        train(model, words)
    assert kernel == []
