"""Every command on the pages for teachers, students and contributors is run, in the order of a term.

A teacher adopts the course, hands out an assignment, takes it in, marks and returns it, and writes a new
one; a student works on it in between. world.py is where they live.
"""

import csv
import datetime
import zipfile

import nbformat
import pytest

from tests.grading import small, submissions, tiny
from tests.grading.course import ROOT
from tests.grading.pages import sections
from tests.grading.world import EXAMPLE, NOT_MADE, NOT_RUN, World

STUDENT, NEIGHBOUR, MEMBER = "ada", "bob", "cem"  # as in the list on the page
LEAVES = "dan"  # as in the list of repositories
COMMENT = "Say which sum you mean."
PAGES = [
    "README.md",
    "setup.md",
    "CONTRIBUTING.md",
    *sorted(
        path.relative_to(ROOT).as_posix()
        for folder in ("instructor", "handouts")
        for path in ROOT.glob(f"{folder}/*.md")
    ),
]

# What happens before and after the commands of a section.


def nothing(world, printed=""):
    pass


def answered(world, path):
    """The student's version that lies at a path, with right answers in all cells."""
    answers = submissions.reference_answers(tiny.notebook()) | {"why": "Because.", "what_next": "More."}
    return nbformat.writes(submissions.filled_in(nbformat.read(path, as_version=4), answers))


def student_answers(world):
    own = world.desk / tiny.NAME / f"{tiny.NAME}.ipynb"
    own.write_text(answered(world, own), encoding="utf-8")


def platform_offers_downloads(world):
    """What Ada's neighbour has handed in through Moodle, cut off in the middle."""
    whole = answered(world, world.course.folder / "assignments" / tiny.NAME / f"{tiny.NAME}.ipynb")
    world.downloads.mkdir()
    with zipfile.ZipFile(world.downloads / "class.zip", "w") as archive:
        archive.writestr(f"{NEIGHBOUR}_77_assignsubmission_file_/{tiny.NAME}.ipynb", whole[: len(whole) // 2])


def student_has_a_repository(world):
    """One in which a link leads to what is the teacher's, besides."""
    folder = world.folder / "repository"
    folder.mkdir()
    whole = answered(world, world.course.folder / "assignments" / tiny.NAME / f"{tiny.NAME}.ipynb")
    (folder / f"{tiny.NAME}.ipynb").write_text(whole, encoding="utf-8")
    (folder / "link").symlink_to(world.course.folder / "solutions")
    world.make_repository(folder)


def other_student_sends_again(world):
    whole = answered(world, world.course.folder / "assignments" / tiny.NAME / f"{tiny.NAME}.ipynb")
    (world.submitted(NEIGHBOUR)).write_text(whole, encoding="utf-8")


def mark_by_hand(world, points):
    with world.course.gradebook() as gradebook:
        for student in (STUDENT, NEIGHBOUR):
            for question in ("why", "what_next"):
                grade = gradebook.find_grade(question, tiny.NAME, tiny.NAME, student)
                grade.manual_score, grade.needs_manual_grade = points, False
                gradebook.find_comment(question, tiny.NAME, tiny.NAME, student).manual_comment = COMMENT
        gradebook.db.commit()


def teacher_marks_by_hand(world):
    mark_by_hand(world, 7.5)


def teacher_changes_a_mark(world):
    mark_by_hand(world, 8)


def teacher_adds_a_test(world):
    """When all is graded; the points of another test make room for it."""
    source = tiny.notebook()
    test = next(cell for cell in source.cells if cell.id == "test_add_7")
    test.metadata.nbgrader.points = 5
    test.source = test.source.replace("4 + 6", "2 + 3")
    more = small.test("more", 'assert add_7([1]) == [8], "A sum is wrong."', points=5)
    source.cells.insert(source.cells.index(test) + 1, more)
    tiny.write(world.course.folder, source)


def upstream_moves_on(world):
    (world.upstream / "new_page.md").write_text("# New\n")
    world.commit_upstream("Add a page")


def private_copy_is_whole(world, printed):
    assert {"solutions/tiny/tiny.ipynb", "README.md"} <= set(world.files_of("private"))
    assert "could make book" in printed and "could make test" in printed


def nothing_private_is_public(world, printed):
    files = world.files_of("public")
    assert {"README.md", f"assignments/{EXAMPLE}/{EXAMPLE}.ipynb"} <= set(files)
    assert [name for name in files if name.startswith(("solutions/", "tests/"))] == []


def names_are_known(world, printed):
    with world.course.gradebook() as gradebook:
        assert gradebook.find_student("bob").last_name == "Boyle"
        assert gradebook.find_student("bob").first_name == "Robert, Jr."
        assert gradebook.find_student(MEMBER).last_name == "Öz"
        assert gradebook.find_assignment(tiny.NAME).duedate.year == 2030


def student_has_a_name(world, printed):
    """Every user of this test is the same for the machine."""
    with (world.desk / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f"c.CourseDirectory.student_id = {STUDENT!r}\n")


def assignment_is_out(world, printed):
    assert f"seqmodels {tiny.NAME}" in printed


def validation_succeeds(world, printed):
    assert "Success" in printed


def work_is_in(world, printed):
    assert world.submitted(STUDENT).is_file()
    assert f"seqmodels {STUDENT} {tiny.NAME}" in printed


def bundle_is_made(world, printed):
    (archive,) = (world.course.folder / "_build").glob("*.zip")
    with zipfile.ZipFile(archive) as opened:
        assert any(name.endswith(f"{EXAMPLE}.ipynb") for name in opened.namelist())


def downloads_are_in(world, printed):
    assert world.submitted(NEIGHBOUR).is_file()


def repositories_are_in(world, printed):
    assert f"added to it as new students: '{LEAVES}'" in printed
    assert world.submitted(LEAVES).is_file() and world.submitted(NEIGHBOUR).is_file()
    assert not (world.course.folder / "repositories" / LEAVES / "link").is_symlink()


def marks_are_there(world, printed):
    code_is_marked(world, printed)
    with world.course.gradebook() as gradebook:
        assert gradebook.find_submission(tiny.NAME, STUDENT).extension == datetime.timedelta(days=7)
        assert gradebook.find_submission(tiny.NAME, NEIGHBOUR).total_seconds_late == (24 + 8.5) * 3600 + 60


def student_is_gone(world, printed):
    world.shells["teacher"].run(f"make grade ASSIGNMENT={tiny.NAME}")
    with world.course.gradebook() as gradebook:
        assert sorted(student.id for student in gradebook.students) == [STUDENT, NEIGHBOUR, MEMBER]


def answers_lie_in_files(world, printed):
    folder = world.course.folder / "similarity" / tiny.NAME
    assert sorted(path.stem for path in folder.glob("code/*.py")) == [STUDENT, NEIGHBOUR]
    assert (folder / "text" / f"{STUDENT}.txt").read_text() == "Because.\nMore.\n"


def pages_are_packed(world, printed):
    with zipfile.ZipFile(world.course.folder / "feedback" / f"{tiny.NAME}.zip") as archive:
        assert archive.namelist() == [f"{NEIGHBOUR}_77_assignsubmission_file_/{tiny.NAME}.html"]
    assert f"send these pages yourself: {STUDENT}" in printed


def code_is_marked(world, printed):
    marks = world.course.marks(tiny.NAME, STUDENT)
    assert {name: mark for name, mark in marks.items() if mark != 10} == {"why": None, "what_next": None}


def torn_file_is_reported(world, printed):
    assert f"| `{NEIGHBOUR}` |" in printed and "ends in the middle" in printed
    assert f"| `{STUDENT}` |" not in printed
    assert set(world.course.marks(tiny.NAME, NEIGHBOUR).values()) == {0}


def other_student_is_marked(world, printed):
    marks = world.course.marks(tiny.NAME, NEIGHBOUR)
    assert sum(mark or 0 for mark in marks.values()) == 80


def marks_are_exported(world, printed):
    for file in ("grades.csv", f"{tiny.NAME}.csv"):
        with (world.course.folder / file).open(encoding="utf-8", newline="") as stream:
            rows = {row["student_id"]: row for row in csv.DictReader(stream)}
        assert {student: (row["score"], row["status"], row["first_name"]) for student, row in rows.items()} == {
            STUDENT: ("95.0", "graded", "Ada"),
            NEIGHBOUR: ("95.0", "graded", "Robert, Jr."),
            MEMBER: ("95.0", "graded", "Cem"),
        }
    assert [line.split(",")[0] for line in printed.splitlines()].count("assignment") == 1, (
        "the line of headings is shown"
    )
    assert f"{tiny.NAME}," not in printed, "no line is pending"


def moodle_offers_a_worksheet(world):
    (world.downloads / "worksheet.csv").write_text(
        "Identifier,Full name,Email address,Grade,Maximum grade,Last modified (grade)\n"
        "Participant 1,Ada Lovelace,ada@example.org,,100.00,-\nParticipant 2,Cem Öz,cem@example.org,,100.00,-\n"
        "Participant 3,Eva Moe,eva@example.org,,100.00,-\n",
        encoding="utf-8-sig",
    )


def moodle_gets_the_marks(world, printed):
    filled = (world.course.folder / "moodle.csv").read_text(encoding="utf-8")
    assert (
        "Participant 1,Ada Lovelace,ada@example.org,95,100.00,-\nParticipant 2,Cem Öz,cem@example.org,95,100.00,-\n"
        "Participant 3,Eva Moe,eva@example.org,,100.00" in filled
    )
    assert f"In the gradebook, and not in the platform's file: {NEIGHBOUR}" in printed
    assert "In the platform's file, and not in the gradebook: Eva Moe (Participant 3)" in printed


def canvas_offers_its_gradebook(world):
    (world.downloads / "gradebook.csv").write_text(
        "Student,ID,SIS Login ID,Section,Seven-day forecast (301),Other (302)\n    Points Possible,,,,100.00,9.00\n"
        '"Lovelace, Ada",1001,alovelace,A,,5.00\n"Boyle, Robert",1002,rboyle,A,20.00,6.00\n'
    )


def canvas_gets_the_marks(world, printed):
    assert (world.course.folder / "canvas.csv").read_text(encoding="utf-8") == (
        "Student,ID,SIS Login ID,Section,Seven-day forecast (301)\n    Points Possible,,,,100.00\n"
        '"Lovelace, Ada",1001,alovelace,A,95\n"Boyle, Robert",1002,rboyle,A,95\n'
    )


def neighbour_is_named(world, printed):
    """The one whose work did not come through the exchange."""
    assert f"not to be fetched there: {NEIGHBOUR}." in printed


def student_has_the_page(world, printed, total=95.0):
    (page,) = (world.desk / tiny.NAME / "feedback").glob(f"*/{tiny.NAME}.html")
    assert f"(Score: {total} / 100.0)" in page.read_text(encoding="utf-8")
    assert COMMENT in page.read_text(encoding="utf-8")


def student_gets_the_new_page(world, printed):
    student_has_the_page(world, world.run(STUDENTS, "Get it back", "student"), 96.0)


def work_is_graded_by_the_new_test(world, printed):
    marks = world.course.marks(tiny.NAME, STUDENT)
    assert (marks["test_add_7"], marks["test_more"]) == (5, 5)
    with world.course.gradebook() as gradebook:
        assert gradebook.find_grade("why", tiny.NAME, tiny.NAME, STUDENT).manual_score == 8


def smoothing_is_released(world, printed):
    assert (world.course.folder / "assignments" / "smoothing" / "smoothing.ipynb").is_file()


def smoothing_marks_are_those_of_the_page(world, printed):
    page = (ROOT / "instructor" / "write_assignment.md").read_text(encoding="utf-8")
    shown = page.split("```text\n")[1].split("```")[0]
    for name in ("wrong_looks_ahead", "right_cumulative_sums"):
        file = ROOT / "tests" / "submissions" / "smoothing" / f"{name}.py"
        assert f"`{name}.py`:\n\n```python\n{file.read_text(encoding='utf-8')}```\n" in page
    assert printed.endswith(shown)


def smoothing_is_gone(world, printed):
    assert not list(world.course.folder.glob("*/smoothing"))


def merged(world, printed):
    assert "new_page.md" in world.files_of("private")


ADOPT, RELEASE, GRADE, MISHAPS, RETURN, WRITE = (
    f"instructor/{name}.md" for name in ("adopt", "release", "grade", "mishaps", "return", "write_assignment")
)
STUDENTS = "handouts/how_assignments_work.md"

# Page, section, who reads it, what happens before, and what must be so afterwards.
TERM = [
    (ADOPT, "A private copy", "teacher", nothing, private_copy_is_whole),
    (ADOPT, "What students see", "teacher", nothing, nothing_private_is_public),
    ("instructor/teaching.md", "The way of an assignment", "teacher", nothing, nothing),
    (RELEASE, "Fill the gradebook", "teacher", nothing, names_are_known),
    (RELEASE, "Give one student more time", "teacher", nothing, nothing),
    (RELEASE, "Hand out through the exchange folder", "teacher", nothing, assignment_is_out),
    (RELEASE, "Configure the students' accounts", "student", nothing, student_has_a_name),
    (STUDENTS, "Get it", "student", nothing, assignment_is_out),
    (STUDENTS, "Work on it", "student", student_answers, validation_succeeds),
    (STUDENTS, "Hand it in", "student", nothing, nothing),
    (RELEASE, "Take in from the exchange folder", "teacher", nothing, work_is_in),
    (RELEASE, "Hand out through a learning platform", "teacher", nothing, bundle_is_made),
    (RELEASE, "Take in from a learning platform", "teacher", platform_offers_downloads, downloads_are_in),
    (RELEASE, "Take in from GitHub or GitLab", "teacher", student_has_a_repository, repositories_are_in),
    (RELEASE, "Late work from a learning platform", "teacher", nothing, nothing),
    (GRADE, "Run the tests", "teacher", nothing, marks_are_there),
    (MISHAPS, "When something is wrong", "teacher", nothing, torn_file_is_reported),
    (MISHAPS, "Take a new file from one student", "teacher", other_student_sends_again, other_student_is_marked),
    (GRADE, "Grade again", "teacher", nothing, code_is_marked),
    (GRADE, "When somebody leaves", "teacher", nothing, student_is_gone),
    (GRADE, "Look for copied work", "teacher", nothing, answers_lie_in_files),
    (RETURN, "Make the feedback", "teacher", teacher_marks_by_hand, nothing),
    (RETURN, "Send it", "teacher", nothing, neighbour_is_named),
    (STUDENTS, "Get it back", "student", nothing, student_has_the_page),
    (RETURN, "Send it by a learning platform", "teacher", nothing, pages_are_packed),
    (RETURN, "Groups that hand in together", "teacher", nothing, nothing),
    (RETURN, "Export the marks", "teacher", nothing, marks_are_exported),
    (RETURN, "Bring the marks into Moodle", "teacher", moodle_offers_a_worksheet, moodle_gets_the_marks),
    (RETURN, "Bring the marks into Canvas", "teacher", canvas_offers_its_gradebook, canvas_gets_the_marks),
    (RETURN, "Change a mark afterwards", "teacher", teacher_changes_a_mark, student_gets_the_new_page),
    (WRITE, "Change one", "teacher", teacher_adds_a_test, work_is_graded_by_the_new_test),
    (WRITE, "Build it", "teacher", nothing, smoothing_is_released),
    (WRITE, "Test the tests", "teacher", nothing, smoothing_marks_are_those_of_the_page),
    (WRITE, "Give it a page", "teacher", nothing, smoothing_is_gone),
    (ADOPT, "Take over what is new", "teacher", upstream_moves_on, merged),
    ("setup.md", "Run it", "contributor", nothing, nothing),
    ("README.md", "Two commands", "contributor", nothing, nothing),
    ("CONTRIBUTING.md", "Set up", "contributor", nothing, nothing),
    ("CONTRIBUTING.md", "Review a change", "contributor", nothing, nothing),
]


@pytest.fixture(scope="module")
def reach(tmp_path_factory):
    """A function that does everything up to a section, once."""
    world, done, failed = World(tmp_path_factory.mktemp("term")), [], []

    def run_until(number):
        for page, heading, who, before, after in TERM[len(done) : number + 1]:
            assert not failed, f"not reached, because this failed before: {failed[0]}"
            failed.append(f"{page}, {heading}")
            before(world)
            after(world, world.run(page, heading, who))
            done.append(failed.pop())

    return run_until


@pytest.mark.parametrize("number", range(len(TERM)), ids=[f"{page}, {heading}" for page, heading, *_ in TERM])
def test_commands_of(number, reach):
    reach(number)


def test_every_command_is_run():
    written = [(page, heading) for page in PAGES for heading in sections(ROOT / page)]
    assert sorted(written) == sorted((page, heading) for page, heading, *_ in TERM)


def test_what_is_not_run_is_on_a_page():
    lines = [
        line
        for page in PAGES
        for blocks in sections(ROOT / page).values()
        for block in blocks
        if block.commands
        for line in block.text.splitlines()
    ]
    assert set(NOT_RUN) <= set(lines)
    assert set(NOT_MADE) <= {line.split()[1] for line in lines if line.startswith("make ")}
