"""The encoder and the decoder, small and with random weights: what must hold for any weights."""

import dataclasses

import keras
import numpy as np
import pytest
from keras import layers

from seqmodels.pretrained._weights import Weights
from seqmodels.pretrained.bert import BertConfig, BertEncoder, SelfAttention
from seqmodels.pretrained.llama import (
    GroupedQueryAttention,
    LlamaConfig,
    LlamaDecoder,
    RMSNorm,
    rotary_angles,
    rotate,
)

BERT = BertConfig(vocabulary=50, width=24, blocks=2, heads=3, feed_forward=32, positions=20)
LLAMA = LlamaConfig(vocabulary=50, width=24, blocks=2, query_heads=6, key_heads=2, feed_forward=32)


def randomize(layer, seed=0):
    """Give a built layer random weights, biases and scales included, so that none can be left out unnoticed."""
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(0, 0.3, weight.shape) for weight in layer.get_weights()])
    return layer


@pytest.fixture(scope="module")
def encoder():
    encoder = BertEncoder(BERT)
    encoder.build()
    return randomize(encoder)


@pytest.fixture(scope="module")
def decoder():
    decoder = LlamaDecoder(LLAMA)
    decoder.build()
    return randomize(decoder)


@pytest.fixture
def token_ids():
    return np.random.default_rng(1).integers(1, 50, (3, 12))


def test_self_attention_is_that_of_keras():
    ours = SelfAttention(BERT)
    ours.build((None, None, 24))
    randomize(ours)
    theirs = layers.MultiHeadAttention(num_heads=3, key_dim=8)
    theirs.build((None, None, 24), (None, None, 24))
    split = lambda weight: np.reshape(weight, (*weight.shape[:-1], 3, 8))  # noqa: E731
    query, query_bias, key, key_bias, value, value_bias, output, output_bias = ours.get_weights()
    theirs.set_weights(
        [*map(split, (query, query_bias, key, key_bias, value, value_bias)), output.reshape(3, 8, 24), output_bias]
    )
    x = np.random.default_rng(2).normal(size=(2, 5, 24)).astype("float32")
    mask = np.array([[True] * 5, [True] * 3 + [False] * 2])
    expected = theirs(x, x, attention_mask=mask[:, None, :])
    np.testing.assert_allclose(ours(x, mask), expected, atol=1e-5)


def test_grouped_query_attention_is_that_of_keras_when_nothing_is_turned():
    ours = GroupedQueryAttention(LLAMA)
    ours.build((None, None, 24))
    randomize(ours)
    theirs = layers.GroupQueryAttention(head_dim=4, num_query_heads=6, num_key_value_heads=2, use_bias=False)
    theirs.build((None, None, 24), (None, None, 24))
    query, key, value, output = ours.get_weights()
    theirs.set_weights(
        [query.reshape(24, 6, 4), key.reshape(24, 2, 4), value.reshape(24, 2, 4), output.reshape(6, 4, 24)]
    )
    x = np.random.default_rng(2).normal(size=(2, 5, 24)).astype("float32")
    here, _ = ours(x, np.zeros(5, "int32"))  # all at one position: no turning, and nobody is later
    np.testing.assert_allclose(here, theirs(x, x), atol=1e-5)


def test_rms_norm_is_that_of_keras():
    ours, theirs = RMSNorm(1e-5), layers.RMSNormalization(epsilon=1e-5)
    x = np.random.default_rng(3).normal(size=(4, 7, 24)).astype("float32")
    ours(x), theirs(x)
    randomize(ours)
    theirs.set_weights(ours.get_weights())
    np.testing.assert_allclose(ours(x), theirs(x), atol=1e-6)


def test_turned_products_depend_on_the_distance_alone():
    query, key = np.random.default_rng(4).normal(size=(2, 8)).astype("float32")
    angles = np.asarray(rotary_angles(np.arange(40), 8, 100.0))
    turned = lambda x, position: np.asarray(rotate(x[None], angles[position : position + 1]))[0]  # noqa: E731
    product = lambda at, distance: turned(query, at + distance) @ turned(key, at)  # noqa: E731
    for distance in (0, 1, 9):
        np.testing.assert_allclose([product(at, distance) for at in (1, 7, 30)], product(0, distance), rtol=1e-4)
    assert abs(product(0, 0) - product(0, 1)) > 0.1


def test_turning_is_multiplication_by_a_complex_number():
    x = np.random.default_rng(5).normal(size=(3, 8)).astype("float32")
    angles = np.asarray(rotary_angles(np.array([0, 3, 11]), 8, 10_000.0))
    np.testing.assert_allclose(angles[1], 3 * 10_000.0 ** (-np.arange(4) / 4), rtol=1e-5)
    expected = (x[:, 0::2] + 1j * x[:, 1::2]) * np.exp(1j * angles)
    turned = np.asarray(rotate(x, angles))
    np.testing.assert_allclose(turned[:, 0::2] + 1j * turned[:, 1::2], expected, atol=1e-6)


def test_encoder_does_not_see_padding(encoder, token_ids):
    alone = encoder(token_ids[:, :8])
    padded = encoder(np.pad(token_ids[:, :8], [(0, 0), (0, 5)]))
    np.testing.assert_allclose(padded[:, :8], alone, atol=1e-5)


def test_encoder_sees_both_sides_order_and_segments(encoder, token_ids):
    base = np.asarray(encoder(token_ids))
    for changed in (0, 11):
        other = token_ids.copy()
        other[:, changed] = 1 + other[:, changed] % 49
        assert (np.abs(np.asarray(encoder(other)) - base).max(axis=(0, 2)) > 1e-4).all()
    assert np.abs(np.asarray(encoder(token_ids[:, ::-1])) - base[:, ::-1]).max() > 0.01
    assert np.abs(np.asarray(encoder(token_ids, segments=np.ones_like(token_ids))) - base).max() > 0.01


def test_decoder_does_not_see_the_future(decoder, token_ids):
    base = np.asarray(decoder(token_ids))
    other = token_ids.copy()
    other[:, 7] = 1 + other[:, 7] % 49
    change = np.abs(np.asarray(decoder(other)) - base).max(axis=(0, 2))
    assert (change[:7] == 0).all()
    assert (change[7:] > 1e-4).all()


@pytest.mark.parametrize("pieces", [[12], [1] * 12, [5, 1, 6]])
def test_decoder_with_a_cache_says_the_same(decoder, token_ids, pieces):
    cache, said, start = decoder.empty_cache(batch=3, length=15), [], 0
    for piece in pieces:
        part = token_ids[:, start : start + piece]
        compiled, _ = decoder.step(part, cache, start)
        scores, cache = decoder(part, cache=cache, start=start)
        np.testing.assert_allclose(compiled, scores, atol=1e-4)
        said.append(scores)
        start += piece
    np.testing.assert_allclose(np.concatenate(said, axis=1), decoder(token_ids), atol=1e-4)


@pytest.mark.parametrize("model", ["encoder", "decoder"])
def test_models_are_saved_and_loaded(model, request, token_ids, tmp_path):
    model = request.getfixturevalue(model)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(token_ids), model(token_ids), atol=1e-6)


@pytest.mark.parametrize("model", [BertEncoder(BERT), LlamaDecoder(LLAMA)], ids=["encoder", "decoder"])
def test_models_learn(model, token_ids):
    model.build()
    network = keras.Sequential([model, layers.Dense(50)])
    network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    losses = network.fit(token_ids, token_ids, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < 0.7 * losses[0]


def test_dropout_works_in_training_only(encoder, token_ids):
    assert np.abs(np.asarray(encoder(token_ids, training=True)) - np.asarray(encoder(token_ids))).max() > 0.01


@pytest.mark.parametrize(
    ("config", "sizes", "message"),
    [
        (BERT, {"heads": 5}, "width 24 cannot be shared among 5 heads"),
        (LLAMA, {"query_heads": 8}, "width 24 cannot be shared among 8 heads in pairs of features"),
        (LLAMA, {"key_heads": 4}, "6 query heads cannot share 4 key heads evenly"),
    ],
)
def test_sizes_that_cannot_be_are_refused(config, sizes, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(config, **sizes)


def test_weights_that_do_not_fit_are_refused(tmp_path):
    dense = layers.Dense(3, use_bias=False)
    dense.build((None, 2))
    path = tmp_path / "weights"
    with pytest.raises(ValueError, match=r"weights has no array 'a\.weight'"):
        Weights(path, {}).dense(dense, "a")
    with pytest.raises(ValueError, match=r"'a\.weight' has the shape \(2, 3\), but \S*kernel needs \(3, 2\)"):
        Weights(path, {"a.weight": np.ones((2, 3))}).dense(dense, "a")
    weights = Weights(path, {"a.weight": np.arange(6.0).reshape(3, 2), "b": np.ones(1)})
    weights.dense(dense, "a")
    np.testing.assert_array_equal(dense.kernel, [[0, 2, 4], [1, 3, 5]])
    with pytest.raises(ValueError, match="1 arrays are in no layer of the model: b"):
        weights.all_used()
    weights.all_used(except_for=["b"])
