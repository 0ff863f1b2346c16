"""A BERT encoder (Devlin et al. 2019, https://arxiv.org/abs/1810.04805) as a Keras model."""

import dataclasses

import keras
from keras import layers, ops


@dataclasses.dataclass(frozen=True)
class BertConfig:
    """The sizes of an encoder.

    Attributes:
      vocabulary: number of different tokens.
      width: length of the vector that stands for a token in every layer.
      blocks: number of encoder blocks.
      heads: attention heads in a block; each sees ``width / heads`` features.
      feed_forward: width of the hidden layer of the feed-forward network.
      positions: longest sequence, in tokens.
      segments: kinds of segment; the second one marks the second text of a pair.
      dropout: share of features that are dropped in training.
      epsilon: added to the variance in layer normalization.
      padding: token that fills a sequence up to the length of its batch.
    """

    vocabulary: int
    width: int
    blocks: int
    heads: int
    feed_forward: int
    positions: int = 512
    segments: int = 2
    dropout: float = 0.1
    epsilon: float = 1e-12
    padding: int = 0

    def __post_init__(self):
        if self.width % self.heads:
            raise ValueError(f"width {self.width} cannot be shared among {self.heads} heads: it is not a multiple")


class SelfAttention(layers.Layer):
    """Every token looks at every token (Vaswani et al. 2017, section 3.2.2).

    Called with ``x``, (batch, time, width), and ``mask``, (batch, time), true where there is a token.
    Returns an array of the shape of ``x``.
    """

    def __init__(self, config: BertConfig, **kwargs):
        super().__init__(**kwargs)
        self.heads = config.heads
        self.head_width = config.width // config.heads
        self.query = layers.Dense(config.width, name="query")
        self.key = layers.Dense(config.width, name="key")
        self.value = layers.Dense(config.width, name="value")
        self.dropout = layers.Dropout(config.dropout)
        self.output_projection = layers.Dense(config.width, name="output_projection")

    def build(self, shape):
        for part in (self.query, self.key, self.value, self.output_projection):
            part.build(shape)

    def call(self, x, mask, training=False):
        query = self._split(self.query(x))  # (batch, heads, time, head width)
        key = self._split(self.key(x))
        value = self._split(self.value(x))

        scores = ops.matmul(query, ops.swapaxes(key, -1, -2)) / self.head_width**0.5  # (batch, heads, time, time)
        # A score of minus a lot becomes a weight of zero: nobody looks at padding.
        scores = ops.where(mask[:, None, None, :], scores, -1e9)
        weights = self.dropout(ops.softmax(scores), training=training)
        return self.output_projection(self._join(ops.matmul(weights, value)))

    def _split(self, x):
        """(batch, time, width) to (batch, heads, time, head width)."""
        batch, time, _ = ops.shape(x)
        return ops.swapaxes(ops.reshape(x, (batch, time, self.heads, self.head_width)), 1, 2)

    def _join(self, x):
        """(batch, heads, time, head width) to (batch, time, width)."""
        batch, _, time, _ = ops.shape(x)
        return ops.reshape(ops.swapaxes(x, 1, 2), (batch, time, self.heads * self.head_width))


class EncoderBlock(layers.Layer):
    """Self-attention, then a small network at every position; each is added to its input and normalized.

    Normalizing after the sum is the order of the first Transformers ("post-norm").
    """

    def __init__(self, config: BertConfig, **kwargs):
        super().__init__(**kwargs)
        self.attention = SelfAttention(config, name="attention")
        self.attention_norm = layers.LayerNormalization(epsilon=config.epsilon, name="attention_norm")
        self.expand = layers.Dense(config.feed_forward, name="expand")
        self.contract = layers.Dense(config.width, name="contract")
        self.output_norm = layers.LayerNormalization(epsilon=config.epsilon, name="output_norm")
        self.dropout = layers.Dropout(config.dropout)

    def build(self, shape):
        self.attention.build(shape)
        self.attention_norm.build(shape)
        self.expand.build(shape)
        self.contract.build((*shape[:-1], self.expand.units))
        self.output_norm.build(shape)

    def call(self, x, mask, training=False):
        attended = self.attention(x, mask, training=training)
        x = self.attention_norm(x + self.dropout(attended, training=training))
        transformed = self.contract(ops.gelu(self.expand(x), approximate=False))
        return self.output_norm(x + self.dropout(transformed, training=training))


@keras.saving.register_keras_serializable(package="seqmodels")
class BertEncoder(keras.Model):
    """Token ids in, one vector a token out, each informed by the whole sequence.

    Called with ``token_ids``, integers (batch, time), and optionally ``segments`` of the same shape (0 for the
    first text, 1 for the second). Padding, ``config.padding``, is left out of every average.
    Returns an array (batch, time, width).

    Raises:
      ValueError: the sequence is longer than ``config.positions``.
    """

    def __init__(self, config: BertConfig, **kwargs):
        super().__init__(**kwargs)
        self.config = config
        self.token_embedding = layers.Embedding(config.vocabulary, config.width, name="token_embedding")
        self.position_embedding = layers.Embedding(config.positions, config.width, name="position_embedding")
        self.segment_embedding = layers.Embedding(config.segments, config.width, name="segment_embedding")
        self.embedding_norm = layers.LayerNormalization(epsilon=config.epsilon, name="embedding_norm")
        self.dropout = layers.Dropout(config.dropout)
        self.blocks = [EncoderBlock(config, name=f"block_{number}") for number in range(config.blocks)]

    def build(self, shape=None):
        hidden_shape = (None, None, self.config.width)
        for embedding in (self.token_embedding, self.position_embedding, self.segment_embedding):
            embedding.build((None, None))
        self.embedding_norm.build(hidden_shape)
        for block in self.blocks:
            block.build(hidden_shape)
        self.built = True

    def call(self, token_ids, segments=None, training=False):
        time = token_ids.shape[1]
        if time is not None and time > self.config.positions:
            raise ValueError(
                f"A sequence of {time} tokens does not fit: this encoder has {self.config.positions} positions. "
                "Truncate it or cut it into pieces."
            )
        mask = ops.not_equal(token_ids, self.config.padding)
        segments = ops.zeros_like(token_ids) if segments is None else segments
        x = (
            self.token_embedding(token_ids)
            + self.position_embedding(ops.arange(ops.shape(token_ids)[1]))
            + self.segment_embedding(segments)
        )
        x = self.dropout(self.embedding_norm(x), training=training)
        for block in self.blocks:
            x = block(x, mask, training=training)
        return x

    def get_config(self):
        return {**super().get_config(), "config": dataclasses.asdict(self.config)}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "config": BertConfig(**config["config"])})
