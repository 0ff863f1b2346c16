"""Work from the exchange, and feedback for a class of which some have handed in there and some by mail."""

import logging
import os
import time
from pathlib import Path

import nbformat
import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import notebook_hash
from traitlets.config import Config, PyFileConfigLoader

from seqmodels.grading import messages
from seqmodels.grading.exchange import Collect, ReleaseFeedback
from tests.grading.course import ROOT

NAME = "small"
SECRETS = {"ada": "a", "Robert, Jr.": "b", "[zoe]": "c", "no-time": "d"}
BY_MAIL = ("bob", "Kim, Lee")
NOT_OF_TODAY = ("no page", "again", "failed")


@pytest.fixture
def course(tmp_path):
    for student in (*SECRETS, *BY_MAIL, *NOT_OF_TODAY):
        _graded(tmp_path, student)
        folder = tmp_path / "feedback" / student / NAME
        folder.mkdir(parents=True)
        (folder / f"{NAME}.html").write_text(f"<p>the page of {student}</p>")
        if student in SECRETS:
            (folder / "submission_secret.txt").write_text(SECRETS[student])
            if student != "no-time":
                (folder / "timestamp.txt").write_text("2030-01-01 10:00:00 UTC")
    # Broken off before the page was written; graded again since; not graded when it was tried again.
    (tmp_path / "feedback" / "no page" / NAME / f"{NAME}.html").unlink()
    os.utime(_graded(tmp_path, "again"), (time.time() + 100,) * 2)
    _graded(tmp_path, "failed").unlink()
    return tmp_path


def _graded(course: Path, student: str) -> Path:
    path = course / "autograded" / student / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = nbformat.v4.new_notebook()
    messages.mark_as_graded(notebook)
    nbformat.write(notebook, path)
    os.utime(path, (time.time() - 100,) * 2)
    return path


def _release(course: Path, **options) -> dict[str, str]:
    """Release, and return the pages in the exchange by name of file."""
    exchange = course / "exchange"
    exchange.mkdir(exist_ok=True)
    config = Config(
        CourseDirectory={"root": str(course), "course_id": "seqmodels", "assignment_id": NAME} | options,
        Exchange={"root": str(exchange)},
    )
    ReleaseFeedback(coursedir=CourseDirectory(config=config), config=config).start()
    return {page.name: page.read_text() for page in exchange.rglob("*.html")}


def _page(student: str) -> tuple[str, str]:
    return f"{notebook_hash(secret=SECRETS[student], notebook_id=NAME)}.html", f"<p>the page of {student}</p>"


def test_everybody_who_can_be_reached_is_and_the_others_are_named(course, caplog):
    with caplog.at_level(logging.WARNING):
        assert _release(course) == dict(map(_page, SECRETS))
    assert "bob" in caplog.text and "Kim, Lee" in caplog.text
    assert "no page of their last grading: again; failed; no page. Run nbgrader generate_feedback small" in caplog.text
    assert "ada" not in caplog.text
    assert str(course / "feedback" / "*" / NAME / "*.html") in caplog.text


def test_a_changed_page_takes_the_place_of_the_old_one(course):
    _release(course)
    name, _ = _page("ada")
    (course / "feedback" / "ada" / NAME / f"{NAME}.html").write_text("changed")
    assert _release(course)[name] == "changed"


def test_one_student_alone_and_all_but_one(course):
    assert _release(course, student_id="ada") == dict([_page("ada")])
    assert _page("no-time")[0] not in _release(course, student_id="*-time", student_id_exclude="no-time")


def test_nbgrader_uses_it():
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    factory = ExchangeFactory(config=config)
    assert (factory.release_feedback, factory.collect) == (ReleaseFeedback, Collect)


def test_collecting_that_is_broken_off_is_done_again(tmp_path, monkeypatch):
    inbound = tmp_path / "exchange" / "seqmodels" / "inbound" / f"ada+{NAME}+2030-01-01 10:00:00.000000 UTC+x"
    inbound.mkdir(parents=True)
    (inbound / f"{NAME}.ipynb").write_text("{}")
    (inbound / "timestamp.txt").write_text("2030-01-01 10:00:00 UTC")
    config = Config(
        CourseDirectory={"root": str(tmp_path), "course_id": "seqmodels", "assignment_id": NAME},
        Exchange={"root": str(tmp_path / "exchange")},
        ExchangeCollect={"check_owner": False},
    )

    def collect():
        Collect(coursedir=CourseDirectory(config=config), config=config).start()

    def broken_off(self, source, target, log=None):
        os.mkdir(target)
        Path(target, "timestamp.txt").touch()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(ExchangeCollect, "do_copy", broken_off)
        collect()
    own = tmp_path / "submitted" / "ada"
    assert not (own / NAME).exists()
    collect()
    assert [path.name for path in own.iterdir()] == [NAME]
    assert sorted(path.name for path in (own / NAME).iterdir()) == [f"{NAME}.ipynb", "timestamp.txt"]
