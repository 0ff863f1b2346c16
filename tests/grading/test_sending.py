"""Feedback pages in one archive: names by which Moodle and Canvas know whose each is, as their sources read them."""

import os
import random
import re
import shutil
import time
import zipfile
from pathlib import Path

import nbformat
import pytest

from seqmodels.grading import messages, sending
from seqmodels.grading.collect import replies
from tests.grading.course import ROOT

NAME = "tiny"
# What zip_collect has unpacked, and the student in submitted/.
DOWNLOADED = {
    "Ada Lovelace_1001_assignsubmission_file_/tiny.ipynb": "Ada Lovelace",
    "Lovelace, Byron_1002_assignsubmission_file/tiny.ipynb": "Lovelace, Byron",  # as Moodle 4.1 and newer
    "class.zip/José Peña_1003_assignsubmission_file_/deeper/tiny.ipynb": "José Peña",
    "Emmy Noether_1004_assignsubmission_file_tiny.ipynb": "Emmy Noether",
    # Namesakes, and a file that came by mail for one of them.
    "Max Born_1005_assignsubmission_file_/tiny.ipynb": "Max Born 1005",
    "Max Born_1006_assignsubmission_file_/tiny.ipynb": "Max Born 1006",
    "Max Born 1006+tiny.ipynb": "Max Born 1006",
    "hopperg_LATE_21_901_tiny-1.ipynb": "hopperg_21",
    "van_den_bergh_22_902_tiny.ipynb": "van_den_bergh_22",
    "bob+tiny.ipynb": "bob",
    "Default group_assignsubmission_file_/tiny.ipynb": "Default group",
}
OTHERS = ("bob", "Default group")


def _for_moodle(name):
    """The number and the file's name that Moodle takes out of a path, as is_valid_filename_for_import does."""
    for part in name.split("/"):
        found = part.split("_", 4)
        if len(found) >= 4 and found[1].isdigit() and found[2:4] == ["assignsubmission", "file"]:
            return int(found[1]), name.rpartition("/")[2]
    return None


def _for_canvas(name):
    """The numbers of the user and of the file handed in, as infer_comment_context_from_filename does."""
    numbers = [part for part in name.split("_") if part != "LATE" and re.fullmatch(r"\d+", part)]
    return tuple(map(int, numbers[:2]))


def test_names_are_those_that_the_platforms_read():
    found = {student: f"{start}tiny.html" for student, start in replies(map(Path, DOWNLOADED), {NAME}, {}).items()}
    assert found.keys() == set(DOWNLOADED.values()) - set(OTHERS)
    moodle = {student: _for_moodle(name) for student, name in found.items() if "/" in name}
    assert moodle == {
        "Ada Lovelace": (1001, "tiny.html"),
        "Lovelace, Byron": (1002, "tiny.html"),
        "José Peña": (1003, "tiny.html"),
        "Emmy Noether": (1004, "tiny.html"),
        "Max Born 1005": (1005, "tiny.html"),
        "Max Born 1006": (1006, "tiny.html"),
    }
    assert {student: _for_canvas(name) for student, name in found.items() if "/" not in name} == {
        "hopperg_21": (21, 901),
        "van_den_bergh_22": (22, 902),
    }


def test_of_several_files_the_last_tells_canvas():
    found = replies(
        [Path("ada_7_900_tiny.ipynb"), Path("ada_7_905_tiny-2.ipynb"), Path("ada_7+tiny.ipynb")], {NAME}, {}
    )
    assert found == {"ada_7": "ada_7_905_"}


def test_no_page_goes_by_a_name_that_another_student_has_too():
    """Sorting by hand has told them apart: the one who sent the other file by mail has no number of Moodle's."""
    files = [
        Path("Ada Byron_1_assignsubmission_file_/tiny.ipynb"),
        Path("ada2+tiny.ipynb"),
        Path("Ada Byron+tiny.ipynb"),
    ]
    assert replies(files, {NAME}, {"Ada Byron": "Ada Byron", "ada2": "Ada Byron"}) == {}
    assert replies(files, {NAME}, {"Ada Byron": "Ada Byron"}) == {"Ada Byron": "Ada Byron_1_assignsubmission_file_/"}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course in which everybody has a page."""
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    for file in DOWNLOADED:
        path = tmp_path / "downloaded" / NAME / "extracted" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    notebook = nbformat.v4.new_notebook()
    _write(tmp_path / "assignments" / NAME, notebook)
    messages.mark_as_graded(notebook)
    for student in DOWNLOADED.values():
        (tmp_path / "submitted" / student / NAME).mkdir(parents=True, exist_ok=True)
        _write(tmp_path / "autograded" / student / NAME, notebook)
        page = tmp_path / "feedback" / student / NAME / f"{NAME}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"<p>the page of {student}</p>", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _write(folder, notebook):
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / f"{NAME}.ipynb")


def _archives(course):
    found = {}
    for path in sorted((course / "feedback").glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            found[path.name] = {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
    return found


def test_everybody_who_can_be_reached_gets_their_own_page_and_the_others_are_named(course, capsys):
    stale = course / "feedback" / "José Peña" / NAME / f"{NAME}.html"
    os.utime(stale, (time.time() - 1000,) * 2)
    assert sending.main([NAME]) == 0
    (pages,) = _archives(course).values()
    starts = replies(map(Path, DOWNLOADED), {NAME}, {})
    del starts["José Peña"]
    assert pages == {f"{start}{NAME}.html": f"<p>the page of {student}</p>" for student, start in starts.items()}
    said = capsys.readouterr().out
    assert "feedback/tiny.zip holds the pages of 7 students." in said
    assert "send these pages yourself: Default group; bob" in said
    assert "no page of their last grading: José Peña. Run nbgrader generate_feedback tiny" in said
    assert "Canvas will show each page under the name of the notebook" in said


def test_archives_can_be_kept_small(course):
    for page in (course / "feedback").glob(f"*/{NAME}/*.html"):
        page.write_text(random.Random(1).randbytes(150_000).hex())
    assert sending.main([NAME, "--most", "1"]) == 0
    sizes = {path.name: path.stat().st_size for path in sorted((course / "feedback").glob("*.zip"))}
    assert list(sizes) == ["tiny-1.zip", "tiny-2.zip"] and max(sizes.values()) <= 1_000_000
    assert sum(map(len, _archives(course).values())) == 8


def test_students_whom_nbgrader_leaves_out_are_left_out(course):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write('\nc.CourseDirectory.student_id_exclude = "hopperg_21,Emmy Noether"\n')
    assert sending.main([NAME]) == 0
    (pages,) = _archives(course).values()
    assert len(pages) == 6 and not any("hopperg" in name or "Emmy" in name for name in pages)


def test_nothing_to_send_says_what_to_do(course, capsys):
    shutil.rmtree(course / "downloaded")
    assert sending.main([NAME]) == 2
    assert "There is no page of tiny for anybody whose work was downloaded" in capsys.readouterr().err
    assert not list((course / "feedback").glob("*.zip"))
