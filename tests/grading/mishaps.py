"""What can happen to a submission of the tiny assignment without anybody meaning harm, and what it deserves.

A mishap gets the folder to fill, submitted/<student>/tiny, and the notebook of a student who has found
every answer. Each is graded among others by the real nbgrader (test_mishaps.py).
"""

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tests.grading import tiny

ALL = "all"
WRITTEN = ("why", "what_next")
AGAIN = "Send the notebook again"


@dataclasses.dataclass(frozen=True)
class Mishap:
    """One submission with which something is amiss.

    Attributes:
      name: the student's name.
      make: writes the submission.
      says: words that student and teacher must read.
      advice: words of the advice for the student.
      loses: test cells that earn nothing; ALL if nothing can be graded.
      unanswered: written answers that earn 0 and need no marking by hand.
    """

    name: str
    make: Callable[[Path, NotebookNode], None]
    says: str
    advice: str = ""
    loses: tuple[str, ...] | str = ()
    unanswered: tuple[str, ...] = ()


def write(folder: Path, notebook: NotebookNode, name: str = f"{tiny.NAME}.ipynb") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not by nbformat, which would put right what is to be wrong.
    path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")
    return path


def blank(notebook: NotebookNode) -> NotebookNode:
    """The same notebook as it was handed out."""
    empty = nbformat.from_dict(json.loads(json.dumps(notebook)))
    for cell in empty.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            name = cell.metadata.nbgrader.grade_id
            cell.source = next(other.source for other in RELEASED.cells if other.id == name)
    return empty


RELEASED = NotebookNode(cells=[])  # test_mishaps.py puts the released notebook in


def edited(edit: Callable[[NotebookNode], None]) -> Callable[[Path, NotebookNode], None]:
    def make(folder: Path, notebook: NotebookNode) -> None:
        edit(notebook)
        write(folder, notebook)

    return make


def _bytes(change: Callable[[bytes], bytes]) -> Callable[[Path, NotebookNode], None]:
    def make(folder: Path, notebook: NotebookNode) -> None:
        path = write(folder, notebook)
        path.write_bytes(change(path.read_bytes()))

    return make


def _named(name: str) -> Callable[[Path, NotebookNode], None]:
    return lambda folder, notebook: write(folder, notebook, name)


def place_of(notebook: NotebookNode, name: str) -> int:
    return next(number for number, cell in enumerate(notebook.cells) if cell.id == name)


def cell_of(notebook: NotebookNode, name: str) -> NotebookNode:
    return notebook.cells[place_of(notebook, name)]


def _adding(name: str, source: str) -> Callable[[Path, NotebookNode], None]:
    def edit(notebook: NotebookNode) -> None:
        cell_of(notebook, name).source += "\n" + source

    return edited(edit)


# --- the files -------------------------------------------------------------------------------------


def _with_copy(folder, notebook):
    write(folder, notebook, "tiny-Copy1.ipynb")
    write(folder, blank(notebook))


def _with_old_draft(folder, notebook):
    write(folder, notebook)
    draft = blank(notebook)
    cell_of(draft, "add_1").source = "def add_1(values):\n    return None"
    write(folder, draft, "draft/tiny.ipynb")
    write(folder, NotebookNode(cells=[new_code_cell("1")], nbformat=4, nbformat_minor=5, metadata={}), "other.ipynb")


def _with_files(folder, notebook):
    cell_of(notebook, "add_1").source = "from helpers import add\n\ndef add_1(values):\n    return add(values, 1)"
    write(folder, notebook)
    (folder / "helpers.py").write_text("def add(values, by):\n    return [value + by for value in values]\n")
    (folder / "photo.png").write_bytes(b"\x89PNG")


def _with_shadow(folder, notebook):
    write(folder, notebook)
    (folder / "random.py").write_text("raise ImportError('not the random that you want')\n")
    cell_of(notebook, "add_1").source = "import random\n" + cell_of(notebook, "add_1").source
    write(folder, notebook)


def _with_link(folder, notebook):
    write(folder, notebook)
    (folder / "data").symlink_to("/etc")
    (folder / "lost.csv").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")


def _no_notebook(folder, _):
    folder.mkdir(parents=True)
    (folder / "essay.docx").write_bytes(b"PK\x03\x04")


def _empty_folder(folder, _):
    folder.mkdir(parents=True)


def _with_rubbish_for_a_time(folder, notebook):
    write(folder, notebook)
    (folder / "timestamp.txt").write_bytes(b"\xff\xfe\x00 yesterday, I think")
    (folder / "submission_secret.txt").write_bytes(b"\xff\xfe")


def _late(folder, notebook):
    write(folder, notebook)
    (folder / "timestamp.txt").write_text("2030-01-03 15:30:00 UTC")


def _late_on_platform(folder, notebook):
    write(folder, notebook)
    (folder / "late_on_platform.txt").touch()


FILES = [
    Mishap("renamed", _named("Aufgabe ü (1).ipynb"), "The notebook came as Aufgabe ü (1).ipynb.", "Keep the file"),
    Mishap("suffix", _named("tiny.ipynb.txt"), "The notebook came as tiny.ipynb.txt.", "Keep the file"),
    Mishap("capitals", _named("TINY.IPYNB"), "The notebook came as TINY.IPYNB."),
    Mishap("extra_level", _named("tiny/tiny.ipynb"), "The notebook came as tiny/tiny.ipynb."),
    Mishap("folder_of_zip", _named("hand-in 3/final/tiny.ipynb"), "came as hand-in 3/final/tiny.ipynb."),
    Mishap("copy", _with_copy, "tiny-Copy1.ipynb was graded, and not tiny.ipynb", "Send one notebook"),
    Mishap(
        "several", _with_old_draft, "tiny.ipynb was graded, and not draft/tiny.ipynb, other.ipynb", "Send one notebook"
    ),
    Mishap("files", _with_files, "Other files came with the notebook: helpers.py, photo.png."),
    Mishap("shadow", _with_shadow, "in its place: random.py", "other names"),
    Mishap("links", _with_link, "data (a link), lost.csv (a link), pipe (no plain file)", "plain files"),
    Mishap("no_notebook", _no_notebook, "what came was essay.docx", AGAIN, ALL, WRITTEN),
    Mishap("nothing", _empty_folder, "what came was nothing", AGAIN, ALL, WRITTEN),
    Mishap("rubbish_time", _with_rubbish_for_a_time, "timestamp.txt holds no date", "Do not change timestamp.txt"),
    Mishap("late", _late, "came 2 days 3 h after the date", "Speak with your teacher"),
    Mishap("late_download", _late_on_platform, "came late, as the learning platform says", "Speak with your teacher"),
]


# --- the notebook as a file ------------------------------------------------------------------------


def _unsaved(folder, notebook):
    write(folder, blank(notebook))


def _conflict_in_file(content: bytes) -> bytes:
    lines = content.split(b"\n")
    return b"\n".join([*lines[:9], b"<<<<<<< HEAD", lines[9], b"=======", lines[9], b">>>>>>> theirs", *lines[10:]])


def _as_version_3(folder, notebook):
    cells = []
    for cell in notebook.cells:
        old = {"cell_type": cell.cell_type, "metadata": cell.metadata}
        if cell.cell_type == "code":
            cells.append(old | {"input": cell.source.splitlines(True), "language": "python", "outputs": []})
        else:
            cells.append(old | {"source": cell.source.splitlines(True)})
    write(folder, NotebookNode(nbformat=3, nbformat_minor=0, metadata={}, worksheets=[{"cells": cells}]))


def _as_version_5(folder, notebook):
    notebook.nbformat = 5
    notebook.cells[1].kind_of_the_future = {"a": 1}
    write(folder, notebook)


def _huge_output(folder, notebook):
    cell_of(notebook, "add_1").outputs = [new_output("stream", name="stdout", text="x" * 30_000_000)]
    write(folder, notebook)


def _too_big(folder, notebook):
    cell_of(notebook, "add_1").outputs = [new_output("stream", name="stdout", text="x" * 101_000_000)]
    write(folder, notebook)


def _half_a_letter(notebook):
    # Half of a pair, as a cut-off emoji leaves it: it is no text in any encoding.
    cell_of(notebook, "add_1").source += "\nsmile = '\ud83d'"


READING = [
    Mishap("unsaved", _unsaved, "The notebook is as it was handed out", AGAIN, ALL, WRITTEN),
    Mishap("empty", _bytes(lambda _: b""), "The file tiny.ipynb is empty.", AGAIN, ALL, WRITTEN),
    Mishap("cut_off", _bytes(lambda whole: whole[:1500]), "ends in the middle", AGAIN, ALL, WRITTEN),
    Mishap("damaged", _bytes(lambda whole: whole.replace(b'"', b"'", 9)), "is damaged", AGAIN, ALL, WRITTEN),
    Mishap("pdf", _bytes(lambda _: b"%PDF-1.7\xe2\xe3"), "is a PDF file and not a notebook", AGAIN, ALL, WRITTEN),
    Mishap("web_page", _bytes(lambda _: b"<!DOCTYPE html>"), "is a web page and not", AGAIN, ALL, WRITTEN),
    Mishap("list", _bytes(lambda _: b"[1, 2]"), "is some other file", AGAIN, ALL, WRITTEN),
    Mishap(
        "merge",
        _bytes(_conflict_in_file),
        "conflict marks of Git (<<<<<<<), the first in line 10",
        "git checkout",
        ALL,
        WRITTEN,
    ),
    Mishap(
        "bom", _bytes(lambda whole: b"\xef\xbb\xbf" + whole), "UTF-8 with a byte order mark", "Let JupyterLab write"
    ),
    Mishap(
        "utf_16", _bytes(lambda whole: whole.decode().encode("utf-16")), "the encoding UTF-16", "Let JupyterLab write"
    ),
    Mishap("version_3", _as_version_3, "the notebook format 3 and not 4", "JupyterLab of this course"),
    Mishap("version_5", _as_version_5, "the notebook format 5 and not 4", "JupyterLab of this course"),
    Mishap("huge_output", _huge_output, ""),
    Mishap("too_big", _too_big, "bigger than 100 MB", "Clear the outputs", ALL, WRITTEN),
    Mishap("windows_lines", _bytes(lambda whole: whole.replace(rb"\n", rb"\r\n").replace(b"\n", b"\r\n")), ""),
    Mishap("half_a_letter", edited(_half_a_letter), ""),
]


# --- its cells -------------------------------------------------------------------------------------


def _without_ids(notebook):
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]


def _without_names(notebook):
    for cell in notebook.cells:
        cell.metadata.clear()


def _without_either(notebook):
    _without_names(notebook)
    _without_ids(notebook)


def _deleted_answer(notebook):
    del notebook.cells[place_of(notebook, "add_1")]


def _deleted_test(notebook):
    del notebook.cells[place_of(notebook, "test_add_1")]


def _renamed_cells(notebook):
    cell_of(notebook, "add_1").metadata.nbgrader.grade_id = "mine"
    cell_of(notebook, "test_add_1").metadata.nbgrader.grade_id = "my test"
    cell_of(notebook, "why").metadata.nbgrader.grade_id = "why not"


def _changed_test(notebook):
    cell_of(notebook, "test_add_1").source = "10"
    cell_of(notebook, "test_add_1").metadata.nbgrader.points = 1000
    cell_of(notebook, "add_1").source = "def add_1(values):\n    return []"


def _doubled(notebook):
    # Copied with its name; the first is left as it was handed out, the second is the answer in two parts.
    place = place_of(notebook, "add_1")
    answer = notebook.cells[place]
    first, helper = (nbformat.from_dict(json.loads(json.dumps(answer))) for _ in range(2))
    first.source = next(cell.source for cell in RELEASED.cells if cell.id == "add_1")
    helper.source = "def one():\n    return 1"
    answer.source = "def add_1(values):\n    return [value + one() for value in values]"
    notebook.cells[place:place] = [first, helper]


def _reordered(notebook):
    # The last task is solved first, with a function of its own that another task needs as well.
    answer, test = cell_of(notebook, "add_7"), cell_of(notebook, "test_add_7")
    notebook.cells.remove(answer)
    notebook.cells.remove(test)
    cell_of(notebook, "add_1").source = "def add_1(values):\n    return add(values, 1)"
    notebook.cells[1:1] = [
        answer,
        test,
        new_code_cell("def add(values, by):\n    return [value + by for value in values]", id="mine"),
    ]


def _own_cells(notebook):
    notebook.cells.insert(0, new_code_cell("import math", id="first"))
    place = place_of(notebook, "add_1")
    notebook.cells.insert(place, new_code_cell("def one():\n    return math.gcd(1, 1)", id="helper"))
    notebook.cells.insert(place + 2, new_code_cell("assert add_1([1]) == [2]\nadd_1([1])", id="try"))
    notebook.cells.append(new_markdown_cell("A remark of my own.", id="remark"))
    cell_of(notebook, "add_1").source = "def add_1(values):\n    return [value + one() for value in values]"


def _wrong_kinds(notebook):
    code, text = cell_of(notebook, "add_1"), cell_of(notebook, "why")
    code.cell_type = "markdown"
    del code["outputs"], code["execution_count"]
    text.cell_type, text.outputs, text.execution_count = "code", [], None


def _schemas(notebook):
    cell_of(notebook, "add_1").metadata.nbgrader.schema_version = 2
    cell_of(notebook, "add_2").metadata.nbgrader.schema_version = 4
    del cell_of(notebook, "add_3").metadata.nbgrader["schema_version"]


def _skipped(notebook):
    cell_of(notebook, "test_add_1").metadata.tags = ["skip-execution"]
    cell_of(notebook, "add_1").source = "def add_1(values):\n    return []"


def _not_to_be_marked(notebook):
    # What a student's own nbgrader toolbar can do to a question: it would give all its points.
    cell_of(notebook, "why").metadata.nbgrader.solution = False
    cell_of(notebook, "why").metadata.nbgrader.locked = True
    cell_of(notebook, "why").source = cell_of(RELEASED, "why").source


def _conflict_in_cell(notebook):
    source = cell_of(notebook, "add_1").source
    cell_of(notebook, "add_1").source = f"<<<<<<< HEAD\n{source}\n=======\n{source}\n>>>>>>> theirs"


def _another_notebook(notebook):
    notebook.cells = [new_code_cell("print('chapter 1')", id="a"), new_code_cell("import os; os._exit(1)", id="b")]


def _answer_in_given_text(notebook):
    cell_of(notebook, "title").source += "\n\nMy name is Ada."


def _same_grade_ids(notebook):
    for number in range(3):
        cell_of(notebook, f"test_add_{number}").metadata.nbgrader.grade_id = "test_add_0"


CELLS = [
    Mishap("no_ids", edited(_without_ids), ""),
    Mishap("no_names", edited(_without_names), "They were recognised by their ids: add_0", "Work in JupyterLab"),
    Mishap("neither", edited(_without_either), "They were recognised by their first line: add_0", "Work in JupyterLab"),
    Mishap(
        "deleted_answer",
        edited(_deleted_answer),
        "count as not answered: add_1",
        "do not delete them",
        ("test_add_1",),
    ),
    Mishap("deleted_test", edited(_deleted_test), "were missing and were put back: test_add_1"),
    Mishap("renamed_cells", edited(_renamed_cells), "recognised by their ids: add_1, why"),
    Mishap(
        "changed_test",
        edited(_changed_test),
        "were put back as they were: test_add_1",
        "did not count",
        ("test_add_1",),
    ),
    Mishap("doubled", edited(_doubled), "were there more than once: add_1", "Keep one cell"),
    Mishap(
        "reordered", edited(_reordered), "stood in another order and were put back in their places: add_7, test_add_7"
    ),
    Mishap("own_cells", edited(_own_cells), ""),
    Mishap(
        "wrong_kinds",
        edited(_wrong_kinds),
        "in a cell of the wrong kind (text instead of code, or code instead of text) and were turned back: add_1, why",
    ),
    Mishap("schemas", edited(_schemas), "have another version (2, 4, None)"),
    Mishap(
        "skipped", edited(_skipped), "tagged to be left out of a run: test_add_1", "skip-execution", ("test_add_1",)
    ),
    Mishap("unmarked", edited(_not_to_be_marked), "", "", (), ("why",)),
    Mishap(
        "cell_merge",
        edited(_conflict_in_cell),
        "stand in these cells: add_1",
        "Choose one of the two",
        ("test_add_1",),
    ),
    Mishap("another", edited(_another_notebook), "The file is another notebook", "sent the right file", ALL, WRITTEN),
    Mishap("given_text", edited(_answer_in_given_text), "were put back as they were: title"),
    Mishap("same_names", edited(_same_grade_ids), "were missing and were put back: test_add_1, test_add_2"),
]


# --- the run ---------------------------------------------------------------------------------------

RUN = [
    Mishap("endless", _adding("add_1", "while True:\n    pass"), "took longer than 5 seconds and were stopped: add_1", "a loop that does not end"),
    Mishap("endless_print", _adding("add_1", "while True:\n    print('x' * 1000)"), "their output was cut: add_1", "Take out the print"),
    Mishap(
        "deaf",
        # What a loop around input that may be wrong often looks like.
        _adding("add_1", "def add_1(values):\n    while True:\n        try:\n            while True: pass\n        except: pass"),
        "took longer than 5 seconds and were stopped: test_add_1",
        "a loop that does not end",
        ("test_add_1",),
    ),
    Mishap("huge_print", _adding("add_1", "print('x' * 50_000_000)"), "their output was cut: add_1", "Take out the print"),
    Mishap(
        "many_pictures",
        _adding("add_1", "from IPython.display import Image, display\nfor _ in range(30):\n    display(Image(bytes(300_000), format='png'))"),
        "their output was cut: add_1",
        "Take out the print",
    ),
    Mishap("prints_in_test", _adding("add_1", "def add_1(values):\n    for _ in range(9000):\n        print('x' * 99)\n    return [value + 1 for value in values]"), ""),
    Mishap("os_exit", _adding("add_1", "import os; os._exit(3)"), "Python ended while these cells ran: add_1", "Take out exit()", ("test_add_1",)),
    Mishap("quit", _adding("add_1", "quit()"), "Python ended while these cells ran: add_1", "Take out exit()", ("test_add_1",)),
    Mishap("name_of_test", _adding("add_1", "assert answer == [1, 2]"), "use what a test defines, which is not there when the notebook is marked: add_1", "in cells of your own"),
    Mishap("sys_exit", _adding("add_1", "import sys; sys.exit()"), ""),
    Mishap(
        "exit_in_function",
        _adding("add_1", "def add_1(values):\n    import os; os._exit(3)"),
        "Python ended while these cells ran: test_add_1",
        "Take out exit()",
        ("test_add_1",),
    ),
    Mishap(
        "exit_always",
        edited(lambda notebook: [setattr(cell_of(notebook, f"add_{number}"), "source", "import os; os._exit(3)") for number in range(8)]),
        "These cells were not run any more",
        "run the notebook from the start",
        ALL,
    ),
    Mishap("wrong_indent", _adding("add_1", "   return 1"), "", "", ("test_add_1",)),
]  # fmt: skip

BATCHES = {"files": FILES, "reading": READING, "cells": CELLS, "run": RUN}
