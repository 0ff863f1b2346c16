"""Prepare every data set of the course: ``python -m seqmodels.datasets``.

With ``--table``, prepare each of them once more in an empty folder, and say what that costs.
"""

import argparse
import contextlib
import io
import sys
import time
from collections.abc import Callable, Sequence
from typing import TextIO

import tensorflow_datasets as tfds
from absl import logging

from seqmodels.datasets import (
    CtaRidership,
    DailyStocks,
    DataFileError,
    MovieReviews,
    Pronunciations,
    ReutersNews,
    Shakespeare,
    SketchRnn,
)
from seqmodels.datasets._table import print_table

BUILDERS = [
    (CtaRidership, None),
    (MovieReviews, "imdb"),
    (MovieReviews, "rotten_tomatoes"),
    (DailyStocks, "aapl"),
    (DailyStocks, "goog"),
    (DailyStocks, "ibm"),
    (DailyStocks, "msft"),
    (ReutersNews, "r8"),
    (ReutersNews, "r52"),
    (ReutersNews, "newsgroups"),
    (Pronunciations, None),
    (Shakespeare, None),
    (SketchRnn, "kanji"),
]

SECONDS_BETWEEN_NEWS = 5


def main(arguments: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(prog="python -m seqmodels.datasets", description="Prepare the data sets.")
    parser.add_argument("--table", action="store_true", help="measure what each costs, in an empty folder")
    table = parser.parse_args(arguments).table
    # TensorFlow Datasets draws a bar for every step of every split; one line a data set says more.
    tfds.disable_progress_bar()
    logging.set_verbosity(logging.ERROR)
    try:
        if table:
            print_table(BUILDERS)
        else:
            _prepare()
    except DataFileError as error:
        print(f"make data: {error}", file=sys.stderr)
        return 1
    return 0


def _prepare() -> None:
    for number, (builder_class, config) in enumerate(BUILDERS, start=1):
        builder = builder_class(config=config)
        name = "/".join(filter(None, (builder.name, config)))
        if builder.is_prepared():
            continue
        place = f"[{number}/{len(BUILDERS)}]"
        print(f"{place} preparing {name} ...", flush=True)
        start = time.perf_counter()
        builder._generate_examples = _with_news(builder._generate_examples, f"{place} {name}", sys.stdout)
        # Its own news are about downloads, of which there are none.
        with contextlib.redirect_stdout(io.StringIO()):
            builder.download_and_prepare()
        size = builder.info.dataset_size / 1e6
        print(f"{place} {name}: {size:.1f} MB in {time.perf_counter() - start:.0f} s", flush=True)


def _with_news(generate: Callable, what: str, stream: TextIO) -> Callable:
    """The same generators of examples, saying every few seconds how many examples they have made together."""
    examples = 0
    due = time.monotonic() + SECONDS_BETWEEN_NEWS

    def generate_and_tell(*arguments, **options):
        nonlocal examples, due
        for example in generate(*arguments, **options):
            examples += 1
            if time.monotonic() >= due:
                print(f"{what}: {examples:,} examples so far", file=stream, flush=True)
                due = time.monotonic() + SECONDS_BETWEEN_NEWS
            yield example

    return generate_and_tell


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
