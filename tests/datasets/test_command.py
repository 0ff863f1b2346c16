"""The command that ``make data`` runs, on small made-up packages."""

import re

import pytest

from seqmodels.datasets import CtaRidership, DailyStocks, __main__
from seqmodels.datasets.__main__ import main
from tests.datasets.packages import write_ridership, write_stocks


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQMODELS_HOME", str(tmp_path))
    monkeypatch.setattr(__main__, "BUILDERS", [(CtaRidership, None), (DailyStocks, "aapl")])
    write_ridership(tmp_path)
    write_stocks(tmp_path)
    return tmp_path


def test_it_says_one_line_before_and_one_after_each_set_and_nothing_the_second_time(home, capsys):
    assert main() == 0
    assert re.fullmatch(
        r"\[1/2\] preparing cta_ridership \.\.\.\n"
        r"\[1/2\] cta_ridership: \d\.\d MB in \d+ s\n"
        r"\[2/2\] preparing daily_stocks/aapl \.\.\.\n"
        r"\[2/2\] daily_stocks/aapl: \d\.\d MB in \d+ s\n",
        capsys.readouterr().out,
    )
    assert CtaRidership().is_prepared()
    assert DailyStocks(config="aapl").is_prepared()
    assert main() == 0
    assert capsys.readouterr().out == ""


def test_it_says_how_far_it_is_within_a_long_set(home, capsys, monkeypatch):
    monkeypatch.setattr(__main__, "SECONDS_BETWEEN_NEWS", 0)
    assert main() == 0
    said = capsys.readouterr().out.split("\n")
    assert "[1/2] cta_ridership: 1 examples so far" in said
    assert "[2/2] daily_stocks/aapl: 566 examples so far" in said


def test_table_measures_in_an_empty_folder(home, capsys, monkeypatch):
    monkeypatch.setattr(__main__, "BUILDERS", [(DailyStocks, "aapl")])
    assert main(["--table"]) == 0
    header, line, last = capsys.readouterr().out.splitlines()
    assert header.split("  ")[0] == "data set"
    row = re.fullmatch(r"daily_stocks/aapl +10 / 546 / 10 +(\S+) +(\S+) +(\S+) +(\S+)", line)
    assert row, line
    size, prepare, read, memory = (float(value.replace(",", "")) for value in row.groups())
    assert 0 < size < 1
    assert prepare > 0
    assert read > 0
    assert 100 < memory < 4000, "megabytes"
    own = re.fullmatch(r"Examples: train / validation / test\. Memory: of which (\S+) MB were TensorFlow's own\.", last)
    assert own, last
    assert float(own[1].replace(",", "")) <= memory
    assert [path.name for path in home.iterdir()] == ["packages"], "it was prepared where the data sets are kept"


def test_table_says_what_is_missing_and_fails(home, capsys, monkeypatch):
    monkeypatch.setattr(__main__, "BUILDERS", [(DailyStocks, "aapl")])
    (home / "packages" / "bokeh_sampledata" / "_data" / "stocks.csv.gz").unlink()
    assert main(["--table"]) == 1
    assert "stocks.csv.gz of the data package 'bokeh-sampledata' is missing" in capsys.readouterr().err
