"""``tools/public.py``: what reaches the public repository, what never does, and what it refuses to overwrite."""

import base64
import subprocess

import nbformat
import pytest

from tests.grading import tiny
from tests.grading.editors import png
from tools.public import PublicError, publish

GIT = ["git", "-c", "user.name=Tea", "-c", "user.email=tea@example.org", "-c", "init.defaultBranch=main"]
SECRET = "return [value + 3 for value in values]"


def _git(folder, *arguments):
    return subprocess.run([*GIT, "-C", folder, *arguments], capture_output=True, text=True, check=True).stdout


def _commit(folder):
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message=A step")


def _write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "course"
    folder.mkdir()
    _git(folder, "init", "--quiet")
    tiny.write(folder)
    _write(
        folder,
        {
            "README.md": "# A course",
            ".gitignore": ".venv/",
            "chapters/part/one.ipynb": "{}",
            "assignments/tiny/tiny.ipynb": "{}",
            "tests/submissions/tiny/right_map.py": SECRET,
            ".github/workflows/test.yml": "on: push",
        },
    )
    _commit(folder)
    return folder


@pytest.fixture
def public(tmp_path):
    folder = tmp_path / "public"
    folder.mkdir()
    _git(folder, "init", "--quiet")
    return folder


def test_students_get_the_rest_and_no_history(course, public):
    _write(public, {"old.md": "from an earlier term", ".gitignore": ".venv/"})
    _commit(public)
    _write(public, {".venv/own": "not tracked: it stays"})
    assert publish(course, public) == 4
    assert (public / ".venv" / "own").is_file()
    _git(public, "add", "--all")
    assert _git(public, "ls-files").split() == [
        ".gitignore",
        "README.md",
        "assignments/tiny/tiny.ipynb",
        "chapters/part/one.ipynb",
    ]
    _commit(public)
    assert SECRET not in _git(public, "log", "--patch")
    publish(course, public)
    assert _git(public, "status", "--porcelain") == "", "a second time changes nothing"


@pytest.mark.parametrize("file", ["assignments/tiny/tiny.ipynb", "handouts/tiny.md"])
def test_file_that_gives_a_solution_away_is_refused(course, public, file):
    _write(course, {file: f'{{"source": "    {SECRET}"}}'})
    _commit(course)
    with pytest.raises(PublicError, match=rf"{file}: solution of cell 'add_3'"):
        publish(course, public)
    assert [entry.name for entry in public.iterdir()] == [".git"]


@pytest.mark.parametrize("file", ["src/helper.py", "chapters/part/one.ipynb"])
def test_library_and_chapters_may_do_what_a_task_asks_for(course, public, file):
    _write(course, {file: SECRET})
    _commit(course)
    publish(course, public)
    assert (public / file).read_text() == SECRET


def test_hidden_test_in_the_release_is_refused(course, public):
    nbformat.write(tiny.notebook(), course / "assignments" / "tiny" / "tiny.ipynb")
    _commit(course)
    with pytest.raises(PublicError, match="hidden test of cell 'test_add_0'"):
        publish(course, public)


@pytest.mark.parametrize("file", ["assignments/tiny/tiny.ipynb", "handouts/curve.png"])
def test_picture_of_a_model_answer_is_refused(course, public, file):
    source, picture = tiny.notebook(), png(9)
    source.cells[-1].attachments = {"curve.png": {"image/png": picture}}
    tiny.write(course, source)
    (course / file).parent.mkdir(exist_ok=True)
    cell = nbformat.v4.new_markdown_cell("YOUR ANSWER HERE", attachments=source.cells[-1].attachments)
    content = nbformat.writes(nbformat.v4.new_notebook(cells=[cell])).encode()
    (course / file).write_bytes(base64.b64decode(picture) if file.endswith(".png") else content)
    _commit(course)
    with pytest.raises(PublicError, match=rf"{file}: solution of cell 'what_next': the picture curve.png"):
        publish(course, public)


def test_work_in_the_public_repository_is_not_overwritten(course, public):
    _write(public, {"notes.md": "written there, and never committed"})
    with pytest.raises(PublicError, match="not committed"):
        publish(course, public)
    assert (public / "notes.md").read_text() == "written there, and never committed"


def test_folder_that_is_no_repository_of_its_own_is_refused(course, tmp_path):
    with pytest.raises(PublicError, match="git init"):
        publish(course, tmp_path / "nowhere")
    with pytest.raises(PublicError, match="is the course itself"):
        publish(course, course)
