"""Formulas on a feedback page, opened as a file: they are drawn, and they bring nothing else with them."""

import re

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
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


def _page(*formulas):
    """A feedback page, as nbgrader would write it with the configuration of the course."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    converter = GenerateFeedback(config=config, coursedir=CourseDirectory(config=config))
    exporter = HTMLExporter(config=converter.config)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text) for text in formulas])
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
