"""What each data set costs to prepare, measured: ``python -m seqmodels.datasets --table``."""

import contextlib
import io
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import tensorflow as tf
import tensorflow_datasets as tfds
from absl import logging

from seqmodels._packages import home

_HEADER = ("data set", "examples", "MB", "s to prepare", "s to read", "MB of memory")


class Cost(NamedTuple):
    """What one data set cost.

    Attributes:
      examples: number of examples of each split.
      size: megabytes on disk.
      prepare: seconds to prepare it.
      read: seconds to load it again and read every example once.
      memory: megabytes of memory that its process had at most while it prepared.
      before: the same before it began, when only TensorFlow and the builders were there.
    """

    examples: dict[str, int]
    size: float
    prepare: float
    read: float
    memory: float
    before: float


def print_table(builders: list[tuple[type, str | None]]) -> None:
    """Prepare each data set in an empty home and a process of its own, and print what that took."""
    print("{:<26}{:>26}{:>8}{:>14}{:>11}{:>14}".format(*_HEADER), flush=True)
    before = 0.0
    for builder_class, config in builders:
        name = "/".join(filter(None, (builder_class.name, config)))
        cost = _in_own_process(builder_class, config)
        examples = " / ".join(f"{number:,}" for number in cost.examples.values())
        print(
            f"{name:<26}{examples:>26}{cost.size:>8.1f}{cost.prepare:>14.1f}{cost.read:>11.1f}{cost.memory:>14,.0f}",
            flush=True,
        )
        before = max(before, cost.before)
    print(f"Examples: {' / '.join(cost.examples)}. Memory: of which {before:,.0f} MB were TensorFlow's own.")


def _in_own_process(builder_class: type, config: str | None) -> Cost:
    # A fresh interpreter, not a fork: the memory of a fork counts what its parent had.
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix="seqmodels-table-") as empty,
        ProcessPoolExecutor(max_workers=1, mp_context=context) as pool,
    ):
        Path(empty, "packages").symlink_to(home() / "packages", target_is_directory=True)
        return pool.submit(_measure, builder_class, config, empty).result()


def _measure(builder_class: type, config: str | None, empty: str) -> Cost:
    os.environ["SEQMODELS_HOME"] = empty
    tfds.disable_progress_bar()
    logging.set_verbosity(logging.ERROR)
    # TensorFlow Datasets imports TensorFlow when it is first needed: now, so that no data set is charged for it.
    tf.constant(0)
    before = _peak_memory()
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):  # its news are about downloads, of which there are none
        builder_class(config=config).download_and_prepare()
    prepared = time.perf_counter()
    memory = _peak_memory()
    builder = builder_class(config=config)
    for split in builder.info.splits:
        builder.as_dataset(split=split).reduce(tf.constant(0), lambda number, _: number + 1).numpy()
    read = time.perf_counter()
    examples = {split: info.num_examples for split, info in builder.info.splits.items()}
    return Cost(examples, builder.info.dataset_size / 1e6, prepared - start, read - prepared, memory, before)


def _peak_memory() -> float:
    """Megabytes of memory that this process has had at most."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3  # bytes there, kilobytes elsewhere
