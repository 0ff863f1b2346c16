"""The builders on small made-up packages.

The first tests check what ``tfds.testing.DatasetBuilderTestCase`` does. That class itself asks for a package
that nothing else here needs.
"""

import itertools

import pandas as pd
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from seqmodels.datasets import CtaRidership, MovieReviews
from tests.datasets.packages import write_reviews, write_ridership

BUILDERS = {
    "cta_ridership": (CtaRidership, None, write_ridership, {"train": 10, "validation": 546, "test": 10}),
    "movie_reviews/imdb": (MovieReviews, "imdb", write_reviews, {"train": 46, "validation": 3, "test": 12}),
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
