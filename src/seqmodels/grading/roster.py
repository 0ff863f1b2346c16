"""The list of students, for ``nbgrader db student import``.

nbgrader itself reads UTF-8 with commas and nothing else, takes blanks for a part of an id, and has imported half of the
list when it comes to a line that it cannot use. It has no setting for this: install() puts this in its place.
"""

import dataclasses
import re
from pathlib import Path

import nbgrader.apps.dbapp
from nbgrader.api import Gradebook, Student
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url

from seqmodels.grading import lists
from seqmodels.grading.sheet import Unusable

COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id")
_LONGEST_ID = 128  # letters, in the gradebook
# An id is the name of a folder, and a part of pages.
_BAD_ID = re.compile(r"^\.|[/\\<>\"\x00-\x1f\x7f]")


@dataclasses.dataclass(frozen=True)
class Roster:
    """A list of students that can be imported.

    Attributes:
      students: what the list tells of each, by the name of the column; None where a field is empty.
      remarks: sentences about what the teacher should look at.
    """

    students: list[dict[str, str | None]]
    remarks: list[str]


def read(path: Path) -> Roster:
    """Read a list of students.

    Raises:
      Unusable: something in it cannot be used. Its text has a line for each fault, with the line of the file.
    """
    listed = lists.read(path, COLUMNS[:1], COLUMNS[1:])
    faults, seen = [], {}
    for row in listed.rows:
        student = row.fields["id"]
        if fault := _fault(student, seen):
            faults.append((row.line, fault))
        seen.setdefault(student.casefold(), (row.line, student))
    lists.refuse(faults)
    if not listed.rows:
        raise Unusable("There is no student in it.")
    students = [{name: value or None for name, value in row.fields.items()} for row in listed.rows]
    return Roster(students, listed.remarks)


def _fault(student: str, seen: dict[str, tuple[int, str]]) -> str:
    """What is wrong with an id, given those of the lines before; empty if nothing is."""
    if not student:
        return "there is no id"
    if student.casefold() in seen:
        line, other = seen[student.casefold()]
        return f"the id '{student}' is in line {line} already" + ("" if other == student else f", as '{other}'")
    if found := _BAD_ID.search(student):
        return f"the id {student!r} is to be the name of a folder, and {found[0]!r} cannot be in it there"
    if len(student) > _LONGEST_ID:
        return f"the id has {len(student)} letters, and may have {_LONGEST_ID}"
    return ""


def import_into(gradebook: Gradebook, students: list[dict[str, str | None]]) -> None:
    """Add students to a gradebook, or change them: all of them or, if something goes wrong, none."""
    known = {student.id: student for student in gradebook.students}
    for fields in students:
        student = known.get(fields["id"])
        if student is None:
            gradebook.db.add(Student(**fields))
        else:
            for name, value in fields.items():
                setattr(student, name, value)
    gradebook.db.commit()
    if gradebook.authenticator:  # such as that of a JupyterHub, which keeps its own list
        for fields in students:
            gradebook.authenticator.add_student_to_course(fields["id"], gradebook.course_id)


def known(coursedir: CourseDirectory) -> dict[str, str]:
    """The names of the students in the gradebook, by their ids; empty if there is no gradebook yet."""
    address = make_url(coursedir.db_url)
    if address.get_backend_name() == "sqlite" and not Path(address.database).is_file():
        return {}
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        return {student.id: f"{student.first_name or ''} {student.last_name or ''}" for student in gradebook.students}


def _start(app: nbgrader.apps.dbapp.DbStudentImportApp) -> None:
    """The command, in the place of nbgrader's own."""
    nbgrader.apps.dbapp.DbBaseApp.start(app)
    if len(app.extra_args) != 1:
        app.fail("Name the list of students: nbgrader db student import students.csv")
    path = Path(app.extra_args[0])
    try:
        roster = read(path)
    except Unusable as error:
        app.fail(f"{path}: {error}")
    with Gradebook(app.coursedir.db_url, app.course_id, app.authenticator) as gradebook:
        import_into(gradebook, roster.students)
    for remark in roster.remarks:
        app.log.warning(remark)
    app.log.info("%d students of %s are in the gradebook", len(roster.students), path)


def install() -> None:
    """Let ``nbgrader db student import`` read lists in this way."""
    nbgrader.apps.dbapp.DbStudentImportApp.start = _start
