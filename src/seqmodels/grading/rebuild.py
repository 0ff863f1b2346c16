"""A student's notebook put together again from the one that was handed out.

Of the student's is the text of the answer cells with its pictures, and the cells that the student has added. All the
rest is the assignment's own: the tests, the order, the ids and nbgrader's metadata. So nothing that an
editor, a slip or a merge did to a notebook decides about the marks.
"""

import copy
import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook, Notebook
from nbgrader.preprocessors import NbGraderPreprocessor

from seqmodels.grading import elsewhere, messages
from seqmodels.grading.channel.names import is_test, names, plan
from seqmodels.grading.matching import BY_NAME, Matches, grade_id, in_order, is_changed, match
from seqmodels.grading.messages import Note, listed, note
from seqmodels.grading.reading import CONFLICT, Cell


class Rebuild(NbGraderPreprocessor):
    """The first step of autograding: take what intake.py has read, and build the notebook anew."""

    def preprocess(self, notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        # A preprocessor belongs to an exporter, and that to the converter, which knows the course's folders.
        course = self.parent.parent.coursedir
        asked = resources["nbgrader"]
        folder = Path(course.format_path(course.release_directory, ".", asked["assignment"]))
        release = nbformat.read(folder / f"{asked['notebook']}.ipynb", as_version=4)
        shown = set().union(*(names(cell.source).binds for cell in release.cells if is_test(cell)))
        built, notes = rebuilt(release, handed_in(notebook))
        messages.add(built, [*messages.read(notebook), *notes])
        with Gradebook(asked["db_url"]) as gradebook:
            source = gradebook.find_notebook(asked["notebook"], asked["assignment"])
            _put_in_hidden_tests(built, source)
            _put_in_hidden_tests(release, source)
        own = messages.own(built)
        own |= {name: messages.own(notebook)[name] for name in [messages.FILES] if name in messages.own(notebook)}
        own |= {"plan": dataclasses.asdict(plan(release.cells)), "of_tests": sorted(shown)}
        return built, resources


def _put_in_hidden_tests(notebook: NotebookNode, source: Notebook) -> None:
    # OverwriteCells does it too, with a warning for each test of each student: nobody would read the others.
    whole = {cell.name: cell.source for cell in source.source_cells if cell.locked}
    for cell in notebook.cells:
        cell.source = whole.get(grade_id(cell), cell.source)


def handed_in(notebook: NotebookNode) -> list[Cell]:
    """The student's cells in a notebook that intake.py has written."""
    return [Cell(**cell.metadata[messages.KEY], attachments=cell.get("attachments", {})) for cell in notebook.cells]


def taken_in(cells: Iterable[Cell], notes: Iterable[Note]) -> NotebookNode:
    """A notebook that holds a student's cells, and nothing that anybody would run: for handed_in()."""
    notebook = nbformat.v4.new_notebook()
    for number, cell in enumerate(cells):
        fields = dataclasses.asdict(cell)
        attachments = fields.pop("attachments")
        kept = nbformat.v4.new_raw_cell(id=f"cell-{number}", metadata={messages.KEY: fields})
        if attachments:
            kept.attachments = nbformat.from_dict(attachments)
        notebook.cells.append(kept)
    messages.add(notebook, notes)
    return notebook


def rebuilt(release: NotebookNode, cells: Sequence[Cell]) -> tuple[NotebookNode, list[Note]]:
    """The released notebook with a student's answers and added cells in it, and what was not as it should be.

    Without any cell it is the blank notebook, and there is nothing to say about it.
    """
    matches = match(release.cells, cells)
    chosen = {given: _chosen(release.cells[given], numbers, cells) for given, numbers in matches.found.items()}
    if not any(utils.is_solution(release.cells[given]) for given in chosen):
        return _blank(release), [note("other_notebook")] if cells else []

    by_number = sorted((number, given) for given, number in chosen.items())
    kept = in_order([given for _, given in by_number])
    fixed = [pair for position, pair in enumerate(by_number) if position in kept]
    added = _added(release, cells, matches, chosen, fixed)

    changed = {given for given, own in chosen.items() if is_changed(cells[own], release.cells[given])}
    built = _blank(release)
    built.cells = []
    for given, cell in enumerate(_blank(release).cells):
        built.cells += added.get(given, [])
        # A question in which blanks are all that is new is as it was handed out, for nbgrader too: 0 points by itself.
        if given in chosen and utils.is_solution(cell) and (given in changed or cell.cell_type == "code"):
            _answer(cell, cells[chosen[given]])
        built.cells.append(cell)
    built.cells += added.get(len(release.cells), [])
    moved = [given for position, (_, given) in enumerate(by_number) if position not in kept]
    beside = elsewhere.beside(release.cells, built.cells, changed)
    if beside:
        messages.own(built)[elsewhere.KEY] = [grade_id(release.cells[given]) for given in beside]
    notes = _notes(release, cells, matches, chosen, changed, moved, beside, bool(added))
    out_of_place = elsewhere.out_of_place(release.cells, built.cells, changed)
    return built, notes + _about(release, {"out_of_place": out_of_place})


def answered(release: NotebookNode, cells: Sequence[Cell]) -> int:
    """How many answers of an assignment a student's notebook holds; -1 if it is another notebook."""
    found = match(release.cells, cells).found
    answers = {given: numbers for given, numbers in found.items() if utils.is_solution(release.cells[given])}
    if not answers:
        return -1
    return sum(
        any(is_changed(cells[number], release.cells[given]) for number in numbers) for given, numbers in answers.items()
    )


def _blank(release: NotebookNode) -> NotebookNode:
    built = copy.deepcopy(release)
    for cell in built.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return built


def _answer(cell: NotebookNode, own: Cell) -> None:
    """Put a student's answer into the assignment's cell."""
    cell.source = own.source
    if own.attachments and cell.cell_type == "markdown":
        # The question may have pictures of its own.
        cell.attachments = nbformat.from_dict({**cell.get("attachments", {}), **own.attachments})


def _chosen(given: NotebookNode, numbers: list[int], cells: Sequence[Cell]) -> int:
    """Of several copies the one that counts: the last answer, or the test that nobody has changed."""
    changed = [number for number in numbers if is_changed(cells[number], given)]
    if utils.is_solution(given):
        return changed[-1] if changed else numbers[0]
    return next((number for number in numbers if number not in changed), numbers[0])


def _added(release, cells, matches: Matches, chosen, fixed) -> dict[int, list[NotebookNode]]:
    """The cells that the student has added, by number of the assignment's cell that they stand before.

    A cell that has been moved by itself takes no other cells with it: `fixed` are those that stand in order.
    """
    added = defaultdict(list)
    copies = {number: given for given, numbers in matches.found.items() for number in numbers}
    for number, cell in enumerate(cells):
        given = copies.get(number)
        if not cell.source.strip() or (given is not None and not _is_kept(cell, number, release, given, chosen)):
            continue
        before = next((other for place, other in fixed if place > number), len(release.cells))
        added[before].append(_own(cell, len(added[before]), before))
    return dict(added)


def _is_kept(cell: Cell, number: int, release: NotebookNode, given: int, chosen: dict[int, int]) -> bool:
    """Whether something that the student wrote in one of the assignment's cells is kept beside it."""
    original = release.cells[given]
    if not is_changed(cell, original):
        return False
    if number == chosen[given]:
        # A text of the assignment into which an answer may have been written; an answer cell has its own place.
        return original.cell_type == "markdown" and not utils.is_solution(original)
    return True


def _own(cell: Cell, count: int, before: int) -> NotebookNode:
    new = {"code": nbformat.v4.new_code_cell, "raw": nbformat.v4.new_raw_cell}.get(
        cell.kind, nbformat.v4.new_markdown_cell
    )
    made = new(cell.source, id=f"{elsewhere.ADDED}{before}-{count}")
    if cell.attachments and cell.kind != "code":
        made.attachments = nbformat.from_dict(dict(cell.attachments))
    return made


def _notes(release, cells, matches, chosen, changed, moved, beside, has_added) -> list[Note]:
    given_cells = release.cells
    graded = [number for number, cell in enumerate(given_cells) if grade_id(cell)]
    answers = [number for number in graded if utils.is_solution(given_cells[number])]

    def copies_of(given):
        return sum(is_changed(cells[number], given_cells[given]) for number in matches.found.get(given, []))

    by_how = defaultdict(list)
    for given, how in matches.how.items():
        if given in answers and how != BY_NAME:
            by_how[how].append(given)
    found = {
        "unsaved": answers if not has_added and not changed & set(answers) else [],
        "beside": beside,
        "missing_answers": [given for given in answers if given not in chosen and given not in beside],
        "missing_given": [given for given in graded if given not in answers and given not in chosen],
        "changed": [given for given in graded if given not in answers and given in changed],
        "copies": [given for given in answers if copies_of(given) > 1],
        "moved": moved,
        "wrong_kind": [
            given for given in answers if given in changed and cells[chosen[given]].kind != given_cells[given].cell_type
        ],
        "cell_conflict": [
            given for given in answers if given in chosen and CONFLICT.search(cells[chosen[given]].source)
        ],
    }
    notes = _about(release, found)
    return notes + [note("matched", how=how, names=_names(release, numbers)) for how, numbers in by_how.items()]


def _about(release: NotebookNode, found: Mapping[str, Iterable[int]]) -> list[Note]:
    """A note of each kind for which cells of the assignment were found, by their numbers."""
    return [note(key, names=_names(release, numbers)) for key, numbers in found.items() if numbers]


def _names(release: NotebookNode, numbers: Iterable[int]) -> str:
    cells = [release.cells[number] for number in sorted(numbers)]
    return listed(grade_id(cell) or cell.id for cell in cells)
