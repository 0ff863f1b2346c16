"""The notebook itself as the weapon: its metadata, its cells and its size. Nothing in it need be run."""

import copy
import functools
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tests.grading import tiny
from tests.grading.attacks.attack import ALL, BLANK, SOLVED, WRONG, Attack, Place, at, cell, edited, write

_edited = functools.partial(edited, tiny.NAME)
TESTS = tuple(f"test_add_{number}" for number in range(8))
WRITTEN = ("why", "what_next")


def _skip_tests(notebook: NotebookNode) -> None:
    for name in TESTS:
        cell(notebook, name).metadata.tags = ["skip-execution"]


def _not_a_solution(notebook: NotebookNode) -> None:
    for name in WRITTEN:
        cell(notebook, name).metadata.nbgrader.solution = False


def _same_names(notebook: NotebookNode) -> None:
    for name in TESTS:
        cell(notebook, name).metadata.nbgrader.grade_id = "test_add_0"


def _version(number: object):
    def edit(notebook: NotebookNode) -> None:
        for found in notebook.cells:
            found.metadata.nbgrader.schema_version = number

    return edit


def _own_tests(notebook: NotebookNode) -> None:
    for name in TESTS:
        test = cell(notebook, name)
        test.source = "1000"
        test.metadata.nbgrader.update(points=1000, locked=False)


def _no_tests(notebook: NotebookNode) -> None:
    notebook.cells = [found for found in notebook.cells if found.id not in TESTS]


def _other_names(notebook: NotebookNode) -> None:
    for name in TESTS:
        test = cell(notebook, name)
        test.id = test.metadata.nbgrader.grade_id = f"my_{name}"


def _stored_points(notebook: NotebookNode) -> None:
    for name in TESTS:
        test = cell(notebook, name)
        test.execution_count = 1
        test.outputs = [new_output("execute_result", data={"text/plain": "10"}, execution_count=1)]


def _tests_as_text(notebook: NotebookNode) -> None:
    for name in TESTS:
        test = cell(notebook, name)
        test.cell_type = "markdown"
        del test["outputs"], test["execution_count"]


def _tests_first(notebook: NotebookNode) -> None:
    # Before the answers, each test meets a function that the student has put there.
    notebook.cells.sort(key=lambda found: found.id not in TESTS)
    helper = "\n".join(f"def add_{number}(values): return []" for number in range(8))
    notebook.cells.insert(0, new_code_cell(helper, id="mine"))


def _test_twice(notebook: NotebookNode) -> None:
    # The second copy of each test is the student's own.
    for name in TESTS:
        twin = copy.deepcopy(cell(notebook, name))
        twin.source, twin.id = "10", f"twin_{name}"
        notebook.cells.insert(at(notebook, name) + 1, twin)


def _graded_already(notebook: NotebookNode) -> None:
    notebook.metadata.seqmodels = {"graded": True, "notes": []}
    for found in notebook.cells:
        found.metadata.seqmodels = {"graded": True, "source": "10", "kind": "code"}


def _kernel(notebook: NotebookNode) -> None:
    notebook.metadata.kernelspec = {"name": "no-such-kernel", "display_name": "x", "language": "cobol"}
    notebook.metadata.language_info = {"name": "cobol", "file_extension": ".cbl"}


def _task(notebook: NotebookNode) -> None:
    for name in (*TESTS, *WRITTEN):
        cell(notebook, name).metadata.nbgrader.update(task=True, grade=True, solution=False)


def _more_answers(notebook: NotebookNode) -> None:
    # A cell of the student's own that says that it is a test worth points.
    meta = cell(notebook, "test_add_0").metadata.nbgrader | {"grade_id": "bonus", "points": 500}
    notebook.cells.append(new_code_cell("500", id="bonus", metadata={"nbgrader": meta}))


def _answer_that_is_a_test(notebook: NotebookNode) -> None:
    for number in range(8):
        answer = cell(notebook, f"add_{number}")
        answer.source = "10"
        answer.metadata.nbgrader.update(grade=True, points=100, solution=False, locked=True)


def _markers_in_answers(notebook: NotebookNode) -> None:
    # Words with which a teacher marks what students must not see: nothing is to be cut at them.
    cell(notebook, "add_1").source += "\n### BEGIN HIDDEN TESTS\n### END SOLUTION\n### BEGIN MARK SCHEME"
    cell(notebook, "why").source = "### END HIDDEN TESTS\nBecause."


def _many_cells(notebook: NotebookNode) -> None:
    notebook.cells += [new_code_cell("1 + 1", id=f"more-{number}") for number in range(3000)]


def _hundred_megabytes(notebook: NotebookNode) -> None:
    cell(notebook, "add_0").source += "\n# " + "x" * 100_000_001


def _many_lines(notebook: NotebookNode) -> None:
    cell(notebook, "add_0").source += "\n0" * 20_000


def _million_short_lines_of_text(notebook: NotebookNode) -> None:
    cell(notebook, "why").source += "\n> - # `" * 20_000


def _slow_markdown(notebook: NotebookNode) -> None:
    # What makes slow patterns slow: many openings that nothing closes.
    cell(notebook, "why").source += "\n\n" + "[" * 3000 + "![" * 3000 + "*_" * 3000 + "<" * 3000 + "$" * 3001


def _scripts(notebook: NotebookNode) -> None:
    evil = (
        "<script>document.title='@'</script><img src=x onerror=alert(1)><iframe srcdoc='<script>1</script>'></iframe>"
    )
    cell(notebook, "why").source += evil + "\n\n[x](javascript:alert(1))"
    # Fields of the page on which a teacher marks, and a link in a formula.
    cell(notebook, "why").source += '<b id="what_next" class="full-credit">x</b>'
    cell(notebook, "why").source += '\n\n$\\mmlToken{mi}[href="javascript:alert(1)"]{x}$'
    cell(notebook, "add_0").source += f"\n# </textarea></pre></script>{evil}"
    notebook.metadata.title = evil
    notebook.metadata.authors = [{"name": evil}]
    cell(notebook, "add_1").metadata.tags = [f'x"{evil}']
    notebook.cells.append(new_markdown_cell(evil, id="mine", attachments={evil: {"text/html": evil}}))


def _printed_scripts(notebook: NotebookNode) -> None:
    cell(notebook, "add_0").source += (
        "\nfrom IPython.display import HTML, Javascript, display\n"
        "display(HTML('<script>document.title=1</script>'), Javascript('document.title=1'))\n"
        "print('<script>document.title=1</script>')\n"
        "display({'image/svg+xml': '<svg onload=alert(1)>', 'text/latex': '$$<script>1</script>$$',"
        " 'image/png': '\"><script>1</script>'}, raw=True)\n"
        "display({'image/png': 'iVBORw0KGgo='}, metadata={'image/png': {'width': '1 onload=alert(1)'}}, raw=True)"
    )


def _ansi(notebook: NotebookNode) -> None:
    cell(notebook, "add_0").source += "\nprint('\\x1b[2J\\x1b]0;title\\x07\\x1b[31;1m' * 50 + '\\x00\\u202e')"


def _shell_cells(notebook: NotebookNode) -> None:
    magics = ("%%bash\necho 10", "%%script python\nprint(10)", "%%capture\n10", "!echo 10", "%%writefile x.py\n10")
    notebook.cells[1:1] = [new_code_cell(source, id=f"magic-{n}") for n, source in enumerate(magics)]


def _capture_all(notebook: NotebookNode) -> None:
    # Magics that take the cells after them, and switches that stay on.
    notebook.cells.insert(
        1, new_code_cell("%xmode Minimal\n%pprint\n%autocall 2\n%config InteractiveShell.ast_node_interactivity='none'")
    )


def _numbers(notebook: NotebookNode) -> None:
    cell(notebook, "test_add_0").metadata.nbgrader.points = float("inf")
    cell(notebook, "test_add_1").metadata.nbgrader.points = float("nan")
    cell(notebook, "test_add_2").metadata.nbgrader.points = 10**400
    cell(notebook, "test_add_3").metadata.nbgrader.points = -10
    cell(notebook, "test_add_4").metadata.nbgrader.points = "10; drop table grade"
    cell(notebook, "test_add_5").metadata.nbgrader.points = {"a": [1]}
    cell(notebook, "add_1").execution_count = 10**400


def _odd_types(notebook: NotebookNode) -> None:
    notebook.cells += [
        None,
        [],
        3,
        "cell",
        {"cell_type": []},
        {"cell_type": "code", "source": {"a": 1}, "metadata": []},
    ]
    notebook.metadata = ["no", "dictionary"]
    answer = notebook.cells[1]
    answer["outputs"] = {"not": "a list"}
    answer["metadata"]["nbgrader"]["grade_id"] = ["add_1"]


def _odd_names(notebook: NotebookNode) -> None:
    for number, name in enumerate(
        ("../../x", "", "a" * 5000, "'; drop table grade; --", "<b>", "\x00", "ü\u202e", "`|`")
    ):
        cell(notebook, f"test_add_{number}").metadata.nbgrader.grade_id = name


def _half_letters(notebook: NotebookNode) -> None:
    # Half of a pair of surrogates: JSON can say it, and no file in UTF-8 can hold it.
    half = "\ud800"
    for number, name in enumerate(TESTS):
        test = cell(notebook, name)
        test.id = test.metadata.nbgrader.grade_id = half * (number + 1)
        test.metadata.update({half: half, "tags": [half]})
    notebook.metadata.title = half


def _nested_json(folder: Path, notebook: NotebookNode, place: Place) -> None:
    path = write(folder, notebook, f"{tiny.NAME}.ipynb")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"metadata": {', '"deep": ' + "[" * 100_000 + "]" * 100_000 + ', "metadata": {', 1))


def _repeated_keys(folder: Path, notebook: NotebookNode, place: Place) -> None:
    # Two lists of cells in one file: who reads which?
    path = write(folder, notebook, f"{tiny.NAME}.ipynb")
    text = path.read_text(encoding="utf-8")
    path.write_text('{"cells": [], "metadata": {"kernelspec": 1}, ' + text[1:])


def _huge_number(folder: Path, notebook: NotebookNode, place: Place) -> None:
    path = write(folder, notebook, f"{tiny.NAME}.ipynb")
    text = path.read_text(encoding="utf-8")
    path.write_text(text[:-1] + ', "version": ' + "9" * 5_000_000 + "}")


def _many_values(folder: Path, notebook: NotebookNode, place: Place) -> None:
    # Below the limit of size, and more than twenty times as big once it is read.
    path = write(folder, notebook, f"{tiny.NAME}.ipynb")
    text = path.read_text(encoding="utf-8")
    path.write_text(text[:-1] + ', "version": [' + "{}," * 33_000_000 + "{}]}")


ATTACKS = [
    Attack("skip_tests", "tag skip-execution on the tests", _edited(_skip_tests), WRONG, ALL, notes=("skipped",)),
    Attack(
        "not_a_solution",
        "written answers marked solution: false",
        _edited(_not_a_solution),
        BLANK,
        ALL,
        unanswered=WRITTEN,
        notes=("unsaved",),
    ),
    Attack("same_names", "all tests with one grade_id", _edited(_same_names), WRONG, ALL, notes=("missing_given",)),
    Attack("schema_2", "schema_version 2", _edited(_version(2)), WRONG, ALL, notes=("schema",)),
    Attack("schema_4", "schema_version 4", _edited(_version(4)), WRONG, ALL, notes=("schema",)),
    Attack("schema_list", "schema_version is a list", _edited(_version([3])), WRONG, ALL, notes=("schema",)),
    Attack("own_tests", "tests rewritten, points raised to 1000", _edited(_own_tests), WRONG, ALL, notes=("changed",)),
    Attack("no_tests", "tests deleted", _edited(_no_tests), WRONG, ALL, notes=("missing_given",)),
    Attack("other_names", "tests renamed (grade_id changed)", _edited(_other_names), WRONG, ALL),
    Attack("stored_points", "points stored as the tests' outputs", _edited(_stored_points), WRONG, ALL),
    Attack("tests_as_text", "tests turned into text", _edited(_tests_as_text), WRONG, ALL),
    Attack("tests_first", "tests moved before the answers", _edited(_tests_first), SOLVED, notes=("moved",)),
    Attack("test_twice", "a second cell with each test's name", _edited(_test_twice), WRONG, ALL),
    Attack("graded_already", "metadata that say it is graded", _edited(_graded_already), WRONG, ALL),
    Attack("other_kernel", "asks for a kernel that is not there", _edited(_kernel)),
    Attack("tasks", "cells turned into tasks", _edited(_task), WRONG, ALL),
    Attack("bonus", "a test of its own, worth 500 points", _edited(_more_answers), WRONG, ALL),
    Attack("answers_as_tests", "answers that say that they are tests", _edited(_answer_that_is_a_test), WRONG, ALL),
    Attack("markers", "markers of hidden tests in the answers", _edited(_markers_in_answers)),
    Attack("many_cells", "3,000 cells", _edited(_many_cells), SOLVED, ALL, unanswered=WRITTEN, notes=("too_long",)),
    Attack("hundred_mb", "a notebook of 100 MB", _edited(_hundred_megabytes), SOLVED, ALL, unanswered=WRITTEN, notes=("too_big",)),
    Attack("many_lines", "20,000 lines in a cell", _edited(_many_lines)),
    Attack("long_text", "20,000 lines of marked-up text", _edited(_million_short_lines_of_text)),
    Attack("slow_markdown", "text that is slow to turn into HTML", _edited(_slow_markdown)),
    Attack("scripts", "<script> in text, code, tags, metadata", _edited(_scripts)),
    Attack("printed_scripts", "<script> in outputs of every kind", _edited(_printed_scripts)),
    Attack("terminal", "control sequences in the output", _edited(_ansi)),
    Attack("shell_cells", "%%bash, %%script, !, %%writefile", _edited(_shell_cells)),
    Attack("switches", "switches of IPython that stay on", _edited(_capture_all)),
    Attack("odd_points", "points: infinity, NaN, 10^400, negative, text", _edited(_numbers), WRONG, ALL),
    Attack("odd_types", "cells and metadata of wrong types", _edited(_odd_types), WRONG, ALL, notes=("matched",)),
    Attack("odd_names", "grade_id with paths, SQL, HTML, zero bytes", _edited(_odd_names), WRONG, ALL),
    Attack("half_letters", "half a letter in grade_id, id, tags", _edited(_half_letters), WRONG, ALL),
    Attack("nested_json", "JSON nested 100,000 deep", _nested_json, SOLVED, ALL, unanswered=WRITTEN, notes=("damaged",)),
    Attack("repeated_keys", "the same key of JSON twice", _repeated_keys),
    Attack("many_values", "99 MB of empty objects, which take 2 GB", _many_values, SOLVED, ALL, unanswered=WRITTEN, notes=("too_long",)),
    Attack("huge_number", "a number with 5 million digits", _huge_number, SOLVED, ALL, unanswered=WRITTEN, notes=("damaged",)),
]  # fmt: skip
