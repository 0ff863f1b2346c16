"""tools/times.py and tools/history.py: how long notebooks and tests take is kept, and shown."""

import pytest
import times
from history import add
from notebooks import all_notebooks

ROOT = times.ROOT


def test_page_is_in_step_with_what_was_measured():
    assert (ROOT / times.PAGE).read_text(encoding="utf-8") == times.page(ROOT), "run: make times"


def test_every_notebook_was_measured_once():
    names = [path.relative_to(ROOT).as_posix() for path in all_notebooks()]
    assert sorted(times.results(ROOT)) == sorted(names), "run: make times"


@pytest.fixture
def course(tmp_path):
    for name in ("chapters/part/long.ipynb", "chapters/part/short.ipynb", "solutions/tiny/tiny.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "_toc.yml").write_text("  - file: chapters/part/short\n  - file: chapters/part/long\n")
    return tmp_path


def test_what_is_executed_is_noted_with_its_longest_cell(course, monkeypatch):
    monkeypatch.setattr(times, "described", lambda: "a machine")
    times.record(course / "chapters/part/short.ipynb", {"a": 1.0, "b": 2.04}, course)
    times.record(course / "solutions/tiny/tiny.ipynb", {"c": 5.0}, course)
    times.record(course / "chapters/part/long.ipynb", {"a": 30.0, "train": 40.0}, course)
    page = (course / times.PAGE).read_text(encoding="utf-8")
    assert "| [](/chapters/part/long.ipynb) | 70 | 40 | 2 |" in page
    assert "| solution of [](/handouts/tiny.md) | 5 | 5 | 1 |" in page
    assert "| **3 notebooks** | **78** | | |" in page
    assert page.index("short.ipynb") < page.index("long.ipynb") < page.index("tiny.md"), "as in the table of contents"
    assert page.count(" on `a machine, TensorFlow ") == 1
    (course / "chapters/part/short.ipynb").unlink()
    times.record(course / "chapters/part/long.ipynb", {"train": 50.0}, course)
    assert sorted(times.results(course)) == ["chapters/part/long.ipynb", "solutions/tiny/tiny.ipynb"]
    assert times.results(course)["chapters/part/long.ipynb"]["seconds"] == 50


def test_other_machines_have_tables_of_their_own(course, monkeypatch):
    for machine, name in (("a machine", "long"), ("another one", "short")):
        monkeypatch.setattr(times, "described", lambda machine=machine: machine)
        times.record(course / f"chapters/part/{name}.ipynb", {"a": 1.0}, course)
    page = (course / times.PAGE).read_text(encoding="utf-8")
    assert (
        page.index("on `a machine,")
        < page.index("long.ipynb")
        < page.index("on `another one,")
        < page.index("short.ipynb")
    )


def test_seconds_of_the_weeks_are_one_table(tmp_path):
    report, folder = tmp_path / "seconds.csv", tmp_path / "history"
    report.write_text("date,seconds\n2030-01-07,10\n")
    assert add(report, folder) == 1
    assert add(report, folder) == 1, "the same report twice"
    report.write_text("date,seconds\n2030-01-14,11\n")
    assert add(report, folder) == 2
    assert (folder / "seconds.csv").read_text() == "date,seconds\n2030-01-07,10\n2030-01-14,11\n"
    report.write_text("day,seconds\n2030-01-14,11\n")
    with pytest.raises(ValueError, match="has the columns"):
        add(report, folder)
