"""What the builder refuses, on a copy of the book with one small notebook in it."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import book
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from notebooks import canonical, write

ROOT = Path(__file__).resolve().parents[2]
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
QUIZ = [
    {
        "type": "multiple_choice",
        "question": "One?",
        "answers": [
            {"answer": "1", "correct": True, "feedback": "Yes."},
            {"answer": "2", "correct": False, "feedback": "No."},
        ],
    }
]


def small_notebook():
    """An executed notebook with a figure, a quiz and a mark that cross references can find."""
    figure = new_output("display_data", data={"image/png": PNG, "text/plain": "<Figure>"})
    alt = {"mystnb": {"image": {"alt": "A dot."}}}
    cells = [
        new_markdown_cell("(small)=\n# A small chapter\n\nSee {term}`gate` and [](#small).", id="title"),
        new_code_cell("1 + 1", id="sum", execution_count=1, outputs=[sum_output()]),
        new_code_cell("figure", id="figure", execution_count=2, outputs=[figure], metadata=alt),
        new_code_cell('show_quiz("small_quiz.json")', id="quiz", execution_count=3),
    ]
    return canonical(new_notebook(cells=cells))


def sum_output():
    return new_output("execute_result", data={"text/plain": "2"}, execution_count=1)


@pytest.fixture
def course(tmp_path):
    """The smallest course that the builder takes, with the configuration of the real one."""
    shutil.copy(ROOT / "_config.yml", tmp_path)
    shutil.copytree(ROOT / "_static", tmp_path / "_static")
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "pages.py", tmp_path / "tools")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: intro\nchapters:\n  - file: chapters/part/small\n")
    (tmp_path / "intro.md").write_text("# A book\n\n```{glossary}\nGate\n  What opens and shuts.\n```\n")
    (tmp_path / "references.bib").write_text("")
    chapters = tmp_path / "chapters" / "part"
    chapters.mkdir(parents=True)
    write(small_notebook(), chapters / "small.ipynb")
    (chapters / "small_quiz.json").write_text(json.dumps(QUIZ))
    return tmp_path


def change(course, alter):
    """Alter the small notebook by a function that gets its cells by id."""
    path = course / "chapters" / "part" / "small.ipynb"
    notebook = nbformat.read(path, as_version=4)
    alter({cell.id: cell for cell in notebook.cells})
    write(notebook, path)


def not_executed(cells):
    cells["sum"].execution_count, cells["sum"].outputs = None, []


def out_of_order(cells):
    cells["sum"].execution_count = 2
    cells["figure"].execution_count = 1


def error_output(cells):
    cells["sum"].outputs = [new_output("error", ename="ValueError", evalue="no", traceback=[])]


def stderr_output(cells):
    cells["sum"].outputs = [new_output("stream", name="stderr", text="a warning")]


def no_alt_text(cells):
    cells["figure"].metadata = {}


def empty_alt_text(cells):
    cells["figure"].metadata.mystnb.image.alt = " "


def too_large(cells):
    cells["sum"].outputs = [new_output("stream", name="stdout", text="x" * 500_000)]


def no_such_quiz(cells):
    cells["quiz"].source = 'show_quiz("other_quiz.json")'


NOTEBOOK_FAULTS = {
    not_executed: ["cell 2 (sum): not executed", "make run NB=chapters/part/small.ipynb"],
    out_of_order: ["cell 2 (sum): executed out of order", "make run NB=chapters/part/small.ipynb"],
    error_output: ["cell 2 (sum): its output is an error (ValueError)", "tag it raises-exception"],
    stderr_output: ["cell 2 (sum): it prints to stderr ('a warning')"],
    no_alt_text: ["cell 3 (figure): its figure has no alt text", '"alt"'],
    empty_alt_text: ["cell 3 (figure): its figure has no alt text"],
    too_large: ["over the limit of 500 kB"],
    no_such_quiz: ["other_quiz.json: there is no such quiz file"],
}


@pytest.mark.parametrize("alter", NOTEBOOK_FAULTS, ids=lambda alter: alter.__name__)
def test_faulty_notebook_is_refused(course, capfd, alter):
    change(course, alter)
    assert book.build(course) == 1
    error = capfd.readouterr().err
    assert "chapters/part/small.ipynb" in error
    for words in NOTEBOOK_FAULTS[alter]:
        assert words in error
    assert not (course / "_build" / "html").exists()


def test_meant_error_is_accepted(course):
    change(course, lambda cells: (error_output(cells), cells["sum"].metadata.update(tags=["raises-exception"])))
    assert book.notebook_problems(course) == []


def test_notebook_outside_the_contents_is_refused(course, capfd):
    small = course / "chapters" / "part" / "small.ipynb"
    shutil.copy(small, small.with_name("other.ipynb"))
    assert book.build(course) == 1
    error = capfd.readouterr().err
    assert "chapters/part/other.ipynb: on disk, but not in _toc.yml" in error
    assert "file: chapters/part/other" in error


def test_build_and_what_follows(course, capfd):
    """One good build, then what a change, a fault and an interruption do to it."""
    html = course / "_build" / "html"
    assert book.build(course) == 0
    out, err = capfd.readouterr()
    assert err == "", "a good build has no warnings"
    assert "The book is in _build/html/index.html" in out
    assert "make serve" in out
    assert 'alt="A dot."' in (html / "chapters" / "part" / "small.html").read_text()

    assert book.build(course) == 0
    assert "Nothing has changed" in capfd.readouterr().out

    # A cross reference to nowhere and an unknown citation fail the build, and fail it again the next time.
    good = (course / "intro.md").read_text()
    (course / "intro.md").write_text(good + "\nSee {ref}`nowhere`, [](#small-and-gone) and {cite:p}`nobody1900`.\n")
    for _ in range(2):
        assert book.build(course) == 1
        error = capfd.readouterr().err
        for lost in ("nowhere", "small-and-gone", "nobody1900"):
            assert lost in error
        assert "nowhere" not in (html / "intro.html").read_text(), "the last good book stays"

    # A build that is killed in the middle leaves the last good book, which is not taken for the new one.
    (course / "intro.md").write_text(good + "\nNew text.\n")
    process = subprocess.Popen([sys.executable, ROOT / "tools" / "book.py", "build", "--root", course])
    deadline = time.monotonic() + 60
    while not (course / "_build" / "workshop" / "_build" / "html" / "_static").exists():
        assert process.poll() is None, "the build was over before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert "New text" not in (html / "intro.html").read_text()
    assert (html / ".made-from").read_text() != book.fingerprint(course)
    assert book.build(course) == 0
    assert "New text" in (html / "intro.html").read_text()


def test_publisher_says_where_readers_can_answer(course):
    """The address of a repository and that of the book, in their places; and a person's address in place of the former."""
    intro, setup = (course / f"{name}.md" for name in ("intro", "setup"))
    intro.write_text(intro.read_text() + "\nIf a number is wrong, a report of it is welcome.\n")
    setup.write_text(
        "# Set up\n\nCopy the course with `git clone` and its address, go into the new folder, and so on.\n"
    )
    (course / "_toc.yml").write_text((course / "_toc.yml").read_text() + "  - file: setup\n")
    config = course / "_config.yml"
    plain = config.read_text()
    named = plain.replace(' url: ""', " url: https://github.com/somebody/course").replace(
        'baseurl: ""', "baseurl: https://book.example/course/"
    )
    config.write_text(named)
    assert book.build(course) == 0
    html = course / "_build" / "html"
    issues = "https://github.com/somebody/course/issues"
    for page in ("intro", "setup", "chapters/part/small"):
        footer = (html / f"{page}.html").read_text().partition('class="extra_footer"')[2]
        assert f'<a href="{issues}">Say what is wrong' in footer
        assert "CC BY 4.0" in footer
    assert f'href="{issues}">a report of it</a> is welcome' in (html / "intro.html").read_text()
    assert "git clone https://github.com/somebody/course</span>" in re.sub(
        r'</span>\s*<span class="pre">', " ", (html / "setup.html").read_text()
    )
    small = (html / "chapters" / "part" / "small.html").read_text()
    assert '<meta property="og:url" content="https://book.example/course/chapters/part/small.html" />' in small
    assert '<meta property="og:image" content="https://book.example/course/_static/screenshot.png" />' in small
    assert 'href="/course/intro.html"' in (html / "404.html").read_text()

    config.write_text(plain.replace('report_address: ""', "report_address: mailto:somebody@book.example"))
    assert book.build(course) == 0
    assert '<a href="mailto:somebody@book.example">Say what is wrong' in (html / "setup.html").read_text()
    assert "git clone</span>" in re.sub(r'</span>\s*<span class="pre">', " ", (html / "setup.html").read_text())


def test_remarks_to_the_linter_are_not_shown(course):
    change(course, lambda cells: cells["sum"].update(source="import this  # noqa: F401  why it is here\n1 + 1  # noqa"))
    assert book.build(course) == 0
    page = (course / "_build" / "html" / "chapters" / "part" / "small.html").read_text()
    assert "noqa" not in page
    assert "import" in page
