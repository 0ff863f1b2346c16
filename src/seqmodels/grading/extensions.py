"""More time for single students: extensions.csv in the course folder, with a line for each.

    assignment,id,until
    seven_day_forecast,ada,2030-01-22 23:59 UTC

nbgrader knows such extensions, for work that is there already, and has no command for them. With this list they can be
given before: a submission gets its own when it is graded.
"""

import datetime
from pathlib import Path

import dateutil.tz
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from seqmodels.grading import lists, timestamps

FILE = "extensions.csv"


def read(coursedir: CourseDirectory) -> dict[tuple[str, str], datetime.datetime]:
    """By assignment and student the date by which the work is due, in universal time.

    Raises:
      Unusable: something in the list cannot be used.
    """
    path = Path(coursedir.root, FILE)
    if not path.exists():
        return {}
    found, faults = {}, []
    for row in lists.read(path, ("assignment", "id", "until")).rows:
        who, until = (row.fields["assignment"], row.fields["id"]), _date(row.fields["until"])
        if not all(who):
            faults.append((row.line, "the assignment or the student's id is missing"))
        elif who in found:
            faults.append((row.line, f"there is a line for {who[1]} and {who[0]} already"))
        elif until is None:
            faults.append((row.line, f"'{row.fields['until']}' is no date such as 2030-01-22 23:59 Europe/Berlin"))
        found[who] = until
    lists.refuse(faults)
    return found


def _date(text: str) -> datetime.datetime | None:
    parts = text.split(" ")
    # An unknown time zone would be taken for that of the universal time.
    if len(parts) > 2 and parts[2].isalpha() and dateutil.tz.gettz(parts[2]) is None:
        return None
    return timestamps.parsed(text)


def apply(coursedir: CourseDirectory, gradebook: Gradebook, student: str) -> None:
    """Give a submission its extension, if the list has one; any other that it has stays."""
    until = read(coursedir).get((coursedir.assignment_id, student))
    submission = gradebook.find_submission(coursedir.assignment_id, student)
    if until is not None and submission.assignment.duedate is not None:
        submission.extension = until - submission.assignment.duedate
        gradebook.db.commit()


def due(coursedir: CourseDirectory, gradebook: Gradebook, student: str) -> datetime.datetime | None:
    """The date by which a student's work is due, in universal time; None if there is none."""
    assignment = coursedir.assignment_id
    if until := read(coursedir).get((assignment, student)):
        return until
    try:
        return gradebook.find_submission(assignment, student).duedate
    except MissingEntry:
        return gradebook.find_assignment(assignment).duedate
