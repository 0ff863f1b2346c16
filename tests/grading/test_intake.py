"""Which files of a submission are used, and that no other is opened."""

import json
import os
from pathlib import Path

import nbformat
import pytest
from nbgrader.coursedir import CourseDirectory

from seqmodels.grading import converter, timestamps
from seqmodels.grading.files import MOST_FILES, TooBig, UnsafeFile, read_bytes, shadowing, survey
from seqmodels.grading.intake import take_in
from seqmodels.grading.kernel import CUT, MOST_LETTERS, LimitedStream
from seqmodels.grading.messages import read
from seqmodels.grading.rebuild import handed_in
from tests.grading import tiny

NAME = f"{tiny.NAME}.ipynb"


@pytest.fixture
def release(tmp_path):
    folder = tmp_path / "release"
    folder.mkdir()
    notebook = tiny.notebook()
    for cell in notebook.cells:
        if cell.metadata.nbgrader.solution:
            cell.source = f"{cell.id}: YOUR ANSWER HERE"
    nbformat.write(notebook, folder / NAME)
    (folder / "table.csv").write_text("a,b")
    return folder


@pytest.fixture
def submission(tmp_path):
    folder = tmp_path / "submission"
    folder.mkdir()
    return folder


def _write(folder, name=NAME, answers=1):
    notebook = tiny.notebook()
    for number, cell in enumerate(cell for cell in notebook.cells if cell.metadata.nbgrader.solution):
        cell.source = f"answer in {name}" if number < answers else f"{cell.id}: YOUR ANSWER HERE"
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / name)


def _taken(submission, release, tmp_path):
    """What is taken in: the student's cells, the kinds of the notes, and the files beside the notebook."""
    target = tmp_path / "target"
    take_in(submission, release, target)
    notebook = nbformat.read(target / NAME, as_version=4)
    files = sorted(str(path.relative_to(target)) for path in target.rglob("*") if path.is_file())
    files.remove(NAME)
    return handed_in(notebook), [note.key for note in read(notebook)], files


def _answer(cells):
    return next(cell.source for cell in cells if cell.grade_id == "add_0")


@pytest.mark.parametrize(
    ("notebooks", "chosen"),
    [
        ({NAME: 1, "more.ipynb": 9}, NAME),
        ({NAME: 0, "more.ipynb": 1}, "more.ipynb"),
        ({NAME: 0, "more.ipynb": 0}, NAME),
        ({"one.ipynb": 1, "deep/two.ipynb": 2}, "deep/two.ipynb"),
        ({f"old/{NAME}": 1, NAME: 1}, NAME),
    ],
)
def test_choice_among_notebooks(notebooks, chosen, submission, release, tmp_path):
    for name, answers in notebooks.items():
        _write(submission, name, answers)
    cells, notes, _ = _taken(submission, release, tmp_path)
    assert _answer(cells) == (f"answer in {chosen}" if notebooks[chosen] else "add_0: YOUR ANSWER HERE")
    assert notes == (["several"] if chosen == NAME else ["renamed", "several"])


def test_a_broken_notebook_does_not_hide_a_good_one(submission, release, tmp_path):
    (submission / NAME).write_bytes(b"")
    _write(submission, "rescued.ipynb")
    cells, notes, _ = _taken(submission, release, tmp_path)
    assert _answer(cells) == "answer in rescued.ipynb"
    assert notes == ["renamed", "several"]


@pytest.mark.parametrize("place", ["id", "grade_id", "schema_version", "tags"])
def test_half_a_letter_in_what_is_no_answer(place, submission, release, tmp_path):
    notebook = tiny.notebook()
    cell = notebook.cells[1]
    (cell if place == "id" else cell.metadata.nbgrader)[place] = "\ud800"
    (submission / NAME).write_text(json.dumps(notebook))
    cells, _, _ = _taken(submission, release, tmp_path)
    assert len(cells) == len(notebook.cells)
    assert cells[1].source == notebook.cells[1].source


@pytest.mark.parametrize("error", [OSError("no room"), UnicodeEncodeError("utf-8", "a", 0, 1, "no letter")])
def test_a_submission_that_cannot_be_taken_in_is_set_aside_by_name(
    error, submission, release, tmp_path, monkeypatch, caplog
):
    def fails(folder, release, target):
        target.mkdir(parents=True)
        (target / NAME).write_text("half a noteb")
        raise error

    course = CourseDirectory(root=str(tmp_path), release_directory="handed_out", assignment_id=tiny.NAME)
    (tmp_path / "handed_out").mkdir()
    release.rename(tmp_path / "handed_out" / tiny.NAME)
    monkeypatch.setattr(converter, "take_in", fails)
    autograde = converter.Autograde(coursedir=course)
    autograde.log.propagate = True
    autograde._take_in(tmp_path / "submitted" / "ada" / tiny.NAME, tmp_path / "scratch")
    assert not list(tmp_path.glob("scratch/*/*"))
    assert f"ada/{tiny.NAME} cannot be taken in: " in caplog.text


def test_what_lies_beside_the_notebook_stays_beside_it(submission, release, tmp_path):
    _write(submission, f"mine/{NAME}")
    for name in ("mine/table.csv", "mine/data/more.csv", "mine/timestamp.txt", "above.csv", ".DS_Store", "__MACOSX/x"):
        (submission / name).parent.mkdir(parents=True, exist_ok=True)
        (submission / name).write_text(name)
    _, notes, files = _taken(submission, release, tmp_path)
    assert files == ["data/more.csv", "table.csv"]
    assert notes == ["renamed", "companions", "left_out"]


def test_a_folder_may_be_called_like_the_notebook(submission, release, tmp_path):
    (submission / NAME).mkdir()
    (submission / NAME / "text.txt").write_text("a")
    _, notes, files = _taken(submission, release, tmp_path)
    assert (notes, files) == (["no_notebook", "left_out"], [])


def test_a_notebook_in_its_folder_of_the_same_name(submission, release, tmp_path):
    _write(submission, f"{NAME}/{NAME}")
    cells, notes, _ = _taken(submission, release, tmp_path)
    assert (_answer(cells), notes) == (f"answer in {NAME}/{NAME}", ["renamed"])


def test_no_link_is_followed(submission, release, tmp_path):
    secret = tmp_path / "secret"
    _write(secret)
    (submission / NAME).symlink_to(secret / NAME)
    (submission / "folder").symlink_to(secret)
    (secret / "time").write_text("2030-01-02 03:04:05 UTC")
    (submission / timestamps.FILE).symlink_to(secret / "time")
    cells, notes, files = _taken(submission, release, tmp_path)
    assert cells == []
    assert notes == ["left_out", "timestamp", "no_notebook"]
    assert files == [timestamps.FILE]
    assert (tmp_path / "target" / timestamps.FILE).read_text() == ""
    with pytest.raises(UnsafeFile):
        read_bytes(submission / NAME)


def test_links_are_named_as_such(submission):
    (submission / "lost").symlink_to("nowhere")
    assert survey(submission).refused == ("lost (a link)",)


def test_pipes_are_not_waited_for(submission):
    os.mkfifo(submission / "pipe")
    assert survey(submission).usable == ()
    with pytest.raises(UnsafeFile, match="no plain file"):
        read_bytes(submission / "pipe")


@pytest.mark.parametrize("name", ["/dev/zero", "/proc/self/mem"])
def test_devices_are_not_read(name):
    with pytest.raises(UnsafeFile):
        read_bytes(Path(name), 10)


def test_odd_names_and_deep_folders_are_set_aside(submission):
    (submission / "line\nbreak.csv").write_text("a")
    (submission / os.fsdecode(b"\xff.csv")).write_text("a")
    deep = submission / "/".join("abcdefghijk")
    deep.mkdir(parents=True)
    (deep / "lost.csv").write_text("a")
    found = survey(submission)
    assert found.usable == ()
    assert sorted(reason.rpartition("(")[2] for reason in found.refused) == [
        "an odd name)",
        "an odd name)",
        "too many folders in folders)",
    ]


def test_too_many_files(submission):
    for number in range(MOST_FILES + 3):
        (submission / f"{number}.txt").touch()
    found = survey(submission)
    assert (len(found.usable), len(found.refused)) == (MOST_FILES, 3)


def test_too_much_in_a_file(submission):
    (submission / "big").write_bytes(b"x" * 11)
    assert read_bytes(submission / "big", 11) == b"x" * 11
    with pytest.raises(TooBig):
        read_bytes(submission / "big", 10)


def test_files_that_would_be_imported_in_place_of_a_module(submission):
    for name in ("numpy.py", "json.txt", "mine.py", "keras/__init__.py", "keras/x.py", "data/random.py", "tests/a.csv"):
        (submission / name).parent.mkdir(exist_ok=True)
        (submission / name).touch()
    found = shadowing(survey(submission).usable)
    assert [str(path) for path in found] == ["keras/__init__.py", "keras/x.py", "numpy.py"]


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2030-01-02 03:04:05.678901 UTC", 3),
        ("2030-01-02 03:04:05.678901 America/Chicago", 9),
        ("2030-01-02 03:04:05", 3),
        ("2030-01-02T03:04:05+01:00\n", 2),
        ("2030-01-02 03:04", 3),
    ],
)
def test_times_that_nbgrader_writes(text, hour):
    assert timestamps.parsed(text).hour == hour


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2030-13-45 99:99",
        "2030",
        "1e9999999",
        "2030-01-02 03:04 ../../x",
        f"2030-01-02 03:04 America/{'A' * 300}",
    ],
)
def test_times_that_are_none(text):
    assert timestamps.parsed(text) is None


class _Stream(LimitedStream):
    """The stream without the kernel around it."""

    def __init__(self, sent):
        self.name, self.sent, self.cell = "stdout", sent, "1"

    @property
    def parent_header(self):
        return {"msg_id": self.cell}

    def __del__(self):
        pass


def test_a_cells_output_has_an_end_and_the_next_cells_begins_anew(monkeypatch):
    sent = []
    monkeypatch.setattr("ipykernel.iostream.OutStream.write", lambda self, string: sent.append(string))
    monkeypatch.setattr(LimitedStream, "_written", type(LimitedStream._written)())
    stream = _Stream(sent)
    for _ in range(5):
        stream.write("x" * (MOST_LETTERS // 2))
    assert "".join(sent) == "x" * MOST_LETTERS + f"\n{CUT}\n"
    sent.clear()
    stream.cell = "2"
    stream.write("y")
    assert sent == ["y"]
