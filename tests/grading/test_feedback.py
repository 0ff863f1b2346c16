"""What the feedback page takes out, form by form; test_marks.py and test_round.py search real pages."""

import base64
import copy
import html
import io
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from PIL import Image
from traitlets.config import PyFileConfigLoader

from seqmodels.grading.feedback import HideTests
from seqmodels.grading.leaks import HIDDEN_TEST, leaked, secrets
from seqmodels.grading.rendering import safe_code, safe_markdown, safe_output
from seqmodels.grading.room import Room
from tests.grading import tiny
from tests.grading.course import ROOT

SECRET = "secret_question_3 = [3, -4, 5]"
TRACEBACK = [
    "Traceback (most recent call last)",
    f"\x1b[0;32m----> 4 {SECRET}\x1b[0m",
    "AssertionError: A sum is wrong.",
]
SCRIPT = "<script>alert(1)</script>"


def base64_of(image, kind="PNG"):
    """A picture in base64, as a notebook holds it."""
    stream = io.BytesIO()
    image.save(stream, kind)
    return base64.b64encode(stream.getvalue()).decode()


PIXEL = base64_of(Image.new("RGB", (3, 2), "navy"))
# What Formgrader tells its page about a submission.
FORMGRADER = {
    **dict.fromkeys(("submission_id", "base_url", "student", "last_name", "first_name", "notebook_path"), "x"),
    **{"assignment_id": tiny.NAME, "notebook_id": tiny.NAME, "index": 0, "total": 1},
}


def _notebook(cells):
    notebook = tiny.notebook()
    notebook.cells = [NotebookNode(copy.deepcopy(cell), id=f"cell-{number}") for number, cell in enumerate(cells)]
    return notebook


def _formgrade(*cells):
    """Formgrader's page about a notebook of these cells."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    config.HTMLExporter.template_name = "formgrade"
    notebook = _notebook(cells)
    resources = FORMGRADER | {"metadata": {"path": str(Path(__file__).with_name("nothing"))}}
    return HTMLExporter(config=config).from_notebook_node(notebook, resources=resources)[0]


def _feedback(*cells):
    """The feedback's page about a notebook of these cells, without the table."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    converter = GenerateFeedback(config=config, coursedir=CourseDirectory(config=config))
    exporter = HTMLExporter(config=converter.config)
    exporter.register_preprocessor(HideTests, enabled=True)
    notebook = _notebook(cells)
    resources = {"nbgrader": {"notebook": "long", "score": 0, "max_score": 0, "late_penalty": 0}}
    return exporter.from_notebook_node(notebook, resources=resources)[0].split('<div id="notebook">')[1]


PAGES = pytest.mark.parametrize("page", [_feedback, _formgrade])


def _body(page):
    """A page without its head, in which MathJax is."""
    return page[max(0, page.rfind("<body")) :]


def _cells(answer_outputs=(), test_outputs=()):
    """The answer and the test number 3 of the tiny assignment, after the hidden tests have ended its run."""
    answer, test = copy.deepcopy(tiny.notebook().cells[7:9])
    answer.outputs, test.outputs = list(answer_outputs), list(test_outputs)
    notebook = tiny.notebook()
    notebook.cells = [answer, test]
    shown, _ = HideTests().preprocess(notebook, {})
    return shown.cells


def test_hidden_lines_leave_the_test_and_the_others_stay():
    _, test = _cells()
    assert test.source == (
        'answer = add_3([1, 2])\nassert len(answer) == 2, "The answer has as many values as the question."'
    )


def test_traceback_of_a_test_is_its_message():
    _, test = _cells(
        test_outputs=[new_output("error", ename="AssertionError", evalue="A sum is wrong.", traceback=TRACEBACK)]
    )
    assert test.outputs[0].traceback == ["AssertionError: A sum is wrong."]


def test_traceback_of_an_answer_stays_but_for_hidden_lines():
    answer, _ = _cells([new_output("error", ename="ValueError", evalue="mine", traceback=TRACEBACK)])
    assert answer.outputs[0].traceback == [
        "Traceback (most recent call last)\n[a line of a hidden test]\nAssertionError: A sum is wrong."
    ]


@pytest.mark.parametrize(
    "output",
    [
        new_output("stream", name="stdout", text=f"printed\n{SECRET}\n"),
        new_output("execute_result", data={"text/plain": repr(["", SECRET])}),
        new_output("display_data", data={"text/html": f"<b>{SECRET}</b>", "image/svg+xml": SECRET}),
        new_output("error", ename="ValueError", evalue=SECRET, traceback=[SECRET]),
    ],
    ids=lambda output: output.output_type,
)
@pytest.mark.parametrize("where", ["answer_outputs", "test_outputs"])
def test_no_output_repeats_a_hidden_line(where, output):
    kept = secrets(tiny.notebook(), [HIDDEN_TEST])
    assert leaked(kept, str(output)), "the output does give it away to begin with"
    assert not leaked(kept, str(_cells(**{where: [copy.deepcopy(output)]})))


def test_nothing_but_text_and_pictures_is_shown():
    data = {
        "text/plain": "text",
        "text/html": SCRIPT,
        "text/latex": SCRIPT,
        "image/png": PIXEL,
        "image/jpeg": f'">{SCRIPT}',
        "image/svg+xml": f"<svg>{SCRIPT}</svg>",
    }
    answer, _ = _cells([new_output("display_data", data=data, metadata={"width": f'">{SCRIPT}'})])
    assert answer.outputs[0].data == {"text/plain": "text", "image/png": PIXEL}
    assert answer.outputs[0].metadata == {}


@pytest.mark.parametrize("damaged", [f'">{SCRIPT}', PIXEL[:40], PIXEL.replace("A", "é")])
def test_picture_that_cannot_be_shown_is_said_so(damaged):
    for outputs in (Room().outputs, lambda outputs: _cells(outputs)[0].outputs):
        (shown,) = outputs([new_output("display_data", data={"image/png": damaged, "text/plain": "in words"})])
        assert shown.data == {
            "text/plain": "[a picture is not shown: it is no PNG, JPEG, GIF or WebP picture, or it is damaged]\nin words"
        }


def test_other_picture_is_shown_as_one_that_pages_know():
    film = base64_of(Image.new("RGB", (3, 2), "navy"), "GIF")
    answer, _ = _cells([new_output("display_data", data={"image/gif": film, "text/plain": "in words"})])
    assert answer.outputs[0].data == {"text/plain": "in words", "image/png": PIXEL}


def test_tags_of_cells_are_not_shown():
    notebook = tiny.notebook()
    notebook.cells = [new_code_cell("1", metadata={"tags": [f'">{SCRIPT}']})]
    shown, _ = HideTests().preprocess(notebook, {})
    assert shown.cells[0].metadata == {}


def test_markers_in_an_answer_are_a_students_own_words():
    notebook = tiny.notebook()
    notebook.cells[7].source = "### BEGIN HIDDEN TESTS\nadd_3 = None"
    shown, _ = HideTests().preprocess(notebook, {})
    assert shown.cells[7].source == "### BEGIN HIDDEN TESTS\nadd_3 = None"


def test_markdown_keeps_its_form():
    page = safe_markdown("# Why\n\n> quoted **words**, $a < b$\n\n```python\na < b\n```\n\n| x |\n|---|\n| 1 |\n")
    for part in ("<h1", "<blockquote>", "<strong>words</strong>", "$a &lt; b$", "<pre>", "<table>", "<td>1</td>"):
        assert part in page


@pytest.mark.parametrize(
    "hostile",
    [
        SCRIPT,
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "![x](https://example.org/counts-readers.png)",
        "[click](data:text/html;base64,PHNjcmlwdD4=)",
        "<iframe src='https://example.org'></iframe>",
        "<a href='#' onclick='alert(1)' style='color:red'>x</a>",
        "<div onclick='alert(1)' style='color:red' id='x'>x</div>",
    ],
)
def test_markdown_runs_and_fetches_nothing(hostile):
    for page in (safe_markdown(hostile), safe_markdown(hostile, with_links=True), safe_output(hostile)):
        for tag, attributes in elements(page):
            assert tag in ("p", "em", "div", "code", "a") and attributes.keys() <= {"target", "rel"}


LINKS = {
    "[my figure](figure.html)": "my figure (<code>figure.html</code>)",
    "[x](/formgrader/?path=submitted)": "x (<code>/formgrader/?path=submitted</code>)",
    "[x](//localhost:8888/lab)": "x (<code>//localhost:8888/lab</code>)",
    "[x](http://localhost:8888/lab)": "x (<code>http://localhost:8888/lab</code>)",
    "<http://localhost:8888/lab>": "http://localhost:8888/lab",
    "http://localhost:8888/lab": "http://localhost:8888/lab",
    "[x]\n\n[x]: figure.html": "x (<code>figure.html</code>)",
    "see <a href='figure.html'>x</a>": "see &lt;a href='figure.html'&gt;x&lt;/a&gt;",
}


@pytest.mark.parametrize("text", LINKS)
def test_link_in_an_answer_is_its_address(text):
    assert safe_markdown(text).strip() == f"<p>{LINKS[text]}</p>"


def test_link_in_an_output_leads_nowhere():
    assert safe_output("<a href='figure.html'>x</a>") == "x"


@pytest.mark.parametrize("text", LINKS)
def test_link_of_a_teacher_leads_to_another_site_or_nowhere(text):
    page = safe_markdown(text.replace("localhost:8888", "example.org"), with_links=True)
    links = [attributes for tag, attributes in elements(page) if tag == "a"]
    outside = {"href": "http://example.org/lab", "target": "_blank", "rel": "noopener noreferrer"}
    assert [link for link in links if "href" in link] == ([outside] if "http:" in text else [])


def elements(page):
    """The tags of some HTML, each with its attributes, as a browser reads them."""
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.append((tag, dict(attributes)))

    Reader().feed(page)
    return found


@pytest.mark.parametrize(
    "text", ["a vector<int>, if x <y> z", "List<float> and <T>", "1 < 2 <b-x> 3", "<details>x</details>"]
)
def test_words_in_angle_brackets_are_words(text):
    assert html.unescape(re.sub("</?p>", "", safe_markdown(text))).strip() == text


def test_lists_of_tasks_and_of_terms_keep_their_form():
    assert "<li>☑ done</li>" in safe_markdown("- [x] done\n- [ ] open\n")
    assert "<li>☐ open</li>" in safe_markdown("- [x] done\n- [ ] open\n")
    assert "<dt>term</dt>" in safe_markdown("term\n: what it means\n")


def test_table_of_pandas_has_no_style():
    page = safe_output(pd.DataFrame({"a": [1]}).to_html() + pd.DataFrame({"b": [2]})._repr_html_())
    assert "style" not in page and "vertical-align" not in page
    assert page.count("<th>") == 6 and 'class="dataframe"' in page


@pytest.mark.parametrize(
    "hostile",
    [
        f"<style>{SCRIPT}</style>x",
        f"<style></style {SCRIPT}>x",
        f"<style><style></style>{SCRIPT}</style>x",
        f"<svg><style><a title='</style>{SCRIPT}'></style></svg>x",
        f"<math><mtext><style><!--</style>{SCRIPT}--></mtext></math>x",
        f"<noscript><style></noscript>{SCRIPT}</style></noscript>x",
        f"x<style>{SCRIPT}",
    ],
)
def test_style_hides_nothing_that_runs(hostile):
    page = safe_output(hostile)
    assert "<script" not in page and "<style" not in page and "x" in page


PLOT = {"plot 1.png": {"image/png": PIXEL}}
PICTURE = f'src="data:image/png;base64,{PIXEL}"'


@pytest.mark.parametrize(
    "text",
    [
        f"![a plot](data:image/png;base64,{PIXEL})",
        f"![a plot][1]\n\n[1]: data:image/png;base64,{PIXEL}",
        f"<img src='data:image/png;base64,{PIXEL}' alt='a plot'>",
        "![a plot](attachment:plot%201.png)",
        "![a plot][1]\n\n[1]: attachment:plot%201.png",
        '<img src="attachment:plot 1.png" alt="a plot" width="100%">',
    ],
)
def test_picture_of_an_answer_is_shown(text):
    page = safe_markdown(f"# Why\n\n{text}", PLOT)
    assert page.count("<img") == 1 and PICTURE in page and 'alt="a plot"' in page and "is not shown" not in page


def test_pictures_of_a_long_answer_are_shown_below_it():
    long = "word " * 3000
    page = safe_markdown(f"{long}![a](attachment:plot%201.png) ![b](data:image/png;base64,{PIXEL})", PLOT)
    assert page.startswith("<pre>word word") and page.count(PICTURE) == 2


def test_large_picture_in_a_text_leaves_the_text_as_it_is():
    photo = base64_of(Image.effect_noise((1500, 1500), 99), "JPEG")
    page = safe_markdown(f"**Why** ![a photo](data:image/jpeg;base64,{photo})")
    assert len(photo) > 1_000_000
    assert "<strong>Why</strong>" in page and 'src="data:image/jpeg;base64,' in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "![my plot](attachment:other.png)",
            '"my plot" (attachment:other.png) is not shown: it is not in the notebook',
        ),
        ("![my plot][1]\n\n[1]: attachment:other.png", "is not shown: it is not in the notebook"),
        ("![](https://example.org/a.png)", "(https://example.org/a.png) is not shown: it is not in the notebook"),
        ("![](figure.png)", "(figure.png) is not shown: it is not in the notebook"),
        ("![](attachment:a.svg)", "(attachment:a.svg) is not shown: it is no PNG, JPEG, GIF or WebP picture"),
        ("![](attachment:empty)", "(attachment:empty) is not shown: it is no PNG, JPEG, GIF or WebP picture"),
        ("![](attachment:odd)", "(attachment:odd) is not shown: it is no PNG, JPEG, GIF or WebP picture"),
        ('![" onerror="alert(1)](attachment:x)', "is not shown"),
    ],
)
def test_picture_that_is_not_shown_says_why(text, said):
    svg = base64.b64encode(f"<svg>{SCRIPT}</svg>".encode()).decode()
    page = safe_markdown(text, {"a.svg": {"image/svg+xml": svg}, "empty": {}, "odd": ["image/png"]})
    assert said in html.unescape(page) and not [tag for tag, _ in elements(page) if tag == "img"]


@PAGES
def test_page_shows_the_pictures_of_answers(page):
    assert PICTURE in page(new_markdown_cell("![a plot](attachment:plot%201.png)", attachments=PLOT))


def test_page_has_room_for_so_many_pictures():
    vast = base64_of(Image.new("L", (7000, 7000)), "PNG")
    room = Room()
    begun = time.process_time()
    pages = [safe_markdown(f"![x](data:image/png;base64,{vast})", room=room) for _ in range(100)]
    assert 5 < sum("<img" in page for page in pages) < 20
    assert "there is no room on this page for more pictures" in pages[-1]
    assert time.process_time() - begun < 60


TURNED = "if level != '‮' and not '⁦⁩:"
SEEN = "if level != '[U+202E]' and not '[U+2066][U+2069]:"


@PAGES
def test_letters_that_turn_lines_round_are_seen(page):
    outputs = [
        new_output("stream", text=TURNED),
        new_output("execute_result", data={"text/plain": TURNED}),
        new_output("error", ename="A", evalue=TURNED, traceback=[TURNED]),
        new_output("display_data", data={"text/html": f"<b>{TURNED}</b>"}),
        new_output("display_data", data={"text/latex": TURNED}),
    ]
    cells = [new_markdown_cell(TURNED), new_raw_cell(TURNED), new_code_cell("x", outputs=outputs)]
    shown = _body(page(*cells, new_markdown_cell("&#x202e;, `&rlm;`"), new_code_cell(f"x = 1\n{TURNED}")))
    assert not re.search("[‪-‮⁦-⁩‎‏]", shown)
    plain = html.unescape(re.sub("<[^<>]*>", "", shown))
    assert plain.count(SEEN) == (8 if page is _formgrade else 6)


LONG = {
    "lines": "0\n" * 1_000_000,
    "quotes": "> - # `\n" * 20_000,
    "brackets": "[" * 3000 + "![" * 3000 + "*_" * 3000 + "<" * 3000 + "$" * 3001,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_text_is_shown_as_it_was_typed_and_cut(text):
    page = safe_markdown(f"# Why {SCRIPT}\n{text}")
    assert page.startswith("<pre># Why &lt;script&gt;") and page.endswith("</pre>")
    assert len(page) < 80_000


def test_long_cells_and_outputs_are_cut():
    line = "0\n" * 1_000_000
    answer, test = _cells(
        [new_output("stream", name="stdout", text=line), new_output("error", ename="A", evalue="", traceback=[line])],
        [new_output("error", ename="AssertionError", evalue=line)],
    )
    assert answer.outputs[0].text.endswith("\n[1,950,000 more letters are not shown]")
    assert len(answer.outputs[1].traceback[0]) < 60_000
    assert len(test.outputs[0].traceback[0]) == 2000
    notebook = tiny.notebook()
    notebook.cells[7].source = line
    shown, _ = HideTests().preprocess(notebook, {})
    assert shown.cells[7].source.endswith("\n[1,950,000 more letters are not shown]")


def test_formgrader_cuts_long_code():
    shown = _formgrade(new_code_cell("0\n" * 1_000_000), new_code_cell("short = 1"))
    assert "[1,950,000 more letters are not shown]" in re.sub("<[^<>]*>", "", shown) and ">short</span>" in shown
    assert shown.count("\n") < 40_000


OPEN_TAGS = "".join(f"<b x{number}>" for number in range(700))
SLOW_TEXT = {
    "many open tags": f"<div>{OPEN_TAGS}</div>" + "<p>x" * 500,
    "open tags and paragraphs": "".join(f"<b x{number}>" for number in range(49)) + "\n\nx" * 200,
    "a link used often": f"[a]: http://{'x' * 2000}\n\n" + "[a] " * 500,
}


@pytest.mark.parametrize("text", SLOW_TEXT.values(), ids=SLOW_TEXT)
def test_text_that_takes_long_or_grows_is_shown_as_it_was_typed(text):
    page = safe_markdown(text)
    assert page.startswith("<pre>") and page.endswith("</pre>")
    assert len(page) < 4 * len(text)


@pytest.mark.parametrize("language", ["python", "vbscript"])
def test_code_in_a_text_is_coloured_only_where_that_is_quick(language):
    page = safe_markdown(f"```{language}\nx = 1\n" + " \n" * 1000 + "y\n```\n")
    assert page.startswith("<pre><code>x = 1\n") and "<span" not in page
    assert ("<span" in safe_markdown(f"```{language}\nx = 1\n```\n")) == (language == "python")


def test_honest_html_and_code_in_a_text_keep_their_form():
    text = "H<sub>2</sub>O<br>\n" * 8 + "\n\nA paragraph.\n" * 50 + "\n```python\nif x:\n\n\n    y = 1\n```\n"
    page = safe_markdown(text)
    assert page.count("<sub>2</sub>") == 8 and page.count("<p>A paragraph.</p>") == 50
    assert '<span class="k">if</span>' in page


def test_text_that_no_parser_can_read_is_shown_as_it_was_typed():
    text = f"<b title='&#{'9' * 5000};'>**x** &#{'9' * 5000};</b>"  # Python reads no number of so many digits
    assert safe_markdown(text).startswith("<pre>&lt;b title")


@pytest.mark.parametrize(
    "page",
    ["<div>" * 5990, "<ul><li>" * 3700, "<b><p>" * 49 + "</b></p>" * 2500, "<x " * 9900, "<p " + "a=b " * 7000 + ">"],
    ids=["div", "lists", "crossed", "tags", "attributes"],
)
def test_filtering_takes_no_time(page):
    begun = time.process_time()
    safe_output(page)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("item", ["- ", "1. ", "> ", "> - ", "  - a\n", "* a\n  "])
def test_nested_lists_take_no_time(item):
    begun = time.process_time()
    safe_markdown(item * (9900 // len(item)))
    safe_markdown("".join("  " * level + item.strip() + " a\n" for level in range(98)))
    assert time.process_time() - begun < 4


SLOW_CODE = {
    "blank lines": "x = 1\n" + "\n" * 2500 + "y",
    "lines of spaces": "x = 1\n" + " \n" * 1500 + "y",
    "stars": "*" * 5000,
    "attributes": "a." * 5000,
    "lines": "x = 1\n" * 5000,
    "one line": "x=1;" * 5000,
    "another language": "%%perl\n1",
}


@pytest.mark.parametrize("code", SLOW_CODE.values(), ids=SLOW_CODE)
def test_code_that_takes_long_is_shown_without_colours(code):
    assert safe_code(code) == f"<pre>{code}</pre>"


def test_honest_code_is_coloured():
    code = "%%time\n# " + "a long remark " * 60 + "\n" + "x = [1, 2]\n" * 1000 + "\n" * 20 + "y = 'a'\n!ls\n"
    assert safe_code(code).count('<span class="n">x</span>') == 1000


@PAGES
def test_page_has_room_for_so_much(page):
    """Hours of work, and gigabytes, without the room."""
    words = new_markdown_cell("*a* " * 2400)
    code = new_code_cell("a = 1\n" * 2900)
    raw = new_raw_cell("<raw>" * 9000)
    shown = page(*[words] * 200, *[code] * 200, *[raw] * 100, new_markdown_cell("*the* end"))
    assert 0 < shown.count("<em>a</em>") <= 25_000, "further texts are shown as they were typed"
    assert 0 < shown.count('<span class="n">a</span>') <= 34_000, "and so is code"
    assert "letters are not shown]" in shown, "and in the end not at all"
    assert "end" in shown, "but all cells are there"
    assert len(shown) < 20_000_000


@PAGES
def test_page_of_an_honest_notebook_is_rendered_to_its_end(page):
    text, code = "Some *words* of an answer.\n\n" * 35, "model = build(units=32)\n" * 60
    shown = page(*[new_markdown_cell(text), new_code_cell(code)] * 60)
    assert shown.count("<em>words</em>") == 60 * 35
    assert shown.count('<span class="n">model</span>') == 60 * 60


@PAGES
def test_page_has_room_for_so_many_outputs(page):
    text, picture = new_output("stream", text="0\n" * 20_000), base64_of(Image.effect_noise((2000, 2000), 99))
    drawn = new_output("display_data", data={"image/png": picture})
    broken = new_output("error", ename="A", evalue="\n" * 1_000_000, traceback=["x\n" * 1000] * 100)
    cells = [new_code_cell("1", outputs=[copy.deepcopy(output) for _ in range(20)]) for output in (text, drawn, broken)]
    shown = page(*cells * 10, new_code_cell("1", outputs=[new_output("stream", text="short")]))
    assert 0 < shown.count("\n0") < 300_000 and 0 < shown.count("data:image/png;base64,") <= 10
    assert "[further output is not shown]" in shown and len(shown) < 60_000_000


def test_outputs_of_answers_take_no_room_from_those_of_tests():
    error = new_output("error", ename="AssertionError", evalue="A sum is wrong.", traceback=TRACEBACK)
    answer, test = _cells([new_output("stream", text="0\n" * 20_000)] * 100, [error])
    assert answer.outputs[-1].text == "[further output is not shown]" and len(answer.outputs) < 20
    assert test.outputs[0].traceback == ["AssertionError: A sum is wrong."]


@pytest.mark.parametrize("html", [OPEN_TAGS + "<p>x" * 500, "<div>" * 10_000], ids=["tags", "deep"])
def test_formgrader_shows_html_that_takes_long_as_text(html):
    output = new_output("display_data", data={"text/html": html, "text/plain": "in words"})
    (shown,) = Room().outputs([output])
    assert shown.data == {"text/plain": "in words"}


HOSTILE_METADATA = [
    {"image/png": {"width": "1 onload=alert(1)"}},
    {"image/png": {"height": "1 onload=alert(1)"}},
    {"filenames": {"image/png": "https://example.org/counts-readers.png"}},
    {"text/html": {"isolated": True}},
]


@PAGES
@pytest.mark.parametrize("metadata", HOSTILE_METADATA, ids=str)
def test_what_comes_with_an_output_is_not_shown(page, metadata):
    output = new_output("display_data", data={"image/png": PIXEL, "text/plain": "x"}, metadata=metadata)
    table = new_output("display_data", data={"text/html": "<b>x</b>", "text/plain": "x"}, metadata=metadata)
    shown = _body(page(new_code_cell("1", outputs=[output, table])))
    assert f"data:image/png;base64,{PIXEL}" in shown
    for part in ("onload", "example.org", "<iframe"):
        assert part not in shown


FIELDS = '<span id="question" class="full-credit">x</span><div class="score tabbable" id="question-comment">y</div>'


@PAGES
def test_a_students_text_is_no_field_of_the_page(page):
    html = new_output("display_data", data={"text/html": FIELDS})
    heading = "## question\n\n"
    cells = [
        new_markdown_cell(text)
        for text in (heading + FIELDS, '<h2 id="question">x</h2>', "[x](#question){: .full-credit }")
    ]
    shown = page(*cells, new_code_cell("a = 1", outputs=[html]), new_markdown_cell("```python\na = 1\n```"))
    body = _body(shown)
    assert 'id="question' not in body and 'class="full-credit"' not in body and 'class="score tabbable"' not in body
    assert body.count('<span class="n">a</span>') == 2, "code has its colours"


@PAGES
@pytest.mark.parametrize("letters", [3000, 9000])
def test_names_of_files_in_a_text_are_left_alone(page, letters):
    """nbconvert's filter for them takes the cube of the length: hours."""
    text = "a\n" * 5001 + "[" * letters + "](files/" * (letters // 8) + "x" * letters
    begun = time.process_time()
    assert "](files/" in page(new_markdown_cell(text))
    assert time.process_time() - begun < 60


def test_formgrader_shows_so_many_formulas():
    data = {"text/latex": "$x$ " * 5000, "text/plain": "in words"}
    shown = _formgrade(new_code_cell("1", outputs=[new_output("display_data", data=dict(data)) for _ in range(20)]))
    assert 0 < shown.count("$x$") <= 25_000 and "in words" in shown


def test_formgrader_shows_tests_when_answers_fill_the_page():
    answer, test = copy.deepcopy(tiny.notebook().cells[7:9])
    answer.outputs = [new_output("stream", text="0\n" * 20_000)] * 100
    test.outputs = [
        new_output("error", ename="AssertionError", evalue="A sum is wrong.", traceback=["A sum is wrong."])
    ]
    assert "A sum is wrong." in _formgrade(answer, test)


def test_names_on_formgraders_page_are_text(monkeypatch):
    for name in ("student", "last_name", "first_name", "notebook_path"):
        monkeypatch.setitem(FORMGRADER, name, f'">{SCRIPT}')
    assert SCRIPT not in _formgrade(new_markdown_cell("x"))


def test_formgrader_shows_tables():
    table = "<table>" + "<tr><td>1</td><td>2</td></tr>" * 300 + "</table>"
    data = {"text/html": table, "text/plain": "in words"}
    shown = _formgrade(new_code_cell("1", outputs=[new_output("display_data", data=data)]))
    assert shown.count("<td>2</td>") == 300 and "in words" not in shown


def test_number_that_is_no_letter_is_text():
    printed = f"a &#{'9' * 5000}; of a student's"
    answer, _ = _cells([new_output("stream", text=printed)])
    assert answer.outputs[0].text == printed


def test_nbgrader_uses_it():
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    assert HideTests in config.GenerateFeedback.preprocessors
    filters = config.HTMLExporter.filters
    assert filters["markdown2html"] == "seqmodels.grading.rendering.page_markdown"
    assert filters["highlight_code"] == "seqmodels.grading.rendering.page_code"
