"""Pictures in a student's notebook: which are kept, how large they may be, and what is said of those that are not."""

import base64
import io
import json
import time
import types

import nbformat
import pytest
from PIL import Image

from seqmodels.grading import attachments, pictures
from seqmodels.grading.attachments import encoded_again, taken_out
from seqmodels.grading.intake import take_in
from seqmodels.grading.messages import read
from seqmodels.grading.reading import Cell, parse
from tests.grading import tiny
from tests.grading.editors import png
from tests.patience import PATIENCE

SMALL = png(8)


def _encoded(size: tuple[int, int], kind: str) -> str:
    stream = io.BytesIO()
    Image.new("RGB", size, "red").save(stream, kind)
    return base64.b64encode(stream.getvalue()).decode()


def _kept(*bundles: dict, given: dict = types.MappingProxyType({})) -> tuple[list[dict], list[str]]:
    """What is kept of the attachments of cells, and what is said."""
    cells, notes = encoded_again([Cell("markdown", "", grade_id="why", attachments=each) for each in bundles], given)
    return [cell.attachments for cell in cells], [note.happened for note in notes]


# --- out of the text -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "![a](data:image/png;base64,{picture})",
        '<img src="data:image/png;base64,{picture}"/>',
        "![a][1]\n\n[1]: data:image/png;base64,{picture}",
        "![a](data:image/png;charset=utf-8;base64,{picture} 'title')",
    ],
)
def test_a_picture_in_a_text_gets_a_name(text):
    source, found = taken_out(text.format(picture=SMALL), None)
    assert source == text.replace(";charset=utf-8", "").replace(
        "data:image/png;base64,{picture}", "attachment:picture-1.png"
    )
    assert found == {"picture-1.png": {"image/png": SMALL}}


def test_percent_signs_are_read():
    _, found = taken_out(f"![](data:image/png;base64,{SMALL.replace('+', '%2B').replace('/', '%2F')})", None)
    assert found == {"picture-1.png": {"image/png": SMALL}}


def test_a_text_about_such_pictures_stays():
    source = "A picture may be written as `data:image/png;base64,...`, which takes data: for a protocol."
    assert taken_out(source, None) == (source, {})


def test_names_do_not_collide():
    source, found = taken_out(
        f"![](attachment:picture-1.png) ![](data:image/gif;base64,{SMALL})", {"picture-1.png": {"image/png": SMALL}}
    )
    assert source == "![](attachment:picture-1.png) ![](attachment:picture-2.gif)"
    assert found.keys() == {"picture-1.png", "picture-2.gif"}


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("my photo.png", "my%20photo.png"),
        ("my photo.png", "my photo.png"),
        ("a (1).png", "a%20%281%29.png"),
        ("größe.png", "gr%C3%B6%c3%9fe.png"),
    ],
)
def test_a_name_that_pages_would_write_otherwise_becomes_another(name, written):
    source, found = taken_out(f"![](<attachment:{written}>) attachment:{written}", {name: {"image/png": SMALL}})
    assert source == "![](<attachment:picture-1.png>) attachment:picture-1.png"
    assert found == {"picture-1.png": {"image/png": SMALL}}


def test_only_what_the_text_shows_is_kept():
    given = {name: {"image/png": name} for name in ("a.png", "a.png2", "b.png")}
    assert taken_out("![](attachment:a.png) and attachment:b.png.", given)[1].keys() == {"a.png", "b.png"}


@pytest.mark.parametrize(
    ("attached", "found"),
    [
        *((nothing, {}) for nothing in (None, [], "text", {})),
        *(({"a.png": odd}, {"": ""}) for odd in (None, {"image/png": 1}, {"text/html": SMALL}, {})),
    ],
)
def test_attachments_of_any_shape(attached, found):
    """A picture that is not in the file, and one that is there and is none."""
    assert taken_out("![](attachment:a.png)", attached) == ("![](attachment:a.png)", {"a.png": found})


def test_lines_of_a_picture_are_joined():
    assert taken_out("attachment:a", {"a": {"image/png": ["AB\n", "CD"]}})[1] == {"a": {"image/png": "AB\nCD"}}


def test_millions_of_pictures_take_no_time():
    text = f"![](data:image/png;base64,{'A' * 64}) " * 100_000
    begun = time.monotonic()
    source, found = taken_out(text, {f"{number} ": {} for number in range(100_000)})
    assert time.monotonic() - begun < PATIENCE
    assert len(found) == attachments.MOST_PICTURES + 1
    assert len(source) < len(text)


# --- decoded and encoded again ---------------------------------------------------------------------


def test_pictures_are_kept_and_what_is_none_is_named():
    page = base64.b64encode(b"<script>alert(1)</script>").decode()
    kept, said = _kept(
        {"a.png": {"image/png": SMALL}, "b.png": {"image/png": page}}, {"c": {"": ""}}, given={"why": ()}
    )
    assert [list(each) for each in kept] == [["a.png"], []]
    assert said == [f"Pictures were left out: `b.png in why`, `c in why`. Why: {pictures.NO_PICTURE}."]


def test_pictures_that_are_not_in_the_file_are_named_unless_the_question_has_them():
    kept, said = _kept({"a.png": {}, "b.png": {}}, given={"why": ["b.png"]})
    assert kept == [{}]
    assert said == ["Pictures were left out: `a.png in why`. Why: the text shows them, and they are not in the file."]


def test_a_name_of_a_cell_that_the_student_has_made_up_is_not_repeated():
    _, said = _kept({"b.png": {"image/png": "?"}}, given={"another": ()})
    assert "`b.png in an added cell`" in said[0]


def test_a_picture_keeps_nothing_but_what_one_sees():
    hidden = base64.b64encode(base64.b64decode(SMALL) + b"<script>").decode()
    (kept,), said = _kept({"a.png": {"image/svg+xml": hidden}})
    assert (list(kept["a.png"]), said) == (["image/png"], [])
    assert b"script" not in base64.b64decode(kept["a.png"]["image/png"])


def test_too_many_pictures():
    many = {f"{number}.png": {"image/png": SMALL} for number in range(attachments.MOST_PICTURES)}
    kept, said = _kept(many, {"more.png": {"image/png": SMALL}})
    assert [len(each) for each in kept] == [attachments.MOST_PICTURES, 0]
    assert "`more.png in an added cell`" in said[0]
    assert "has more than 40 pictures" in said[0]


def test_too_much_of_pictures(monkeypatch):
    monkeypatch.setattr(attachments, "MOST_BYTES", 1000)
    kept, said = _kept({"a.png": {"image/png": SMALL}, "b.png": {"image/png": png(30)}, "c.png": {"image/png": SMALL}})
    assert list(kept[0]) == ["a.png", "c.png"]
    assert "`b.png in an added cell`" in said[0]


def test_too_many_pixels_in_all(monkeypatch):
    monkeypatch.setattr(attachments, "MOST_PIXELS", 100)
    kept, said = _kept({"a.png": {"image/png": png(30)}, "b.png": {"image/png": SMALL}})
    assert list(kept[0]) == ["a.png"]
    assert "`b.png in an added cell`" in said[0]


def test_too_many_pixels():
    side = int(pictures.MOST_PIXELS**0.5) + 1
    _, said = _kept({"a.png": {"image/png": _encoded((side, side), "PNG")}})
    assert "million are shown" in said[0]


def test_a_photo_is_no_long_text(tmp_path):
    """Taken in from the file to the notebook that is graded, with a picture of more letters than texts may have."""
    release, submission, target = tmp_path / "release", tmp_path / "submission", tmp_path / "target"
    notebook = tiny.notebook()
    for folder in (release, submission):
        folder.mkdir()
        nbformat.write(notebook, folder / "tiny.ipynb")
        notebook.cells[-1].source += f"\nmine ![photo](data:image/png;base64,{png(1150)})"
    take_in(submission, release, target)
    taken = nbformat.read(target / "tiny.ipynb", as_version=4)
    assert read(taken) == []
    assert taken.cells[-1].metadata.seqmodels.source.endswith("mine ![photo](attachment:picture-1.png)")
    assert list(taken.cells[-1].attachments) == ["picture-1.png"]


def test_what_is_taken_in_stays_small(tmp_path):
    """However much a notebook of 100 MB holds."""
    cell = {"cell_type": "markdown", "source": f"![](data:image/png;base64,{png(1150)})", "metadata": {}}
    cells, _ = parse(json.dumps({"nbformat": 4, "cells": [cell] * 12}).encode(), "a.ipynb")
    kept, notes = encoded_again(cells, {})
    assert (
        sum(len(each) for cell in kept for bundle in cell.attachments.values() for each in bundle.values()) < 34_000_000
    )
    assert [note.key for note in notes] == ["picture"]
