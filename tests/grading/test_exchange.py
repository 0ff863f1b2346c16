"""Feedback for a class of which some have handed in through the exchange and some by mail."""

import logging
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from nbgrader.utils import notebook_hash
from traitlets.config import Config, PyFileConfigLoader

from seqmodels.grading.exchange import ReleaseFeedback
from tests.grading.course import ROOT

NAME = "small"
SECRETS = {"ada": "a", "Robert, Jr.": "b", "[zoe]": "c", "no-time": "d"}
BY_MAIL = ("bob", "Kim, Lee")


@pytest.fixture
def course(tmp_path):
    for student in (*SECRETS, *BY_MAIL):
        folder = tmp_path / "feedback" / student / NAME
        folder.mkdir(parents=True)
        (folder / f"{NAME}.html").write_text(f"<p>the page of {student}</p>")
        if student in SECRETS:
            (folder / "submission_secret.txt").write_text(SECRETS[student])
            if student != "no-time":
                (folder / "timestamp.txt").write_text("2030-01-01 10:00:00 UTC")
    (tmp_path / "feedback" / "empty" / NAME).mkdir(parents=True)
    return tmp_path


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
    assert "ada" not in caplog.text and "empty" not in caplog.text
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
    assert ExchangeFactory(config=config).release_feedback is ReleaseFeedback
