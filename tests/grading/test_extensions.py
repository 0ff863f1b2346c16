"""More time for single students: a list that is read or refused by line, and what a grading makes of it."""

import datetime

import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from seqmodels.grading import extensions
from seqmodels.grading.runner import course
from seqmodels.grading.runner.course import WrongUse
from seqmodels.grading.sheet import Unusable

NAME = "tiny"
HEAD = "assignment,id,until\n"
DUE = datetime.datetime(2030, 1, 15, 23, 59)


@pytest.fixture
def coursedir(tmp_path):
    return CourseDirectory(config=Config(CourseDirectory={"root": str(tmp_path), "assignment_id": NAME}))


@pytest.fixture
def gradebook(coursedir):
    """Ada has handed in two days late; Bob not at all."""
    with Gradebook(coursedir.db_url) as found:
        found.add_assignment(NAME, duedate=DUE)
        for student in ("ada", "bob"):
            found.add_student(student)
        found.add_submission(NAME, "ada", timestamp=DUE + datetime.timedelta(days=2))
        yield found


def _write(coursedir, *lines):
    with open(f"{coursedir.root}/extensions.csv", "w", encoding="utf-8-sig") as stream:
        stream.write(HEAD + "".join(f"{line}\n" for line in lines))


def test_there_need_be_no_list(coursedir, gradebook):
    assert extensions.read(coursedir) == {}
    extensions.apply(coursedir, gradebook, "ada")
    assert gradebook.find_submission(NAME, "ada").extension is None
    assert extensions.due(coursedir, gradebook, "ada") == extensions.due(coursedir, gradebook, "bob") == DUE


@pytest.mark.parametrize(
    ("until", "late"),
    [
        ("2030-01-17 23:59 UTC", 0),
        ("2030-01-18 00:59 Europe/Berlin", 0),
        ("2030-01-17 22:59 UTC", 3600),
        ("2030-01-15 23:59 UTC", 2 * 86400),
    ],
)
def test_lateness_is_counted_from_the_students_own_date(coursedir, gradebook, until, late):
    _write(coursedir, f"other,ada,2031-01-01 10:00 UTC\n\n {NAME} , ada ,{until}")
    extensions.apply(coursedir, gradebook, "ada")
    assert gradebook.find_submission(NAME, "ada").total_seconds_late == late
    # Whoever has one gets it when the work is there.
    extensions.apply(coursedir, gradebook, "ada")
    assert gradebook.find_submission(NAME, "ada").total_seconds_late == late


def test_a_new_date_makes_a_submission_one_to_be_graded_again(coursedir, gradebook):
    before = extensions.due(coursedir, gradebook, "ada")
    _write(coursedir, f"{NAME},ada,2030-01-20 10:00 UTC")
    after = extensions.due(coursedir, gradebook, "ada")
    extensions.apply(coursedir, gradebook, "ada")
    assert (
        before != after == extensions.due(coursedir, gradebook, "ada") == gradebook.find_submission(NAME, "ada").duedate
    )


def test_an_extension_that_was_given_otherwise_stays(coursedir, gradebook):
    gradebook.grant_extension(NAME, "ada", days=3)
    _write(coursedir, f"{NAME},bob,2030-01-20 10:00 UTC")
    extensions.apply(coursedir, gradebook, "ada")
    assert gradebook.find_submission(NAME, "ada").extension == datetime.timedelta(days=3)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"{NAME},,2030-01-20 10:00 UTC", "line 2: the assignment or the student's id is missing"),
        (f"{NAME},ada,tomorrow", "line 2: 'tomorrow' is no date such as"),
        (f"{NAME},ada,20.01.2030 10:00", "line 2: '20.01.2030 10:00' is no date"),
        (f"{NAME},ada,2030-01-20 10:00 CEST", "line 2: '2030-01-20 10:00 CEST' is no date"),
        (
            f"{NAME},ada,2030-01-20 10:00 UTC\n{NAME},ada,2030-01-21 10:00 UTC",
            "line 3: there is a line for ada and tiny",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_by_line_before_anything_is_graded(coursedir, gradebook, line, message):
    _write(coursedir, line)
    with pytest.raises(Unusable, match=message):
        extensions.read(coursedir)
    release = course.released(coursedir)
    release.mkdir(parents=True)
    (release / f"{NAME}.ipynb").touch()
    with pytest.raises(WrongUse, match=f"extensions.csv: .*\n  {message}"):
        course.check(coursedir)
