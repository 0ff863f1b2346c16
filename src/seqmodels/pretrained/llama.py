"""A Llama decoder (Touvron et al. 2023, https://arxiv.org/abs/2302.13971) as a Keras model."""

import dataclasses
import functools

import keras
import tensorflow as tf
from keras import layers, ops


@dataclasses.dataclass(frozen=True)
class LlamaConfig:
    """The sizes of a decoder.

    Attributes:
      vocabulary: number of different tokens.
      width: length of the vector that stands for a token in every layer.
      blocks: number of decoder blocks.
      query_heads: attention heads in a block; each sees ``width / query_heads`` features.
      key_heads: heads of keys and values; each serves ``query_heads / key_heads`` query heads.
      feed_forward: width of the hidden layer of the feed-forward network.
      positions: longest sequence that the model was trained on, in tokens.
      rotary_base: the slowest pair of features turns once in about ``2 * pi * rotary_base`` tokens.
      epsilon: added to the mean square in the normalization.
    """

    vocabulary: int
    width: int
    blocks: int
    query_heads: int
    key_heads: int
    feed_forward: int
    positions: int = 2048
    rotary_base: float = 10_000.0
    epsilon: float = 1e-5

    def __post_init__(self):
        if self.width % (2 * self.query_heads):
            raise ValueError(
                f"width {self.width} cannot be shared among {self.query_heads} heads in pairs of features: "
                f"it is not a multiple of {2 * self.query_heads}"
            )
        if self.query_heads % self.key_heads:
            raise ValueError(
                f"{self.query_heads} query heads cannot share {self.key_heads} key heads evenly: not a multiple"
            )

    @property
    def head_width(self) -> int:
        """Features that one head sees."""
        return self.width // self.query_heads


class RMSNorm(layers.Layer):
    """Divides each vector by its root mean square and scales its features (Zhang and Sennrich 2019, equation 4)."""

    def __init__(self, epsilon: float, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

    def call(self, x):
        mean_square = ops.mean(ops.square(x), axis=-1, keepdims=True)
        return x * ops.rsqrt(mean_square + self.epsilon) * self.scale


def rotary_angles(positions, head_width: int, base: float):
    """How far each pair of features is turned at each position, in radians.

    Pair ``i`` turns by ``base ** (-2 i / head_width)`` for each step (Su et al. 2021, section 3.2.2).

    Args:
      positions: (time,), counted from zero.
      head_width: features of a head, an even number.
      base: a larger base makes the slow pairs slower.

    Returns:
      (time, head_width / 2)
    """
    pairs = ops.arange(0, head_width, 2, dtype="float32")
    return ops.cast(positions, "float32")[:, None] * base ** (-pairs / head_width)


def rotate(x, angles):
    """Turn each pair of neighbouring features of ``x`` by its angle (Su et al. 2021, equation 34).

    The product of a query and a key that were turned so depends on the distance of their positions alone.

    Args:
      x: (..., time, head width)
      angles: (time, head width / 2), in radians.

    Returns:
      An array of the shape of ``x``.
    """
    cosine, sine = ops.cast(ops.cos(angles), x.dtype), ops.cast(ops.sin(angles), x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = ops.stack([even * cosine - odd * sine, even * sine + odd * cosine], axis=-1)
    return ops.reshape(turned, ops.shape(x))


class GroupedQueryAttention(layers.Layer):
    """Causal attention in which several query heads share the keys and values of one (Ainslie et al. 2023).

    Called with ``x``, (batch, time, width), the ``positions`` of its tokens, (time,), and a ``cache`` of the keys
    and values of all positions, two arrays (batch, key heads, length, head width), or none. With a cache, the keys
    and values of ``x`` are written into it, and its tokens look at all that is in it up to their own positions.

    Returns:
      An array of the shape of ``x``, and the new cache.
    """

    def __init__(self, config: LlamaConfig, **kwargs):
        super().__init__(**kwargs)
        self.config = config
        self.query = layers.Dense(config.width, use_bias=False, name="query")
        self.key = layers.Dense(config.key_heads * config.head_width, use_bias=False, name="key")
        self.value = layers.Dense(config.key_heads * config.head_width, use_bias=False, name="value")
        self.output_projection = layers.Dense(config.width, use_bias=False, name="output_projection")

    def build(self, shape):
        for part in (self.query, self.key, self.value, self.output_projection):
            part.build(shape)

    def call(self, x, positions, cache=None):
        angles = rotary_angles(positions, self.config.head_width, self.config.rotary_base)
        query = rotate(self._split(self.query(x)), angles)  # (batch, query heads, time, head width)
        key = rotate(self._split(self.key(x)), angles)  # (batch, key heads, time, head width)
        value = self._split(self.value(x))
        key_positions = positions
        if cache is not None:
            start = (0, 0, positions[0], 0)
            key, value = ops.slice_update(cache[0], start, key), ops.slice_update(cache[1], start, value)
            cache = (key, value)
            key_positions = ops.arange(ops.shape(key)[2])

        group = self.config.query_heads // self.config.key_heads
        key, value = ops.repeat(key, group, axis=1), ops.repeat(value, group, axis=1)
        scores = ops.matmul(query, ops.swapaxes(key, -1, -2)) / self.config.head_width**0.5
        # Nobody looks at a later token. (What the cache does not hold yet is later than all.)
        scores = ops.where(key_positions[None, :] <= positions[:, None], scores, -1e9)
        attended = ops.matmul(ops.softmax(scores), value)  # (batch, query heads, time, head width)
        batch, _, time, _ = ops.shape(attended)
        attended = ops.reshape(ops.swapaxes(attended, 1, 2), (batch, time, self.config.width))
        return self.output_projection(attended), cache

    def _split(self, x):
        """(batch, time, heads * head width) to (batch, heads, time, head width)."""
        batch, time, _ = ops.shape(x)
        return ops.swapaxes(ops.reshape(x, (batch, time, -1, self.config.head_width)), 1, 2)


class SwiGLU(layers.Layer):
    """A feed-forward network whose hidden layer is gated by ``z * sigmoid(z)`` (Shazeer 2020, equation 6)."""

    def __init__(self, config: LlamaConfig, **kwargs):
        super().__init__(**kwargs)
        self.gate = layers.Dense(config.feed_forward, use_bias=False, name="gate")
        self.expand = layers.Dense(config.feed_forward, use_bias=False, name="expand")
        self.contract = layers.Dense(config.width, use_bias=False, name="contract")

    def build(self, shape):
        self.gate.build(shape)
        self.expand.build(shape)
        self.contract.build((*shape[:-1], self.expand.units))

    def call(self, x):
        return self.contract(ops.silu(self.gate(x)) * self.expand(x))


class DecoderBlock(layers.Layer):
    """Attention, then a small network at every position; each reads a normalized input and adds to it ("pre-norm")."""

    def __init__(self, config: LlamaConfig, **kwargs):
        super().__init__(**kwargs)
        self.attention_norm = RMSNorm(config.epsilon, name="attention_norm")
        self.attention = GroupedQueryAttention(config, name="attention")
        self.feed_forward_norm = RMSNorm(config.epsilon, name="feed_forward_norm")
        self.feed_forward = SwiGLU(config, name="feed_forward")

    def build(self, shape):
        for part in (self.attention_norm, self.attention, self.feed_forward_norm, self.feed_forward):
            part.build(shape)

    def call(self, x, positions, cache=None):
        attended, cache = self.attention(self.attention_norm(x), positions, cache)
        x = x + attended
        return x + self.feed_forward(self.feed_forward_norm(x)), cache


@keras.saving.register_keras_serializable(package="seqmodels")
class LlamaDecoder(keras.Model):
    """Token ids in, a score for every possible next token out.

    Called with ``token_ids``, integers (batch, time). Returns scores before the softmax, (batch, time, vocabulary);
    those at a position depend on the tokens up to it and on none after it. The embedding of the tokens serves as
    output layer as well.

    To go on from tokens that were read before, give a ``cache``, from `empty_cache` or from the last call, and the
    position ``start`` of the first new token. Then the scores and the new cache are returned.
    """

    def __init__(self, config: LlamaConfig, **kwargs):
        super().__init__(**kwargs)
        self.config = config
        self.token_embedding = layers.Embedding(config.vocabulary, config.width, name="token_embedding")
        self.blocks = [DecoderBlock(config, name=f"block_{number}") for number in range(config.blocks)]
        self.output_norm = RMSNorm(config.epsilon, name="output_norm")

    def build(self, shape=None):
        hidden_shape = (None, None, self.config.width)
        self.token_embedding.build((None, None))
        for block in self.blocks:
            block.build(hidden_shape)
        self.output_norm.build(hidden_shape)
        self.built = True

    def call(self, token_ids, cache=None, start=0):
        positions = start + ops.arange(ops.shape(token_ids)[1])
        x = self.token_embedding(token_ids)  # (batch, time, width)
        caches = []
        for number, block in enumerate(self.blocks):
            x, new = block(x, positions, None if cache is None else cache[number])
            caches.append(new)
        scores = ops.matmul(self.output_norm(x), ops.transpose(self.token_embedding.embeddings))
        return scores if cache is None else (scores, caches)

    def empty_cache(self, batch: int, length: int) -> list:
        """A cache for ``length`` tokens: for each block its keys and values, (batch, key heads, length, head width)."""
        shape = (batch, self.config.key_heads, length, self.config.head_width)
        return [(ops.zeros(shape, self.compute_dtype), ops.zeros(shape, self.compute_dtype)) for _ in self.blocks]

    @functools.cached_property
    def step(self):
        """The call with a cache, compiled once for prompts and caches of any length.

        Called with integers (batch, time), a cache, and the position of the first token as an integer tensor.
        """
        part = tf.TensorSpec((None, self.config.key_heads, None, self.config.head_width), self.compute_dtype)
        tokens, start = tf.TensorSpec((None, None), "int32"), tf.TensorSpec((), "int32")
        return tf.function(
            lambda token_ids, cache, start: self(token_ids, cache=cache, start=start),
            input_signature=[tokens, [(part, part)] * self.config.blocks, start],
        )

    def get_config(self):
        return {**super().get_config(), "config": dataclasses.asdict(self.config)}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "config": LlamaConfig(**config["config"])})
