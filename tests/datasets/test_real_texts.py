"""The prepared articles, pronunciations and works are what the chapters say they are."""

import re
from collections import Counter, defaultdict

import pytest
import tensorflow_datasets as tfds

import seqmodels.datasets  # noqa: F401  (registers the builders)

SPLITS = ("train", "validation", "test")

# Sizes of the splits, number of topics, the largest topics of the test split, rows of training that were left out.
NEWS = {
    "r8": ((4930, 550, 2189), 8, {"earn": 1083, "acq": 696, "crude": 121}, 5),
    "r52": ((5876, 648, 2568), 52, {"earn": 1083, "acq": 696, "crude": 121}, 8),
    "newsgroups": ((10259, 1027, 7528), 20, {"rec.sport.hockey": 399}, 7),
}
PUBLISHED = {"r8": 7674, "r52": 9100, "newsgroups": 18821}


def _load(name):
    return {split: list(tfds.as_numpy(tfds.load(name, split=split))) for split in SPLITS}


@pytest.fixture(scope="module")
def collections():
    return {name: _load(f"reuters_news/{name}") for name in NEWS}


@pytest.fixture(params=NEWS)
def news(request, collections):
    return request.param, collections[request.param]


@pytest.fixture(scope="module")
def entries():
    """Word, phonemes and variant of every example; one by one they would take half a minute."""
    columns = {split: tfds.as_numpy(tfds.load("pronunciations", split=split, batch_size=-1)) for split in SPLITS}
    return {
        split: list(zip(*(columns[split][name].tolist() for name in ("word", "phonemes", "variant")), strict=True))
        for split in SPLITS
    }


@pytest.fixture(scope="module")
def works():
    return _load("shakespeare")


def test_number_of_articles(news):
    name, articles = news
    sizes, _, _, left_out = NEWS[name]
    assert tuple(len(articles[split]) for split in SPLITS) == sizes
    assert sum(sizes) + left_out == PUBLISHED[name]


def test_balance_of_topics(news):
    name, articles = news
    _, topics, largest, _ = NEWS[name]
    label = tfds.builder(f"reuters_news/{name}").info.features["label"]
    numbers = {split: Counter(label.int2str(article["label"]) for article in articles[split]) for split in SPLITS}
    assert label.num_classes == topics
    assert dict(numbers["test"].most_common(len(largest))) == largest
    assert len(numbers["test"]) == len(numbers["train"]) == topics, "each topic is learnt and tested"


def test_rarest_topics_of_r52(collections):
    articles = collections["r52"]
    numbers = {split: Counter(article["label"] for article in articles[split]) for split in SPLITS}
    assert min(numbers["train"].values()) == 1
    assert len(numbers["validation"]) == 41


def test_no_article_is_in_two_splits(news):
    _, articles = news
    texts = {split: {article["text"] for article in articles[split]} for split in SPLITS}
    assert not texts["train"] & texts["validation"]
    assert not texts["train"] & texts["test"]
    assert not texts["validation"] & texts["test"]


def test_copies_that_the_description_owns_up_to(news):
    name, articles = news
    rest = articles["train"] + articles["validation"]
    beginnings = [[tuple(a["text"].split()[:25]) for a in part] for part in (articles["test"], rest)]
    tested = {words for words in beginnings[0] if len(words) == 25}
    assert sum(words in tested for words in beginnings[1]) == {"r8": 17, "r52": 25, "newsgroups": 117}[name]
    topics = defaultdict(set)
    for article in rest:
        topics[article["text"]].add(article["label"])
    assert sum(len(several) > 1 for several in topics.values()) == 4


def test_articles_are_words_of_small_letters(news):
    _, articles = news
    for split in SPLITS:
        assert all(re.fullmatch(rb"[a-z]+( [a-z]+)*", article["text"]) for article in articles[split])


def test_articles_are_not_sorted_by_topic(news):
    _, articles = news
    assert len({article["label"] for article in articles["train"][:100]}) >= 5


def test_r52_contains_r8(collections):
    for split in SPLITS:
        texts = {name: {article["text"] for article in collections[name][split]} for name in ("r8", "r52")}
        assert texts["r8"] < texts["r52"]


def test_a_known_article(collections):
    label = tfds.builder("reuters_news/r8").info.features["label"]
    articles = {article["text"]: label.int2str(article["label"]) for article in collections["r8"]["train"]}
    topic = {topic for text, topic in articles.items() if text.startswith(b"champion products ch approves stock split")}
    assert topic == {"earn"}


def test_nine_articles_in_ten_end_with_reuter(collections):
    articles = collections["r8"]["train"]
    assert sum(article["text"].endswith(b" reuter") for article in articles) / len(articles) == pytest.approx(
        0.91, abs=0.005
    )


def test_number_of_pronunciations(entries):
    assert {split: len(entries[split]) for split in SPLITS} == {"train": 107_900, "validation": 13_668, "test": 13_598}
    every = [entry for split in SPLITS for entry in entries[split]]
    assert len(every) == 135_166
    number = Counter(word for word, _, _ in every)
    assert len(number) == 126_052
    assert sum(several > 1 for several in number.values()) == 8_447
    assert sum(not word.isalpha() for word in number) == 8_559
    assert {variant for _, _, variant in every} == {1, 2, 3, 4}
    assert len({(word, phonemes) for word, phonemes, _ in every}) == len(every) - 2


def test_no_spelling_is_in_two_splits_nor_are_its_possessive_and_plural(entries):
    words = {split: {word.decode() for word, _, _ in entries[split]} for split in SPLITS}
    split_of = {word: split for split in SPLITS for word in words[split]}
    assert len(split_of) == sum(map(len, words.values()))
    relatives = [
        (word, word + ending) for word in split_of for ending in ("'s", "s", "s'") if word + ending in split_of
    ]
    assert len(relatives) > 20_000
    assert [pair for pair in relatives if split_of[pair[0]] != split_of[pair[1]]] == []


def test_phonemes(entries):
    names = {name for split in SPLITS for _, phonemes, _ in entries[split] for name in phonemes.split(b" ")}
    assert len(names) == 69
    assert len({name[:-1] for name in names if name[-1:].isdigit()}) == 15, "vowels"
    assert all(re.fullmatch(rb"[A-Z]{1,2}[012]?", name) for name in names)


def test_known_pronunciations(entries):
    pronounced = defaultdict(dict)
    for split in SPLITS:
        for word, phonemes, variant in entries[split]:
            pronounced[word.decode()][variant] = phonemes.decode()
    assert pronounced["sequence"] == {1: "S IY1 K W AH0 N S"}
    assert pronounced["read"] == {1: "R EH1 D", 2: "R IY1 D"}
    assert pronounced["aalborg"][1] == "AO1 L B AO0 R G", "the comment is not part of it"


def test_relatives_of_the_words_to_test(entries):
    trained = {phonemes for _, phonemes, _ in entries["train"]}
    shared = sum(phonemes in trained for _, phonemes, _ in entries["test"])
    assert shared / len(entries["test"]) == pytest.approx(0.18, abs=0.005)
    words = {split: {word.decode() for word, _, _ in entries[split]} for split in SPLITS}
    inflected = sum(
        word.endswith(ending) and bool({word.removesuffix(ending), word.removesuffix(ending) + "e"} & words["train"])
        for word in words["test"]
        for ending in ("ed", "ing", "er")
    )
    assert inflected / len(words["test"]) == pytest.approx(1 / 13, abs=0.005)


def test_works_of_each_split(works):
    genre = tfds.builder("shakespeare").info.features["genre"]
    of = {split: {work["title"].decode(): genre.int2str(work["genre"]) for work in works[split]} for split in SPLITS}
    assert of["validation"] == {
        "As You Like It": "comedy",
        "Henry VIII": "history",
        "Macbeth": "tragedy",
        "A Lover's Complaint": "poetry",
    }
    assert of["test"] == {
        "Twelfth Night": "comedy",
        "King John": "history",
        "Othello": "tragedy",
        "The Rape of Lucrece": "poetry",
    }
    assert len(of["train"]) == 34
    assert not of["train"].keys() & (of["validation"].keys() | of["test"].keys())
    every = Counter(kind for split in SPLITS for kind in of[split].values())
    assert every == {"comedy": 15, "history": 10, "tragedy": 12, "poetry": 5}


def test_number_of_characters(works):
    sizes = {split: sum(len(work["text"]) for work in works[split]) for split in SPLITS}
    assert sum(sizes.values()) == 5_055_014
    shares = [round(100 * sizes[split] / sum(sizes.values())) for split in SPLITS]
    assert shares == [83, 8, 9]


def test_works_hold_nothing_but_the_work(works):
    for split in SPLITS:
        for work in works[split]:
            assert work["text"].isascii()
            assert not re.search(rb"(?i)gutenberg|copyright|\betext|\r|by William Shakespeare", work["text"]), work[
                "title"
            ]


def test_no_long_line_of_a_small_split_is_in_another_work_of_another_split(works):
    lines = {
        split: {line for work in works[split] for line in work["text"].split(b"\n") if len(line) > 45}
        for split in SPLITS
    }
    assert not lines["train"] & (lines["validation"] | lines["test"])
    assert not lines["validation"] & lines["test"]


def test_known_lines(works):
    texts = {work["title"].decode(): work["text"] for split in SPLITS for work in works[split]}
    assert b"To be, or not to be" in texts["Hamlet"]
    assert texts["Romeo and Juliet"].startswith(b"PERSONS REPRESENTED")
    assert texts["The Sonnets"].startswith(b"I\n\nFrom fairest creatures we desire increase,\n")


def test_known_faults(works):
    texts = {work["title"].decode(): work["text"] for split in SPLITS for work in works[split]}
    assert re.findall(rb"(?m)^ACT \w+", texts["Cymbeline"]) == [b"ACT FIRST", b"ACT II", b"ACT FIFTH"]
    assert {title for title, text in texts.items() if b"@" in text} == {"Love's Labour's Lost"}
