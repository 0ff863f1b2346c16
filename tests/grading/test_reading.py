"""Reading what students' programs and mishaps leave of a notebook, and finding the assignment's cells in it."""

import copy
import dataclasses
import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode

from seqmodels.grading.matching import BY_DEFINITION, BY_FIRST_LINE, BY_ID, BY_NAME, BY_PLACE, BY_TEXT, in_order, match
from seqmodels.grading.messages import MESSAGES, listed, note, quoted
from seqmodels.grading.reading import Cell, Unreadable, parse
from seqmodels.grading.rebuild import answered, handed_in, rebuilt, taken_in
from tests.grading import small, tiny


def _release() -> NotebookNode:
    """The tiny assignment as it is handed out, near enough: the answers are stubs."""
    notebook = tiny.notebook()
    for cell in notebook.cells:
        if cell.metadata.nbgrader.solution and cell.cell_type == "code":
            cell.source = cell.source.split("\n")[0] + "\n    raise NotImplementedError()"
        elif cell.metadata.nbgrader.solution:
            cell.source = cell.source.split("\n")[0] + "\n\nYOUR ANSWER HERE"
    return notebook


RELEASE = _release()
PLACES = {cell.id: number for number, cell in enumerate(RELEASE.cells)}


def _cells(**answers: str) -> list[Cell]:
    """A student's cells: those of the release, with these answers."""
    return [
        Cell(cell.cell_type, answers.get(cell.id, cell.source), cell.id, cell.metadata.nbgrader.grade_id)
        for cell in RELEASE.cells
    ]


def _nameless(cells: list[Cell]) -> list[Cell]:
    return [Cell(cell.kind, cell.source) for cell in cells]


def _keys(notes) -> list[str]:
    return [found.key for found in notes]


def _parse(tree) -> tuple[list[Cell], list]:
    return parse(json.dumps(tree).encode(), "a.ipynb")


# --- the file --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(encoding):
    text = json.dumps({"cells": [{"cell_type": "code", "source": "größe = 1"}], "nbformat": 4}, ensure_ascii=False)
    cells, notes = parse(text.encode(encoding), "a.ipynb")
    assert cells == [Cell("code", "größe = 1")]
    assert _keys(notes) == ([] if encoding == "utf-8" else ["encoding"])


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b'{"cells": [{"source": "a', "truncated"),
        (b'{"cells": [}]}', "damaged"),
        (b'{"cells": [\n<<<<<<< HEAD\n]}', "conflict"),
        (b"PK\x03\x04\xff\xfe", "something_else"),
        (b"# a script\nprint(1)", "something_else"),
        (b'"a text"', "something_else"),
        (b"{}", "something_else"),
        (b'{"cells": {}}', "something_else"),
        (b"[" * 100_000, "something_else"),
        (b'{"cells":' + b"[" * 100_000 + b"}", "damaged"),
        (b'{"cells": [' + b"9" * 10_000 + b"]}", "damaged"),
        (b'{"cells": [' + b"{}," * 2000 + b"{}]}", "too_long"),
        (b'{"cells": [], "more": [' + b"[]," * 6_000_000 + b"[]]}", "too_long"),
        (b'{"cells": [{"source": "' + b"a" * 5_000_001 + b'"}]}', "too_long"),
    ],
)
def test_what_cannot_be_read_is_said(content, key):
    with pytest.raises(Unreadable) as refusal:
        parse(content, "a.ipynb")
    assert refusal.value.note.key == key
    assert key == "something_else" or "not a notebook" not in refusal.value.note.happened


PICTURE = "A" * 6_000_000  # in base64, and longer than the texts of a notebook may be


def test_a_picture_in_a_text_is_no_text():
    text = f"Look: ![photo](data:image/jpeg;base64,{PICTURE}) <img src='data:image/png;base64,{PICTURE}'>"
    cells, notes = _parse({"nbformat": 4, "cells": [{"cell_type": "markdown", "source": text}]})
    source = "Look: ![photo](attachment:picture-1.jpg) <img src='attachment:picture-2.png'>"
    pictures = {"picture-1.jpg": {"image/jpeg": PICTURE}, "picture-2.png": {"image/png": PICTURE}}
    assert (cells, notes) == ([Cell("markdown", source, attachments=pictures)], [])


@pytest.mark.parametrize("kind", ["code", "markdown", "raw"])
@pytest.mark.parametrize("handed_out_as", ["code", "markdown"])
def test_code_may_hold_pictures_of_its_own(kind, handed_out_as):
    source = f"picture = 'data:image/png;base64,{'A' * 100}'"
    meta = {"nbgrader": {"cell_type": handed_out_as, "schema_version": 3}}
    cells, _ = _parse({"nbformat": 4, "cells": [{"cell_type": kind, "source": source, "metadata": meta}]})
    # A written answer that was turned into code is none.
    assert (cells[0].source == source) == (kind == "code" and handed_out_as == "code")


texts = st.text(st.characters(), max_size=9)  # half letters too
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
odd_cells = st.dictionaries(
    st.sampled_from(["cell_type", "source", "input", "id", "metadata", "outputs", "attachments"]),
    json_values,
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(tree=st.fixed_dictionaries({"cells": st.lists(odd_cells | json_values, max_size=5), "nbformat": json_values}))
def test_cells_of_any_shape_are_read(tree):
    cells, notes = _parse(tree)
    for cell in cells:
        assert cell.kind in ("code", "markdown", "raw")
    taken = taken_in(cells, notes)
    nbformat.writes(taken).encode("utf-8")
    built, _ = rebuilt(RELEASE, handed_in(taken))
    nbformat.validate(built)


def test_outputs_and_metadata_are_not_taken():
    cells, notes = _parse(
        {
            "nbformat": 4,
            "metadata": {"seqmodels": {"notes": []}},
            "cells": [
                {"cell_type": "code", "source": ["a\r\n", "b"], "outputs": [{"text": "c"}], "metadata": {"tags": ["x"]}}
            ],
        }
    )
    assert (cells, notes) == ([Cell("code", "a\nb")], [])


def test_half_a_letter_becomes_a_question_mark_wherever_it_stands():
    half = "a \ud83d"
    meta = {"tags": ["skip-execution", half], "nbgrader": {"grade_id": half, "schema_version": half}, half: half}
    cell = {"cell_type": half, "source": half, "id": half, "metadata": meta}
    cells, notes = _parse({"nbformat": half, "cells": [cell, {**cell, "source": [half, "\ude00"]}]})
    assert cells == [Cell("markdown", "a ?", "a ?", "a ?"), Cell("markdown", "a ??", "a ?", "a ?")]
    assert _keys(notes) == ["format", "schema", "skipped"]
    nbformat.writes(taken_in(cells, notes)).encode("utf-8")


# --- which cell is which ---------------------------------------------------------------------------


def test_a_name_has_an_end():
    """Else twenty notebooks of names would fill the memory."""
    long = "n" * 1_000_000
    cell = {"cell_type": "code", "source": "1", "id": long, "metadata": {"nbgrader": {"grade_id": long}}}
    cells, _ = _parse({"nbformat": 4, "cells": [cell]})
    assert cells == [Cell("code", "1")]


def test_each_way_of_recognising_a_cell():
    answers = {f"add_{number}": f"def add_{number}(values):\n    return {number}" for number in range(6)}
    cells = _cells(**answers, why="**why** In your own words.\n\nBecause.", what_next="I cannot say.")
    at = PLACES
    lost = dict(enumerate(_nameless(cells)))
    cells[at["add_1"]] = Cell("code", cells[at["add_1"]].source, id="add_1")
    cells[at["test_add_1"]] = lost[at["test_add_1"]]
    cells[at["add_2"]] = lost[at["add_2"]]
    cells[at["add_3"]] = Cell("code", "# mine\ndef add_3(values, more=0):\n    return 3")
    cells[at["why"]] = lost[at["why"]]
    cells[at["what_next"]] = lost[at["what_next"]]
    how = match(RELEASE.cells, cells).how
    assert {name: how[number] for name, number in at.items() if how[number] != BY_NAME} == {
        "add_1": BY_ID,
        "test_add_1": BY_TEXT,
        "add_2": BY_FIRST_LINE,
        "add_3": BY_DEFINITION,
        "why": BY_FIRST_LINE,
        "what_next": BY_PLACE,
    }


def test_a_place_between_two_answers_that_are_gone_is_nobodys():
    cells = _cells()
    del cells[PLACES["add_1"] : PLACES["add_2"] + 1]
    cells.insert(PLACES["add_1"], Cell("code", "scratch = 1"))
    found = match(RELEASE.cells, cells).found
    assert PLACES["add_1"] not in found
    assert PLACES["add_2"] not in found


def test_longest_run_in_order():
    assert in_order([]) == set()
    assert in_order([3, 1, 2, 9, 4]) == {1, 2, 4}
    assert in_order([5, 0, 1, 2, 3]) == {1, 2, 3, 4}


def test_blank_release_has_no_answer_and_another_notebook_is_told():
    assert answered(RELEASE, _cells()) == 0
    assert answered(RELEASE, _cells(add_1="def add_1(values):\n    return 1", why="Because.")) == 2
    assert answered(RELEASE, [Cell("code", "print(1)")]) == -1


# --- the notebook built anew -----------------------------------------------------------------------

own_cells = st.builds(Cell, kind=st.sampled_from(["code", "markdown", "raw"]), source=st.text(max_size=30))
any_cells = st.lists(
    st.one_of(
        st.sampled_from(_cells(**{f"add_{number}": f"mine = {number}" for number in range(8)}, why="Because.")),
        st.sampled_from(_nameless(_cells())),
        own_cells,
        st.builds(Cell, kind=st.just("code"), source=st.text(max_size=9), grade_id=st.sampled_from(sorted(PLACES))),
    ),
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(cells=any_cells)
def test_whatever_comes_the_assignment_is_whole(cells):
    built, _ = rebuilt(RELEASE, cells)
    nbformat.validate(built)
    assert len({cell.id for cell in built.cells}) == len(built.cells)
    given_cells = [cell for cell in built.cells if "nbgrader" in cell.metadata]
    assert [cell.id for cell in given_cells] == [cell.id for cell in RELEASE.cells]
    for cell, original in zip(given_cells, RELEASE.cells, strict=True):
        assert (cell.cell_type, cell.metadata) == (original.cell_type, original.metadata)
        if not original.metadata.nbgrader.solution:
            assert cell.source == original.source
    # What is not the assignment's own has no metadata that anything could obey.
    assert all(cell.metadata == {} for cell in built.cells if "nbgrader" not in cell.metadata)


@settings(max_examples=100, deadline=None)
@given(cells=st.permutations(_cells(**{f"add_{number}": f"mine = {number}" for number in range(8)})))
def test_order_does_not_matter_to_answers(cells):
    built, notes = rebuilt(RELEASE, cells)
    assert [cell.source for cell in built.cells if cell.id.startswith("add_")] == [f"mine = {n}" for n in range(8)]
    assert len(built.cells) == len(RELEASE.cells)
    assert _keys(notes) == ([] if [cell.id for cell in cells] == list(PLACES) else ["moved"])


@pytest.mark.parametrize(("moved", "place"), [("title", 99), ("add_7", 0), ("test_add_0", 12)])
def test_a_cell_that_is_moved_takes_no_added_cell_with_it(moved, place):
    cells = _cells(add_3="def add_3(values):\n    return helped(values)")
    cells.insert(PLACES["add_3"], Cell("code", "def helped(values): ..."))
    cells.insert(place, cells.pop(next(number for number, cell in enumerate(cells) if cell.id == moved)))
    built, notes = rebuilt(RELEASE, cells)
    ids = [cell.id for cell in built.cells]
    helper = next(number for number, cell in enumerate(built.cells) if cell.source.startswith("def helped"))
    assert ids[helper - 1 : helper + 2 : 2] == ["test_add_2", "add_3"]
    assert [found.happened for found in notes] == [note("moved", names=quoted(moved)).happened]


def test_rebuilding_changes_nothing_that_is_as_it_should_be():
    answers = {"add_1": "def add_1(values):\n    return [value + 1 for value in values]", "why": "Because."}
    built, notes = rebuilt(RELEASE, _cells(**answers))
    expected = copy.deepcopy(RELEASE)
    for name, source in answers.items():
        expected.cells[PLACES[name]].source = source
    assert (built, notes) == (expected, [])


def test_blanks_are_no_answer():
    stub = RELEASE.cells[PLACES["why"]].source
    built, _ = rebuilt(RELEASE, _cells(add_0="mine = 0", add_1=" ", why=f"{stub}\n\n ", what_next="\n"))
    given = {name: built.cells[PLACES[name]].source for name in ("add_1", "why", "what_next")}
    # Code that somebody has taken out may stand elsewhere.
    assert given == {"add_1": " ", "why": stub, "what_next": RELEASE.cells[PLACES["what_next"]].source}


def test_nothing_handed_in_gives_the_blank_notebook_without_a_word():
    assert rebuilt(RELEASE, []) == (RELEASE, [])


# --- answers beside their cells --------------------------------------------------------------------


def _with_added(place: int, *added: Cell, **answers: str) -> tuple[NotebookNode, list[str]]:
    """The notebook built anew from one with added cells at a place, and the kinds of the notes about it."""
    cells = _cells(**({f"add_{number}": f"mine = {number}" for number in range(8)} | answers))
    cells[place:place] = added
    built, notes = rebuilt(RELEASE, cells)
    return built, _keys(notes)


TEXT, CODE = Cell("markdown", "It is larger."), Cell("code", "1 + 1")


@pytest.mark.parametrize(
    ("place", "added", "asked"),
    [
        (PLACES["why"] + 1, [TEXT], ["why", "what_next"]),
        (PLACES["why"] + 1, [CODE, TEXT], ["why", "what_next"]),
        (PLACES["why"] + 1, [CODE], ["why"]),
        (PLACES["why"], [TEXT], ["why"]),
        (PLACES["why"], [CODE], []),
        (PLACES["test_add_7"], [TEXT], []),
        (PLACES["what_next"] + 1, [Cell("raw", "It is larger.")], ["what_next"]),
        (PLACES["why"] + 1, [Cell("markdown", " \n")], []),
        (0, [TEXT], []),
    ],
)
def test_questions_beside_which_something_is_written(place, added, asked):
    built, notes = _with_added(place, *added)
    assert built.metadata.get("seqmodels", {}).get("beside", []) == asked
    assert notes == (["beside"] if asked else [])


def test_a_question_that_is_answered_may_have_remarks_below():
    built, notes = _with_added(PLACES["what_next"] + 1, TEXT, why="Because.", what_next="More.")
    assert (notes, "seqmodels" in built.metadata) == ([], False)


def test_a_text_of_the_assignment_may_hold_the_answer_to_the_question_after_it():
    release = copy.deepcopy(RELEASE)
    release.cells.insert(PLACES["why"], small.text("about_why", "## Two questions"))
    cells = [Cell(cell.cell_type, cell.source, cell.id, cell.id) for cell in release.cells]
    cells[PLACES["why"]] = dataclasses.replace(cells[PLACES["why"]], source="## Two questions\n\nIt is larger.")
    built, notes = rebuilt(release, cells)
    assert built.metadata.seqmodels.beside == ["why"]
    assert _keys(notes) == ["beside", "changed"]


def test_a_deleted_question_with_an_answer_in_its_place():
    cells = _cells(add_0="mine = 0")
    cells[PLACES["why"] : PLACES["why"] + 1] = [TEXT, TEXT]
    built, notes = rebuilt(RELEASE, cells)
    assert built.metadata.seqmodels.beside == ["why", "what_next"]
    assert _keys(notes) == ["beside"]


@pytest.mark.parametrize(
    ("place", "told"),
    [("add_1", True), ("test_add_1", False), ("add_2", True), ("title", True), ("why", True)],
)
def test_functions_that_are_defined_where_they_do_not_count(place, told):
    added = Cell("code", "def add_1(values):\n    return values")
    _, notes = _with_added(PLACES[place], added, add_1=RELEASE.cells[PLACES["add_1"]].source)
    assert notes == (["out_of_place"] if told else [])


def test_a_function_that_counts_may_be_defined_elsewhere_too():
    cells = _cells(add_0="mine = 0")
    helper = Cell("code", "def add_1(values):\n    return values")
    for place in ("add_5", "test_add_1", "title"):
        cells.insert(PLACES[place], helper)
    assert rebuilt(RELEASE, cells)[1] == []


# --- pictures --------------------------------------------------------------------------------------


def test_pictures_come_through():
    picture = {"a.png": {"image/png": "AAAA"}}
    cells = _cells(why="![](attachment:a.png)")
    cells[PLACES["why"]] = dataclasses.replace(cells[PLACES["why"]], attachments=picture)
    cells.append(Cell("markdown", "![](attachment:a.png)", attachments=picture))
    cells.append(Cell("code", "1", attachments=picture))
    built, _ = rebuilt(RELEASE, handed_in(taken_in(cells, [])))
    assert [cell.get("attachments") for cell in built.cells[-4:]] == [picture, None, picture, None]
    nbformat.validate(built)


def test_pictures_of_the_question_stay_beside_those_of_the_answer():
    release = copy.deepcopy(RELEASE)
    release.cells[PLACES["why"]].attachments = {"given.png": {"image/png": "BBBB"}}
    cells = _cells(why="![](attachment:a.png)")
    cells[PLACES["why"]] = dataclasses.replace(cells[PLACES["why"]], attachments={"a.png": {"image/png": "AAAA"}})
    built, _ = rebuilt(release, cells)
    assert built.cells[PLACES["why"]].attachments.keys() == {"given.png", "a.png"}


# --- the words -------------------------------------------------------------------------------------


def test_every_message_speaks_to_both():
    for key, texts in MESSAGES.items():
        assert len(texts) == 3, key
        assert all(text.endswith((".", ")")) for text in texts), key


@pytest.mark.parametrize("hostile", ["`a` | <b>", "a\nb\r\x00", "\u202egpj.exe", "\ud800", "x" * 500])
def test_a_students_words_stay_words(hostile):
    shown = quoted(hostile)
    assert shown.startswith("`")
    assert shown.count("`") == 2
    assert not set(shown) & set("|\n\r\x00\u202e\ud800")
    assert len(shown) < 90


def test_long_lists_are_cut():
    assert listed(map(str, range(100))).endswith("`11` and 88 more")
    assert "88 more" in note("missing_answers", names=listed(map(str, range(100)))).happened


def test_pictures_and_long_outputs_are_not_too_many_parts():
    lines = ["a, b\\n"] * 3_000_000
    picture = {"output_type": "display_data", "data": {"image/png": "A" * 30_000_000}}
    outputs = [{"output_type": "stream", "text": lines}, picture]
    cell = {"cell_type": "code", "source": "1", "metadata": {}, "outputs": outputs}
    cells, notes = _parse({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    assert [(cell.source, notes) for cell in cells] == [("1", [])]
