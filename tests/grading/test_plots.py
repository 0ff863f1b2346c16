"""What a student's cells draw is there after grading: in the graded notebook, and on the page of feedback.

What shows too much is cut in bounded time, and said.
"""

import nbformat
import pytest

from tests.grading import submissions, tiny
from tests.grading.course import Course, feedback_html

pytestmark = pytest.mark.needs("sandbox")
DRAWN = "plt.plot([1, 3, 2])"
PLT = "import matplotlib.pyplot as plt"
MANY = 25

# student: the cells in which something is drawn, and how many pictures each of them shows
STUDENTS = {
    "ada": [
        (f"{PLT}\n{DRAWN}\nplt.show()", 1),
        (DRAWN, 1),
        (f"figure = plt.figure()\n{DRAWN}\nplt.close()\nfigure", 1),
        (f"for number in range({MANY}):\n    {DRAWN}\n    plt.show()", MANY),
    ],
    "bob": [(f"%matplotlib inline\n{PLT}\n{DRAWN}", 1)],
    # What is drawn again and again in one place, each time as a picture of 200,000 letters
    "dan": [
        (
            "import os\nimport PIL.Image\nfrom IPython.display import clear_output, display\n"
            "picture = PIL.Image.frombytes('RGB', (224, 224), os.urandom(3 * 224 * 224))\n"
            "for _ in range(40):\n    clear_output(wait=True)\n    display(picture)",
            1,
        ),
        ("shown = display('to come', display_id=True)\nfor _ in range(40):\n    shown.update(picture)", 1),
    ],
    "cleo": [(f"from seqmodels.plotting import use_course_style\nuse_course_style()\n{PLT}\n{DRAWN}\nplt.show()", 1)],
}


# What shows too much, and what remains of it: the number of outputs
FLOODS = [
    ("display({f'a/{number}': '' for number in range(40_000)}, raw=True)\nprint('on')", 1),
    ("display({'application/json': {str(number): [] for number in range(200_000)}}, raw=True)", 0),
    ("for _ in range(90): display({'text/plain': ''}, raw=True, display_id='one')", 90),
    ("_ = display({'text/plain': 'x' * 100_000}, raw=True, display_id='one', update=True)", 0),
    ("get_ipython().payload_manager.write_payload({str(number): '' for number in range(200_000)})", 0),
    ("raise ValueError('x' * 6_000_000)", 1),
]


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """A course in which these students have been graded, and have got their feedback."""
    found = Course(tmp_path_factory.mktemp("pictures"))
    tiny.write(found.folder)
    found.nbgrader("generate_assignment", tiny.NAME)
    answers = submissions.reference_answers(found.notebook("solutions", tiny.NAME))
    for student, cells in (STUDENTS | {"flo": FLOODS}).items():
        notebook = submissions.filled_in(found.notebook("assignments", tiny.NAME), answers)
        added = [nbformat.v4.new_code_cell(source, id=f"drawn{n}") for n, (source, _) in enumerate(cells)]
        notebook.cells[1:1] = added
        found.put_submission(student, tiny.NAME, notebook)
    found.nbgrader("autograde", tiny.NAME)
    found.nbgrader("generate_feedback", tiny.NAME)
    return found


@pytest.mark.parametrize("student", STUDENTS)
def test_what_is_drawn_is_a_picture_in_the_graded_notebook(course, student):
    graded = course.notebook("autograded", tiny.NAME, student)
    assert "About what you handed in" not in graded.cells[0].source, "no limit is met"
    for cell, (source, pictures) in zip(graded.cells[1:], STUDENTS[student], strict=False):
        assert cell.source == source
        shown = [output for output in cell.outputs if "data" in output and "image/png" in output.data]
        assert len(shown) == pictures, [output.get("data") or output for output in cell.outputs]


@pytest.mark.parametrize("student", STUDENTS)
def test_pictures_are_on_the_page_of_feedback(course, student):
    page = feedback_html(course.folder / "feedback" / student / tiny.NAME / f"{tiny.NAME}.html")
    assert page.count("data:image/png;base64,") == sum(pictures for _, pictures in STUDENTS[student])
    assert "further output is not shown" not in page


def test_what_shows_too_much_is_cut_and_said(course):
    graded = course.notebook("autograded", tiny.NAME, "flo")
    said, *cells = graded.cells[0 : 2 + len(FLOODS)]
    assert "These cells wrote too much, and their output was cut: `an added cell`" in said.source
    for cell, (source, outputs) in zip(cells[1:], FLOODS, strict=True):
        assert (cell.source, len(cell.outputs)) == (source, outputs)
    assert course.marks(tiny.NAME, "flo") == submissions.tests(tiny.notebook()) | dict.fromkeys(("why", "what_next"))
