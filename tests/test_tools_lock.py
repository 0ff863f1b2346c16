"""The lock files: everything pinned and hashed, and no address of a package index in them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ["requirements/course.lock", "requirements/data.lock"]


def faults(text):
    """What is wrong with the text of a lock file."""
    found = [f"an address: {line.strip()}" for line in text.splitlines() if re.search(r"://|--(extra-)?index|@ ", line)]
    found += [f"a host: {host}" for host in re.findall(r"\b[\w-]+\.(?:org|com|net|io)\b", text)]
    # An entry begins at the left margin and runs on for as long as its lines end in a backslash.
    for entry in re.findall(r"^[^\s#](?:.*\\\n)*.*", text, flags=re.MULTILINE):
        name = entry.split()[0]
        if not re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+", name):
            found.append(f"not pinned: {name}")
        if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry):
            found.append(f"no hash: {name}")
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_lock_file_is_pinned_hashed_and_names_no_host(name):
    text = (ROOT / name).read_text()
    assert "==" in text
    assert faults(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "numpy==2.0.0\n",
        "numpy>=2.0 \\\n    --hash=sha256:" + "0" * 64,
        "--index-url https://packages.example/simple\n",
        "numpy @ file:///tmp/numpy.whl \\\n    --hash=sha256:" + "0" * 64,
        "# from pypi.example.org\n",
    ],
)
def test_the_check_sees_a_faulty_lock_file(text):
    assert faults(text)
