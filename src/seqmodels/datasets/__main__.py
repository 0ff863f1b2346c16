"""Prepare every data set of the course: ``python -m seqmodels.datasets``."""

import sys
import time

import tensorflow_datasets as tfds
from absl import logging

from seqmodels.datasets import CtaRidership, DataFileError, MovieReviews

BUILDERS = [
    (CtaRidership, None),
    (MovieReviews, "imdb"),
    (MovieReviews, "rotten_tomatoes"),
]


def main() -> int:
    # TensorFlow Datasets draws a bar for every step of every split; one line a data set says more.
    tfds.disable_progress_bar()
    logging.set_verbosity(logging.ERROR)
    for number, (builder_class, config) in enumerate(BUILDERS, start=1):
        builder = builder_class(config=config)
        name = "/".join(filter(None, (builder.name, config)))
        if builder.is_prepared():
            continue
        print(f"[{number}/{len(BUILDERS)}] preparing {name} ...", flush=True)
        start = time.perf_counter()
        try:
            builder.download_and_prepare()
        except DataFileError as error:
            print(f"make data: {error}", file=sys.stderr)
            return 1
        size = builder.info.dataset_size / 1e6
        print(f"[{number}/{len(BUILDERS)}] {name}: {size:.1f} MB in {time.perf_counter() - start:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
