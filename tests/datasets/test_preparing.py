"""Preparing data: an interrupted run leaves nothing that looks whole, and a prepared set needs no network."""

import os
import shutil
import signal
import subprocess
import sys

import pytest
import tensorflow_datasets as tfds

from seqmodels.datasets import CtaRidership
from tests.datasets.packages import write_ridership
from tests.patience import PATIENCE

# Prepares the data set as `make data` does, and stops in the middle of the second split.
HALF_WAY = """
import time
from seqmodels.datasets import CtaRidership
whole = CtaRidership._generate_examples
def slow(self, days):
    for number, example in whole(self, days):
        yield number, example
        if example["date"] == "2013-06-30":
            print("half way", flush=True)
            time.sleep(600)
CtaRidership._generate_examples = slow
CtaRidership().download_and_prepare()
"""

# The first lines keep Python off the network; where the system can, the whole process has none.
OFF_LINE = """
import socket
def refuse(*arguments, **options):
    raise OSError("the network is off")
socket.socket.connect = socket.getaddrinfo = refuse
import tensorflow_datasets as tfds
import seqmodels.datasets
days = tfds.load("cta_ridership", split="train")
print("days:", len(list(days)))
reviews = tfds.load("movie_reviews/imdb", split="test", as_supervised=True)
print("review:", next(iter(reviews))[1].dtype.name)
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQMODELS_HOME", str(tmp_path))
    write_ridership(tmp_path)
    return tmp_path


def test_a_run_that_is_killed_half_way_is_not_taken_for_a_whole_one(home):
    process = subprocess.Popen(
        [sys.executable, "-c", HALF_WAY], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    said = []
    for line in process.stdout:
        said.append(line)
        if line == "half way\n":
            break
    assert said[-1:] == ["half way\n"], said
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE)
    written = [path for path in (home / "tensorflow_datasets").rglob("*") if path.is_file()]
    assert written, "it was killed before it had written anything"

    assert not CtaRidership().is_prepared()
    CtaRidership().download_and_prepare()
    sizes = {split: len(tfds.load("cta_ridership", split=split)) for split in ("train", "validation", "test")}
    assert sizes == {"train": 10, "validation": 546, "test": 10}


def test_prepared_data_load_with_the_network_off_and_from_any_folder(tmp_path):
    alone = ["unshare", "--map-root-user", "--net"]
    can = shutil.which("unshare") and subprocess.run([*alone, "true"], capture_output=True, check=False).returncode == 0
    done = subprocess.run(
        [*(alone if can else []), sys.executable, "-c", OFF_LINE],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "NO_GCE_CHECK"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["days: 4362", "review: int64"]
