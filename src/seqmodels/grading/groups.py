"""Groups that hand in together: members.csv in the course folder, with a line for each member who did not hand in.

    assignment,id,handed_in_by
    seven_day_forecast,cem,ada

One of the group hands in, and is graded; the export gives the others the same marks.
"""

from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from seqmodels.grading import lists

FILE = "members.csv"


def read(coursedir: CourseDirectory, gradebook: Gradebook) -> dict[tuple[str, str], str]:
    """By assignment and member the id of the student who has handed in for them.

    Raises:
      Unusable: something in the list cannot be used.
    """
    path = Path(coursedir.root, FILE)
    if not path.exists():
        return {}
    known = {student.id for student in gradebook.students}
    rows = lists.read(path, ("assignment", "id", "handed_in_by")).rows
    members = {(row.fields["assignment"], row.fields["id"]) for row in rows}
    found, faults = {}, []
    for row in rows:
        assignment, member, other = (row.fields[name] for name in ("assignment", "id", "handed_in_by"))
        folder = coursedir.format_path(coursedir.submitted_directory, member, assignment)
        unknown = [student for student in (member, other) if student not in known]
        if unknown:
            faults.append((row.line, f"'{unknown[0]}' is nobody's id in the gradebook"))
        elif (assignment, member) in found:
            faults.append((row.line, f"there is a line for {member} and {assignment} already"))
        elif (assignment, other) in members:
            faults.append((row.line, f"{other} is a member too: name who has handed in"))
        elif Path(folder).exists():
            faults.append((row.line, f"{member} has handed in {assignment} as well: take out this line, or {folder}"))
        found[assignment, member] = other
    lists.refuse(faults)
    return found
