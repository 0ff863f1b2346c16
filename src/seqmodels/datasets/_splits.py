"""Splits by content, the same on every machine and for every copy of an example, and splits by time."""

import hashlib

import pandas as pd


def tenth(key: str) -> int:
    """The tenth, 0 to 9, in which a key falls: from its SHA-256, so it looks random and never changes."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % 10


def split_of(key: str) -> str:
    """The split of everything that has this key: 80 % train, 10 % validation, 10 % test."""
    return {0: "test", 1: "validation"}.get(tenth(key), "train")


def split_by_time(table: pd.DataFrame, validation_start: str, test_start: str) -> dict[str, pd.DataFrame]:
    """The rows of a table that is indexed by day, in three parts that follow one another.

    Args:
      table: its index is a sorted `pandas.DatetimeIndex`.
      validation_start: first day of validation, YYYY-MM-DD; the days before it are for training.
      test_start: first day of test.
    """
    validation, test = pd.Timestamp(validation_start), pd.Timestamp(test_start)
    return {
        "train": table[table.index < validation],
        "validation": table[(table.index >= validation) & (table.index < test)],
        "test": table[table.index >= test],
    }
