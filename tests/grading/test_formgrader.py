"""Formgrader in a real browser: a hostile submission can do nothing by it, and the keys go from student to student."""

import base64
import contextlib
import io
import sqlite3
import urllib.parse

import nbformat
import pytest
from PIL import Image

from tests.grading import lab, submissions, tiny
from tests.grading.clicks import TIMEOUT
from tests.grading.course import Course
from tests.patience import PATIENCE

HOSTILE, HONEST = "eve", ("ada", "bob")
# What a page does that has the teacher's rights.
ATTACK = """
(async () => {
  const root = location.origin, token = (document.cookie.match(/_xsrf=([^;]*)/) || [])[1];
  const headers = {"X-XSRFToken": token, "X-CSRFToken": token, "Content-Type": "application/json"};
  const file = JSON.stringify({type: "file", format: "text", content: "was here"});
  await fetch(`${root}/api/contents/owned.txt`, {method: "PUT", headers, body: file});
  for (let id of [location.pathname.split("/submissions/")[1]?.split("/")[0]]) {
    const grades = await (await fetch(`${root}/formgrader/api/grades?submission_id=${id}`)).json();
    for (const grade of grades)
      await fetch(`${root}/formgrader/api/grade/${grade.id}`,
                  {method: "PUT", headers, body: JSON.stringify({...grade, manual_score: grade.max_score})});
  }
})();
"""
SCRIPT = f"<script>{ATTACK}</script>"
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{SCRIPT}</svg>'
XHTML = f'<html xmlns="http://www.w3.org/1999/xhtml"><body><script><![CDATA[{ATTACK}]]></script></body></html>'
PROGRAM = "import pathlib\npathlib.Path({name!r}).write_text('was here')\n"


def _plot():
    stream = io.BytesIO()
    Image.new("RGB", (30, 20), "navy").save(stream, "PNG")
    return stream.getvalue()


# What lies beside the notebook, and how it is served.
DOWNLOADED, SHOWN = None, "image/png"
AS_TEXT = "text/plain; charset=utf-8"
FILES = {
    "figure.html": (SCRIPT.encode(), DOWNLOADED),
    "figure.htm": (SCRIPT.encode(), DOWNLOADED),
    "figure.xhtml": (XHTML.encode(), DOWNLOADED),
    "figure.svg": (SVG.encode(), DOWNLOADED),
    "figure.xml": (XHTML.encode(), DOWNLOADED),
    "figure.pdf": (b"%PDF-1.4 " + SCRIPT.encode(), DOWNLOADED),
    "figure.js": (ATTACK.encode(), DOWNLOADED),
    "figure": (SCRIPT.encode(), DOWNLOADED),
    "no picture.png": (SCRIPT.encode(), DOWNLOADED),
    "plot.png": (_plot(), SHOWN),
    "page.txt": (SCRIPT.encode(), AS_TEXT),
    "table.csv": (SCRIPT.encode(), AS_TEXT),
    f"{tiny.NAME}.ipynb": (None, DOWNLOADED),
}
# What a link may ask of the server beyond the files: a configuration to read, and what Jupyter itself serves.
ROUTES = [
    "formgrader/?path=submitted/eve/tiny",
    "formgrader/?path={course}/submitted/eve/tiny",
    *(
        f"{route}/{step}/eve/tiny/{name}"
        for route in ("files", "view", "nbconvert/html")
        for step in ("submitted", "autograded")
        for name in ("figure.html", "figure.svg", "tiny.ipynb")
    ),
]
ANSWER = "\n\n".join(
    [
        "[my figure](figure.html) <figure.html> [f](/formgrader/?path=submitted/eve/tiny)",
        "[l](javascript:alert(1)) <a href='figure.html'>a</a> <a href='//localhost/lab' onclick='alert(1)'>b</a>",
        SCRIPT,
        f"<img src=x onerror='{ATTACK}'> ![p](figure.svg) ![q](figure.html)",
        f"<svg><script>{ATTACK}</script></svg> <form action='/api'><button>send</button></form>",
        r"$\href{figure.html}{press}$",
        f"![s](data:image/svg+xml;base64,{base64.b64encode(SVG.encode()).decode()})",
    ]
)
OUTPUTS = f"""
from IPython.display import HTML, SVG, Javascript, Markdown, display
display(HTML({f"<a href='figure.html'>press</a><b onclick=x>b</b>{SCRIPT}"!r}))
display(SVG({SVG!r})); display(Javascript({ATTACK!r})); display(Markdown("[press](figure.html)"))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A course with three graded submissions, one of them hostile, and JupyterLab for its teacher."""
    course = Course(tmp_path_factory.mktemp("marking"))
    tiny.write(course.folder)
    course.nbgrader("generate_assignment", tiny.NAME)
    released = course.notebook("assignments", tiny.NAME)
    right = submissions.reference_answers(tiny.notebook())
    for student in HONEST:
        answers = right | {"why": f"Because of {student}.", "what_next": "More."}
        course.put_submission(student, tiny.NAME, submissions.filled_in(released, answers))
    answers = right | {"why": ANSWER, "what_next": "More."}
    course.put_submission(HOSTILE, tiny.NAME, _with_outputs(submissions.filled_in(released, answers)))
    folder = course.folder / "submitted" / HOSTILE / tiny.NAME
    for name, (content, _) in FILES.items():
        if content is not None:
            (folder / name).write_bytes(content)
    for name in ("nbgrader_config.py", "ipykernel_launcher.py"):
        (folder / name).write_text(PROGRAM.format(name=str(course.folder / "owned.txt")))
    course.nbgrader("autograde", tiny.NAME)
    with lab.running(course, course.folder) as running:
        yield course, running


def _with_outputs(notebook):
    notebook.cells.insert(2, nbformat.v4.new_code_cell(OUTPUTS))
    return notebook


@pytest.fixture
def teacher(browser, place):
    """A teacher's browser, logged in, and what was asked of servers in it."""
    _, running = place
    with contextlib.closing(browser.new_context(accept_downloads=True)) as context:
        context.set_default_timeout(TIMEOUT)
        page = context.new_page()
        page.goto(f"{running.address}/login?token={lab.TOKEN}&next=/formgrader/")
        yield page
    print(running.log.read_text(encoding="utf-8"))


def _address(place, student):
    course, running = place
    with course.gradebook() as gradebook:
        submission = gradebook.find_submission_notebook(tiny.NAME, tiny.NAME, student)
        return f"{running.address}/formgrader/submissions/{submission.id}/"


def _marks(course):
    with contextlib.closing(sqlite3.connect(course.folder / "gradebook.db")) as database:
        return sorted(database.execute("select id, auto_score, manual_score, extra_credit from grade"))


@pytest.fixture
def unharmed(place):
    """Sees to it that no marks are others, and that nothing has been written into the course."""
    course, _ = place
    before = _marks(course)
    yield
    assert _marks(course) == before
    assert list(course.folder.rglob("owned.txt")) == []


def _open(page, address):
    page.goto(address)
    page.wait_for_function("() => window.formgrader && formgrader.loaded && MathJax.loaded")


def test_nothing_on_the_page_of_a_hostile_submission_does_anything(place, teacher, unharmed):
    address = _address(place, HOSTILE)
    _open(teacher, address)
    shown = teacher.locator(".text_cell_render, .output_subarea")
    assert (
        shown.locator("a, button, input, form, script, iframe, object, embed, svg script, [onclick], [onerror]").count()
        == 0
    )
    assert "my figure (figure.html)" in teacher.locator("body").inner_text()
    begun = teacher.url
    asked = []
    teacher.context.on("request", lambda request: asked.append(request.url))
    # Each element of what the student has written or printed, in its middle, as somebody clicks who looks for a link.
    for element in teacher.locator(".text_cell_render *, .output_subarea *, .text_cell_render, .output_subarea").all():
        if (box := element.bounding_box()) and box["width"] and box["height"]:
            element.dispatch_event("click")
            element.click(force=True)
    teacher.wait_for_load_state("networkidle")
    assert teacher.url.partition("?")[0] == begun.partition("?")[0] and len(teacher.context.pages) == 1
    assert [url for url in asked if not url.startswith("data:")] == []


def test_files_beside_a_notebook_can_be_looked_at(place, teacher, unharmed):
    _open(teacher, _address(place, HOSTILE))
    names = teacher.locator(".files a").all_inner_texts()
    assert sorted(FILES.keys() - {f"{tiny.NAME}.ipynb"}) == sorted(set(names) - {"nbgrader_config.py"})
    with teacher.context.expect_page() as opened:
        teacher.locator(".files a", has_text="plot.png").click()
    opened.value.locator("img").wait_for()
    with teacher.expect_download() as download:
        teacher.locator(".files a", has_text="figure.xhtml").evaluate("link => { link.target = ''; link.click() }")
    assert download.value.path().read_bytes() == XHTML.encode()
    _open(teacher, _address(place, HONEST[0]))
    assert teacher.locator(".files").count() == 0


@pytest.mark.parametrize("name", FILES)
def test_file_beside_a_notebook_is_no_page(place, teacher, unharmed, name):
    address = _address(place, HOSTILE) + urllib.parse.quote(name)
    content, kind = FILES[name]
    answer = teacher.request.get(address)
    assert answer.status == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["content-type"] == (kind or "application/octet-stream")
    assert ("content-disposition" in answer.headers) == (kind is DOWNLOADED)
    if kind is DOWNLOADED:
        with teacher.expect_download() as download:
            _follow(teacher, address)
        assert download.value.suggested_filename == name
        if content is not None:
            assert download.value.path().read_bytes() == content
        return
    _follow(teacher, address)
    if kind is SHOWN:
        assert Image.open(io.BytesIO(answer.body())).size == (30, 20)
    else:
        assert teacher.locator("pre").inner_text() == content.decode()


def _follow(page, address):
    """Go where a link on the page would lead."""
    page.evaluate("address => { location.href = address }", address)
    page.wait_for_timeout(500)


@pytest.mark.parametrize("route", ROUTES)
def test_no_other_address_of_the_server_runs_what_a_student_wrote(place, teacher, unharmed, route):
    course, running = place
    address = f"{running.address}/{route.format(course=course.folder)}"
    answer = teacher.request.get(address, headers={"Referer": running.address})
    is_download = "content-disposition" in answer.headers
    with teacher.expect_download() if is_download else teacher.expect_navigation(wait_until="networkidle"):
        _follow(teacher, address)
    for frame in teacher.frames:
        assert "was here" not in frame.content()
    if "path=" in route:
        assert answer.status == 403 and "start JupyterLab in that course's folder" in answer.text()
    elif route == "nbconvert/html/autograded/eve/tiny/tiny.ipynb":
        # The text names a picture that was left out, which nbconvert takes for a damaged notebook.
        assert answer.status == 500 and "missing attachment: picture-1" in answer.text()
    elif not route.startswith("view"):
        assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert answer.headers["content-disposition"].startswith("attachment")


def test_own_course_is_opened(place, teacher):
    course, running = place
    for path in ("", f"?path={course.folder}"):
        teacher.goto(f"{running.address}/formgrader/{path}")
        assert teacher.url == f"{running.address}/formgrader/manage_assignments"


@pytest.mark.parametrize(
    "name", ["../bob/tiny.ipynb", "../../bob/tiny/tiny.ipynb", "../../../gradebook.db", "none.txt", "", "%00"]
)
def test_no_other_file_is_served(place, teacher, name):
    answer = teacher.request.get(_address(place, HOSTILE) + urllib.parse.quote(name, safe="%"), max_redirects=0)
    assert answer.status == 404 or "tiny.ipynb" not in answer.headers.get("content-disposition", "")
    unknown = _address(place, HOSTILE).rstrip("/") + "0/figure.html"
    assert teacher.request.get(unknown).status == 404


@pytest.mark.parametrize("step", ["submitted", "autograded"])
def test_no_kernel_starts_among_students_work(place, teacher, unharmed, step):
    _, running = place
    session = {"path": f"{step}/eve/tiny/tiny.ipynb", "type": "notebook", "name": "", "kernel": {"name": "python3"}}
    headers = {"Authorization": f"token {lab.TOKEN}"}
    answer = teacher.request.post(
        f"{running.address}/api/sessions", data=session, headers=headers, timeout=PATIENCE * 1000
    )
    assert not answer.ok and "Read the work in Formgrader" in answer.text()
    session["path"] = "solutions/tiny/tiny.ipynb"
    answer = teacher.request.post(
        f"{running.address}/api/sessions", data=session, headers=headers, timeout=PATIENCE * 1000
    )
    assert answer.status == 201, answer.text()
    teacher.request.delete(f"{running.address}/api/sessions/{answer.json()['id']}", headers=headers)


# The keys


def _focused(page):
    return page.evaluate("() => document.activeElement.id")


def _in_order(place):
    """The addresses of the submissions as Formgrader goes through them."""
    return sorted(_address(place, student) for student in (*HONEST, HOSTILE))


def _wait_for_field(page, address, field):
    page.wait_for_url(f"{address}?index=*")
    page.wait_for_function("field => document.activeElement.id === field", arg=field)
    # The page glides there.
    page.wait_for_function(
        "() => { const {top} = document.activeElement.getBoundingClientRect(); return 0 < top && top < innerHeight }"
    )


@pytest.mark.parametrize("go", ["key", "link"])
def test_same_question_of_the_next_submission_and_back(place, teacher, go):
    first, second, _ = _in_order(place)
    _open(teacher, first)
    teacher.locator("#what_next").click()
    _wait_for_field(teacher, first, "what_next")
    for onward, back in (("Control+.", "Control+,"), ("Control+.", "Control+,")):
        _go(teacher, go, onward, "li.next a")
        _wait_for_field(teacher, second, "what_next")
        _go(teacher, go, back, "li.previous a")
        _wait_for_field(teacher, first, "what_next")
    teacher.reload()
    _wait_for_field(teacher, first, "what_next")


def _go(page, go, key, link):
    page.wait_for_function("() => formgrader.loaded && MathJax.loaded")
    page.keyboard.press(key) if go == "key" else page.locator(link).click()


@pytest.mark.parametrize("go", ["key", "link"])
def test_what_is_typed_is_saved_on_the_way(place, teacher, go):
    first, second, _ = _in_order(place)
    _open(teacher, first)
    teacher.locator("#why").fill("3")
    teacher.locator("#why-comment").fill(f"by {go}")
    _wait_for_field(teacher, first, "why-comment")
    _go(teacher, go, "Control+.", "li.next a")
    _wait_for_field(teacher, second, "why")
    _open(teacher, first)
    teacher.wait_for_function("() => document.querySelector('#why').value === '3'")
    teacher.wait_for_function(f"() => document.querySelector('#why-comment').value === 'by {go}'")


def test_other_keys(place, teacher):
    first = _in_order(place)[0]
    _open(teacher, first)
    teacher.locator("#why").click()
    for key, field in (("Tab", "why_extra_credit"), ("Tab", "why-comment"), ("Shift+Tab", "why_extra_credit")):
        teacher.keyboard.press(key)
        assert _focused(teacher) == field
    teacher.keyboard.press("Escape")
    assert _focused(teacher) == ""
    teacher.keyboard.press("Enter")
    assert _focused(teacher) == "why_extra_credit"
    with teacher.expect_response(lambda response: response.url.endswith("/flag")):
        teacher.keyboard.press("Control+Shift+f")
    teacher.locator(".help").click()
    assert "control-shift-f" in teacher.locator("#help-dialog").inner_text()
