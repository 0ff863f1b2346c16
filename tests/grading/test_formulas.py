"""Formulas on a feedback page, opened as a file: they are drawn, and they bring nothing else with them."""

import io
import re

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from PIL import Image, ImageChops, ImageDraw
from traitlets.config import PyFileConfigLoader

from tests.grading import tiny
from tests.grading.course import ROOT
from tests.grading.test_feedback import _formgrade as formgrader_page
from tools.browser import refuse_outside

RESOURCES = {"nbgrader": {"notebook": "formulas", "score": 0, "max_score": 0, "late_penalty": 0}}
HOSTILE = [
    r"$\href{javascript:document.title='owned'}{press}$",
    r"$\bbox[background:url(https://example.org/seen.png)]{x}$",
    r"$\class{a}{x} \style{position:fixed}{y} \cssId{b}{z}$",
    r"$\require{html}\href{https://example.org}{x}$",
    r"$\unicode[url(https://example.org/font)]{65}$",
    r'$\mmlToken{mi}[href="javascript:alert(1)" style="position:fixed" class="a" id="b"]{press}$',
    r'$\mmlToken{mglyph}[src="https://example.org/seen.png"]{} \enclose{circle}[style="position:fixed" class="a"]{x}$',
]


def _page(*cells):
    """A feedback page, as nbgrader would write it with the configuration of the course; of cells or their texts."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    converter = GenerateFeedback(config=config, coursedir=CourseDirectory(config=config))
    exporter = HTMLExporter(config=converter.config)
    cells = [nbformat.v4.new_markdown_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    notebook = nbformat.v4.new_notebook(cells=cells)
    return exporter.from_notebook_node(notebook, resources=dict(RESOURCES))[0]


@pytest.fixture
def read(browser, tmp_path):
    """Opens a page's HTML as a file, where nothing else may be asked for."""
    outside = []
    context = browser.new_context()
    path = tmp_path / "feedback.html"
    refuse_outside(context, path.as_uri(), outside)

    def read(html):
        path.write_text(html, encoding="utf-8")
        page = context.new_page()
        page.goto(path.as_uri())
        page.evaluate("() => MathJax.startup.promise.then(() => null)")
        return page

    yield read
    context.close()
    assert outside == []


@pytest.mark.parametrize(
    "formula",
    [
        r"$\hat y_t = \frac{1}{2}(y_{t-7} + y_{t-14})$",
        r"$$\begin{aligned} i_t &= \sigma(W x_t + b) \\ c_t &= f_t \odot c_{t-1} \end{aligned}$$",
        r"\begin{align*} a &< b \\ c &= \text{day} \end{align*}",
        r"$\mathbf{h} \in \mathbb{R}^{n \times d}, \; \operatorname{softmax}(x), \color{red}{x}$",
        r"$\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}$",
    ],
)
def test_formula_is_drawn(read, formula):
    page = read(_page(formula))
    assert page.locator("mjx-container").count() == 1
    assert page.locator("mjx-container svg path").count() > 3
    assert page.locator('mjx-merror, [data-mml-node="merror"], [fill="red"] [data-mml-node="mtext"]').count() == 0
    assert "\\" not in page.locator("body").inner_text()


@pytest.mark.parametrize("formula", HOSTILE)
def test_formula_brings_no_link_and_no_style(read, formula):
    page = read(_page(formula, "$x$"))
    assert page.locator("mjx-container").count() == 2, "the others are still drawn"
    assert page.locator("mjx-container").locator("a, [href]:not(use), [onclick], .a, #b").count() == 0
    assert "fixed" not in page.locator("mjx-container").first.inner_html()


SCRIPTS = pytest.mark.parametrize(
    "script",
    [
        "<script>document.title = 'owned'</script>",
        "<img src='data:,' onerror=\"document.title = 'owned'\">",
    ],
)


@SCRIPTS
def test_no_other_script_runs(read, script):
    """Even if HTML of a student's got past the filters."""
    html = _page("$x$")
    page = read(html.replace("</body>", f"{script}</body>"))
    page.wait_for_load_state("load")
    assert page.title() == "formulas"
    assert page.locator("mjx-container").count() == 1


@SCRIPTS
def test_no_other_script_runs_where_a_teacher_marks(read, script):
    html = formgrader_page(nbformat.v4.new_markdown_cell("$x$"))
    # What the server sends beside the page.
    html = re.sub(r"<(script|link)[^>]*x/formgrader/static[^>]*>", "", html)
    page = read(html.replace("</body>", f"{script}</body>"))
    page.wait_for_load_state("load")
    assert page.title() == page.evaluate("() => notebook_id") == tiny.NAME, "its own scripts run"
    assert page.locator("mjx-container").count() == 1


def test_page_names_no_server():
    for part in ("cdnjs", "jsdelivr", "unpkg", "googleapis"):
        assert f"{part}." not in _page("$x$").split("<script>MathJax")[0]


def _with_neighbours(make, text):
    """A page with an answer between a test and another answer, without what the server sends beside it."""
    cells = [tiny.notebook().cells[number] for number in (8, -2, -1)]
    cells[0].outputs = [nbformat.v4.new_output("stream", text="A sum is wrong.\n" * 9)]
    for cell in cells:
        cell.metadata.nbgrader.score = 1
    cells[1].source = f"words\n\n{text}\n\nwords"
    return re.sub("<(script|link)[^>]*x/formgrader/static[^>]*>", "", make(*cells))


PLACES = pytest.mark.parametrize(
    ("make", "place"),
    [(_page, "section:nth-of-type(2) .text"), (formgrader_page, ".text_cell_render >> nth=0")],
    ids=["feedback", "formgrader"],
)
STRAYING = {
    "raised": r"$\smash{\rlap{\raise{120px}{\color{green}{\Huge\text{PASSED 10 of 10}}}}}$",
    "lowered": r"$$\smash{\rlap{\lower{150px}{\Huge\text{PASSED 10 of 10}}}}$$",
    "to the left": r"$\llap{\Huge\colorbox{white}{10 of 10}\kern{300px}}$",
    "to the right": r"$\rlap{\kern{900px}\Huge\colorbox{lime}{10 of 10}}$",
    "box": r"$\smash{\Huge\colorbox{white}{\rule{500px}{300px}}}$",
    "token": r'$\smash{\mmlToken{mtext}[mathbackground="white" mathsize="500px"]{PASSED}}$',
    "padded": r'$\mmlToken{mtext}[mathsize="500px" mathbackground="red"]{\smash{P}}$',
    "accents": "a" + "\u0301" * 300 + "b" + "\u0323" * 300,
}


@PLACES
@pytest.mark.parametrize("text", STRAYING.values(), ids=STRAYING)
def test_what_is_drawn_stays_in_its_cell(read, make, place, text):
    page = read(_with_neighbours(make, text))
    page.set_viewport_size({"width": 1200, "height": 1600})
    answer = page.locator(place)
    box = answer.bounding_box()
    with_it = page.screenshot(full_page=True)
    answer.evaluate("answer => (answer.style.visibility = 'hidden')")
    outside = ImageChops.difference(*(_without(box, shot) for shot in (with_it, page.screenshot(full_page=True))))
    assert outside.getbbox() is None


def _without(box, screenshot):
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    corners = [box["x"] - 1, box["y"] - 1, box["x"] + box["width"] + 1, box["y"] + box["height"] + 1]
    ImageDraw.Draw(picture).rectangle(corners, "white")
    return picture


@pytest.mark.parametrize(
    "formula",
    [
        r"$\hat{\vec{A}}_{\underline{g}} \not= \mathcal{J}$",
        r"$$\sum_{i=1}^{n} \frac{\hat y}{\sqrt{\smash[b]{y}}}$$",
        "$f$",
    ],
)
def test_nothing_of_an_honest_formula_is_cut_off(read, formula):
    page = read(_page(f"words {formula} words"))
    shots = []
    for rule in ("/* as it is */", "mjx-container { contain: none !important; overflow: visible !important }"):
        page.add_style_tag(content=rule)
        shots.append(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
    assert ImageChops.difference(*shots).getbbox() is None


MANY = {
    "many": "$x$ " * 2400,
    "long": r"$\def\a{" + "x+" * 500 + "}$ " + r"$\a$ " * 300,
    "unfolding": r"$\def\a{xxxxx}\def\b{" + r"\a" * 100 + "}$ " + r"$\b$ " * 300,
}


@pytest.mark.parametrize("text", MANY.values(), ids=MANY)
def test_so_many_formulas_are_drawn_and_the_others_stay_as_they_were_typed(read, text):
    page = read(_page("$y$", *[text] * 9))
    formulas, parts = page.locator("mjx-container"), page.locator("mjx-container use")
    assert 10 < formulas.count() < 2000 and parts.count() < 25_000
    assert re.search(r"\$(x|\\a|\\b)\$", page.locator("section").last.inner_text())
