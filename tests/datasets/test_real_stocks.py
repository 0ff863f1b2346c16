"""The prepared prices are what the chapters say they are."""

import numpy as np
import pytest
import tensorflow_datasets as tfds

import seqmodels.datasets  # noqa: F401  (registers the builders)

SPLITS = ("train", "validation", "test")
COMPANIES = ("aapl", "goog", "ibm", "msft")


@pytest.fixture(scope="module")
def days():
    """The columns of each split of each company."""
    return {
        company: {
            split: tfds.as_numpy(tfds.load(f"daily_stocks/{company}", split=split, batch_size=-1)) for split in SPLITS
        }
        for company in COMPANIES
    }


@pytest.fixture(scope="module")
def tables(days):
    """The columns of each company, over all splits."""
    return {
        company: {name: np.concatenate([splits[split][name] for split in SPLITS]) for name in splits["train"]}
        for company, splits in days.items()
    }


def test_number_of_days(days):
    sizes = {company: [len(days[company][split]["date"]) for split in SPLITS] for company in COMPANIES}
    assert sizes == {
        "aapl": [2475, 377, 418],
        "goog": [1353, 377, 418],
        "ibm": [2475, 377, 418],
        "msft": [2475, 377, 418],
    }


def test_days_are_in_order_from_split_to_split_and_the_same_for_all(days, tables):
    all_dates = tables["ibm"]["date"]
    assert [all_dates[0], all_dates[-1]] == [b"2000-03-01", b"2013-03-01"]
    for company, table in tables.items():
        dates = table["date"].astype(str).astype("datetime64[D]")
        assert (np.diff(dates) > np.timedelta64(0, "D")).all()
        assert (np.diff(dates) <= np.timedelta64(7, "D")).all()
        assert (table["date"] == all_dates[-len(dates) :]).all()
        assert days[company]["validation"]["date"][0] == b"2010-01-04"
        assert days[company]["test"]["date"][0] == b"2011-07-01"


def test_a_known_day(days):
    first = {name: column[0] for name, column in days["aapl"]["train"].items()}
    assert first["date"] == b"2000-03-01"
    assert first["volume"] == 9616100
    prices = [first[name] for name in ("open", "high", "low", "close", "adjusted_close")]
    assert prices == pytest.approx([118.56, 132.06, 118.5, 130.31, 4.1866628], rel=1e-6)


def test_prices_are_between_the_lowest_and_the_highest_of_the_day(tables):
    for table in tables.values():
        for name in ("open", "close"):
            assert ((table["low"] <= table[name]) & (table[name] <= table["high"])).all()


def _change(table, column, date):
    number = table["date"].tolist().index(date)
    return table[column][number] / table[column][number - 1] - 1


@pytest.mark.parametrize(
    ("company", "date", "traded", "adjusted"),
    [
        ("msft", b"2003-02-18", -0.483, 0.034),
        ("aapl", b"2000-06-21", -0.451, 0.099),
        ("aapl", b"2005-02-28", -0.496, 0.008),
    ],
)
def test_splits_of_shares_are_in_the_close_and_not_in_the_adjusted_close(tables, company, date, traded, adjusted):
    assert _change(tables[company], "close", date) == pytest.approx(traded, abs=0.001)
    assert _change(tables[company], "adjusted_close", date) == pytest.approx(adjusted, abs=0.001)


def test_the_largest_fall_of_the_adjusted_close(tables):
    falls = {}
    for company, table in tables.items():
        returns = np.diff(table["adjusted_close"]) / table["adjusted_close"][:-1]
        falls[company] = (table["date"][returns.argmin() + 1], round(float(returns.min()), 3))
    assert falls == {
        "aapl": (b"2000-09-29", -0.519),  # a warning of lower profits, no split
        "goog": (b"2008-09-29", -0.116),
        "ibm": (b"2000-10-18", -0.155),
        "msft": (b"2000-04-24", -0.156),
    }


def test_levels_repeat_and_returns_do_not(tables):
    for table in tables.values():
        price = table["adjusted_close"]
        returns = np.diff(np.log(price))
        assert np.corrcoef(price[1:], price[:-1])[0, 1] > 0.99
        assert abs(np.corrcoef(returns[1:], returns[:-1])[0, 1]) < 0.06
