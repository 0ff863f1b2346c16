"""The students' archive: what is in it and what never is, its lock file, and its start script, run as a student does.

The start script runs for real but for one step: instead of pip, which would install 3.6 GB, a stand-in for setup.sh
makes an environment that borrows this one's packages and data. So what is not covered here is pip itself
with the students' lock file, and macOS. That the lock file is complete is checked by two other ways.
"""

import ast
import contextlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from traitlets.config import PyFileConfigLoader

from tests.grading import submissions, tiny
from tests.grading.editors import png
from tests.patience import PATIENCE
from tests.test_tools_lock import faults
from tools.bundle import BundleError, assignments, bundle, contents, lock_entries, student_lock
from tools.release import release

ROOT = Path(__file__).resolve().parents[1]
NEEDED = [
    "src",
    "etc",
    "requirements",
    "tools",
    "pyproject.toml",
    "LICENSE",
    "LICENSE-TEXT",
    "assignments",
    "solutions",
]
TOKEN = "token-of-the-tests"
OTHER = "seven_day_forecast"  # an assignment beside the small one


def copied(folder):
    """A copy of what the archive is made from, with a small assignment beside the others."""
    for name in NEEDED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    tiny.write(folder)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    release(tiny.NAME, folder)
    return folder


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return copied(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def archive(course):
    return bundle(course, assignments(course), course / "_build")


# What is in it.


def test_name_bears_the_version(archive):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert archive.name == f"seqmodels-{version}-student.zip"
    assert [file.name for file in archive.parent.iterdir()] == [archive.name]


def test_what_is_in_it(course, archive):
    with zipfile.ZipFile(archive) as packed:
        names = packed.namelist()
    assert {name.partition("/")[0] for name in names} == {"seqmodels"}
    below = {name.partition("/")[2] for name in names}
    assert {name for name in below if "/" not in name} == {"README.md", "start.sh"}
    notebooks = {name for name in below if name.endswith(".ipynb")}
    assert notebooks == {f"course/assignments/{name}/{name}.ipynb" for name in assignments(course)}
    library = {f"course/{file.relative_to(course)}" for file in course.glob("src/seqmodels/**/*.py")}
    grades_a_class = {file for file in library if file.startswith("course/src/seqmodels/grading/runner/")}
    assert len(library - grades_a_class) > 30
    assert library - grades_a_class <= below
    assert grades_a_class
    assert not grades_a_class & below
    # Students write in assignments/: an archive that holds it would overwrite their work when it is unpacked again.
    assert not [name for name in below if name.startswith("assignments/")]
    assert not [name for name in below if {"solutions", "tests", ".venv", "__pycache__"} & set(name.split("/"))]


def test_same_course_gives_the_same_bytes(course, archive, tmp_path):
    """Also where files are newer, and programs and editors have left their own."""
    again = tmp_path / "again"
    shutil.copytree(course, again, copy_function=shutil.copyfile)
    for name in ("src/seqmodels/__pycache__/old.pyc", "assignments/tiny/.ipynb_checkpoints/tiny-checkpoint.ipynb"):
        (again / name).parent.mkdir(exist_ok=True)
        (again / name).write_text("left over")
    (again / "assignments" / "tiny" / ".DS_Store").write_text("left over")
    (again / "LICENSE").chmod(0o600)
    assert bundle(again, assignments(again), tmp_path).read_bytes() == archive.read_bytes()


def test_one_assignment_alone(course, tmp_path):
    with zipfile.ZipFile(bundle(course, [tiny.NAME], tmp_path)) as packed:
        assert [name for name in packed.namelist() if name.endswith(".ipynb")] == [
            "seqmodels/course/assignments/tiny/tiny.ipynb"
        ]


def test_checksums_are_right(archive, tmp_path):
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path)
    sums = tmp_path / "seqmodels" / "course" / "SHA256SUMS"
    program = ["sha256sum"] if shutil.which("sha256sum") else ["shasum", "-a", "256"]
    subprocess.run([*program, "-c", sums], cwd=tmp_path / "seqmodels", check=True, capture_output=True)
    assert len(sums.read_text().splitlines()) == sum(file.is_file() for file in tmp_path.rglob("*")) - 1


# What never is.


@pytest.mark.parametrize(
    "file",
    [
        "assignments/tiny/tiny.ipynb",
        "assignments/tiny/helper.py",
        "src/seqmodels/plotting.py",
        "tools/student/README.md",
        "requirements/data.lock",
    ],
)
def test_planted_secret_is_refused(course, tmp_path, file):
    planted = course / file
    before = planted.read_text() if planted.exists() else None
    lines = ["return [value + 3 for value in values]", "secret_question_5 = [3, -4, 5]"]
    try:
        planted.write_text("\n    ".join([before or "", *lines]))
        with pytest.raises(BundleError) as refusal:
            bundle(course, [tiny.NAME], tmp_path)
    finally:
        planted.unlink() if before is None else planted.write_text(before)
    said, name = str(refusal.value), file.removeprefix("tools/student/")
    assert f"{name} would hold the hidden test of cell 'test_add_5': {lines[1]}" in said
    # What the library holds, students have anyway, whoever wrote it first.
    in_library = file.startswith("src/")
    assert (f"{name} would hold the solution of cell 'add_3': {lines[0]}" in said) == (not in_library)
    assert list(tmp_path.iterdir()) == []


def test_picture_of_a_model_answer_is_refused(course, tmp_path):
    """As it goes out where somebody has generated the assignment without this course's configuration."""
    again = tmp_path / "again"
    shutil.copytree(course, again)
    for step in ("solutions", "assignments"):
        path = again / step / "tiny" / "tiny.ipynb"
        notebook = nbformat.read(path, as_version=4)
        notebook.cells[-1].attachments = {"curve.png": {"image/png": png(9)}}
        nbformat.write(notebook, path)
    with pytest.raises(
        BundleError, match=r"tiny\.ipynb would hold the solution of cell 'what_next': the picture curve\.png"
    ):
        bundle(again, [tiny.NAME], tmp_path)


def test_line_that_another_assignment_shows_is_no_secret(course, tmp_path):
    """Two assignments may well build the same input layer, one of them for its students."""
    again = tmp_path / "again"
    shutil.copytree(course, again)
    for step in ("solutions", "assignments"):
        (again / step / "other").mkdir()
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("return [value + 3 for value in values]")])
        nbformat.write(notebook, again / step / "other" / "other.ipynb")
    assert bundle(again, ["other", tiny.NAME], tmp_path).is_file()


def test_assignment_without_a_source_is_refused(tmp_path):
    """Nobody could say what is secret in it; a copy of the course without any solutions was searched before."""
    course = copied(tmp_path)
    shutil.rmtree(course / "solutions" / tiny.NAME)
    with pytest.raises(BundleError, match=r"solutions/ has no source of tiny"):
        bundle(course, [tiny.NAME], tmp_path)
    shutil.rmtree(course / "solutions")
    assert bundle(course, [tiny.NAME], tmp_path).is_file()


def test_unknown_assignment_is_refused_with_the_known_ones(course, tmp_path):
    with pytest.raises(BundleError, match=r"there is no assignments/huge\. There are: .*tiny"):
        bundle(course, ["huge"], tmp_path)


# Its lock file.


def test_lock_file_is_a_part_of_the_courses():
    whole = lock_entries((ROOT / "requirements" / "course.lock").read_text())
    part = lock_entries(student_lock(ROOT))
    assert set(text for _, _, text in part) < set(text for _, _, text in whole)
    assert faults(student_lock(ROOT)) == []
    names = {name for name, _, _ in part}
    assert names.isdisjoint({"jupyter-book", "sphinx", "pytest", "nbval", "playwright", "ruff", "jupytext", "nbdime"})
    assert len(names) < 0.75 * len({name for name, _, _ in whole})
    # Each package with all its entries: it has several where its version depends on the machine.
    assert [entry for entry in whole if entry[0] in names] == part


def test_whole_text_of_the_lock_file_is_in_its_entries():
    """Nothing is lost between two entries."""
    text = (ROOT / "requirements" / "course.lock").read_text()
    assert "".join(entry for _, _, entry in lock_entries(text)) == text


def test_lock_file_holds_all_that_its_packages_ask_for():
    """By what the installed packages say themselves, on this machine."""
    locked = {name for name, _, _ in lock_entries(student_lock(ROOT))}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    waiting = [Requirement(line) for line in project["dependencies"] + project["optional-dependencies"]["assignments"]]
    seen = set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        assert name in locked
        for extra in ["", *wanted.extras]:
            if (name, extra) not in seen:
                seen.add((name, extra))
                asked = map(Requirement, importlib.metadata.requires(name) or [])
                waiting += [one for one in asked if one.marker is None or one.marker.evaluate({"extra": extra})]
    assert len(seen) > 100


def test_lock_file_holds_all_that_is_imported(course):
    """Whatever the library and the assignments import comes with Python, or from a locked package."""
    locked = {name for name, _, _ in lock_entries(student_lock(ROOT))}
    whose = importlib.metadata.packages_distributions()
    sources = {}
    for name, content in contents(course, assignments(course)).items():
        if name.endswith(".py") and "/src/" in name:
            sources[name] = content.decode()
        elif name.endswith(".ipynb"):
            cells = nbformat.reads(content.decode(), as_version=4).cells
            sources[name] = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    imported = {(module, name) for name, source in sources.items() for module in _imports(source)}
    assert {"tensorflow", "nbgrader", "gguf"} <= {module for module, _ in imported}
    missing = [
        (module, name)
        for module, name in imported
        if module not in sys.stdlib_module_names | {"seqmodels"}
        and locked.isdisjoint(map(canonicalize_name, whose.get(module, [])))
    ]
    assert missing == []


def _imports(source):
    """The modules that are imported, but for those that the code can do without."""
    tree = ast.parse(source)
    tried = {id(node) for attempt in ast.walk(tree) if _may_fail(attempt) for node in attempt.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and id(node) not in tried:
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and id(node) not in tried:
            yield node.module.partition(".")[0]


def _may_fail(node):
    return isinstance(node, ast.Try) and any(
        isinstance(handler.type, ast.Name) and handler.type.id == "ImportError" for handler in node.handlers
    )


# Started as a student does.

# In place of setup.sh: the same environment by its looks, with the packages and the data of the one that runs the tests.
STAND_IN = """\
set -eu
cd "$(dirname "$0")/.."
echo "setup, to be run again as: $RUN_AGAIN"
{python} -m venv --without-pip .venv
site=$(.venv/bin/python -c 'import site; print(site.getsitepackages()[0])')
printf '%s\\n' "$(pwd)/src" {packages} >"$site/borrowed.pth"
mkdir -p .venv/share/jupyter/lab
ln -sfn {prefix}/share/seqmodels .venv/share/seqmodels
ln -sfn {prefix}/share/jupyter/kernels .venv/share/jupyter/kernels
ln -sfn {prefix}/share/jupyter/labextensions .venv/share/jupyter/labextensions
for part in schemas static themes; do ln -sfn {prefix}/share/jupyter/lab/$part .venv/share/jupyter/lab/$part; done
mkdir -p .venv/etc
cp -R {prefix}/etc/jupyter .venv/etc/
"""


class Student:
    """A student with a home of their own, who has unpacked the archive."""

    def __init__(self, folder, archive):
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)
        self.folder = folder / "seqmodels"

    def environment(self, **own):
        """What a new user has, and one who has set PYTHONPATH: a module there must not be taken for JupyterLab."""
        elsewhere = self.home / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        (elsewhere / "jupyterlab.py").write_text("raise ImportError('from PYTHONPATH')")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))}
        return kept | {"HOME": str(self.home), "PYTHONPATH": str(elsewhere), "JUPYTER_TOKEN": TOKEN} | own

    def stand_in(self):
        prefix = Path(sys.prefix)
        packages = next(path for path in sys.path if path.startswith(str(prefix)) and path.endswith("site-packages"))
        script = STAND_IN.format(python=sys.executable, prefix=f"'{prefix}'", packages=f"'{packages}'")
        (self.folder / "course" / "tools" / "setup.sh").write_text(script)

    def run(self, *arguments, **environment):
        """Run the start script to its end; it ends early, because something is amiss or JupyterLab shows its version."""
        return subprocess.run(
            ["sh", "start.sh", *arguments],
            cwd=self.folder,
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    @contextlib.contextmanager
    def lab(self):
        """Run the start script as it is meant; gives a function that asks the server for a page."""
        log = self.home / "lab.log"
        options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
        with log.open("w") as stream:
            server = subprocess.Popen(
                ["sh", "start.sh", *options],
                cwd=self.folder,
                env=self.environment(),
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
            try:
                address = self._address(server, log)
                yield (
                    lambda path: (
                        urllib.request.urlopen(f"{address}/{path}?token={TOKEN}", timeout=PATIENCE).read().decode()
                    )
                )
            finally:
                server.terminate()
                server.wait(timeout=PATIENCE)

    def _address(self, server, log):
        """Where the server says it listens, once it does."""
        runtime = self.home / ".local" / "share" / "jupyter" / "runtime"
        if sys.platform == "darwin":
            runtime = self.home / "Library" / "Jupyter" / "runtime"
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and server.poll() is None:
            for file in runtime.glob("jpserver-*.json"):
                with contextlib.suppress(urllib.error.URLError, json.JSONDecodeError):
                    address = json.loads(file.read_text())["url"].rstrip("/")
                    urllib.request.urlopen(f"{address}/api", timeout=PATIENCE)
                    return address
            time.sleep(0.2)
        raise AssertionError(f"JupyterLab did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def student(archive, tmp_path_factory):
    """A folder as people have it, with a space and an accent; started once, so that its set-up is done."""
    student = Student(tmp_path_factory.mktemp("student") / "Mes études", archive)
    student.stand_in()
    done = student.run("--version")
    assert done.returncode == 0, done.stdout
    student.first = done.stdout
    return student


def test_first_start_sets_up_and_lays_the_assignments_out(student, course):
    assert "setup, to be run again as: sh start.sh" in student.first
    for name in assignments(course):
        assert f"New: assignments/{name}/{name}.ipynb" in student.first
        released = student.folder / "course" / "assignments" / name / f"{name}.ipynb"
        assert (student.folder / "assignments" / name / f"{name}.ipynb").read_bytes() == released.read_bytes()


def test_next_start_does_nothing_again(student):
    assert student.run("--version").stdout.splitlines()[:-1] == []


def test_lab_opens_in_the_assignments(student, course):
    with student.lab() as ask:
        listed = {entry["name"] for entry in json.loads(ask("api/contents"))["content"]}
        assert listed == set(assignments(course))
        assert json.loads(ask(f"api/contents/{tiny.NAME}/{tiny.NAME}.ipynb"))["type"] == "notebook"
        page = ask("lab")
        settings = json.loads(ask("lab/api/settings/@jupyterlab/apputils-extension:notification"))
    # What a teacher needs is put away, and nobody is asked about news.
    config = json.loads(
        page.partition('<script id="jupyter-config-data" type="application/json">')[2].split("</script>")[0]
    )
    assert "@jupyter/nbgrader:formgrader" in config["disabledExtensions"]
    assert "@jupyter/nbgrader:validate-assignment" not in config["disabledExtensions"]
    assert settings["schema"]["properties"]["fetchNews"]["default"] == "false"


def test_library_is_the_archives_and_data_load(student):
    code = (
        "import keras, seqmodels.datasets as here, tensorflow_datasets as tfds;"
        "print(here.__file__, len(tfds.load('cta_ridership', split='train')))"
    )
    python = student.folder / "course" / ".venv" / "bin" / "python"
    environment = student.environment()
    del environment["PYTHONPATH"]
    done = subprocess.run([python, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd="/")
    place, rows = done.stdout.rsplit(maxsplit=1)
    assert Path(place).is_relative_to(student.folder / "course" / "src")
    assert int(rows) > 1000


def test_validate_names_what_is_open(student):
    """As the button in JupyterLab does: only the task that is solved does not fail."""
    own = student.folder / "assignments" / tiny.NAME / f"{tiny.NAME}.ipynb"
    answers = submissions.reference_answers(tiny.notebook())
    solved = submissions.filled_in(nbformat.read(own, as_version=4), {"add_0": answers["add_0"]})
    nbformat.write(solved, own)
    python = student.folder / "course" / ".venv" / "bin" / "python"
    environment = student.environment()
    del environment["PYTHONPATH"]
    command = [python, "-m", "nbgrader", "validate", own]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=own.parent).stdout
    assert "VALIDATION FAILED ON 9 CELL(S)!" in said


def test_work_survives_and_what_was_deleted_comes_back(student):
    mine, other = student.folder / "assignments" / tiny.NAME, student.folder / "assignments" / OTHER
    (mine / f"{tiny.NAME}.ipynb").write_text("hours of work")
    (mine / "notes.txt").write_text("mine")
    (other / f"{other.name}.ipynb").rename(other / "first try.ipynb")
    done = student.run("--version")
    assert done.stdout.splitlines()[:-1] == [f"New: assignments/{other.name}/{other.name}.ipynb"]
    assert (mine / f"{tiny.NAME}.ipynb").read_text() == "hours of work"
    assert (mine / "notes.txt").read_text() == "mine"
    assert {file.name for file in other.iterdir()} == {f"{other.name}.ipynb", "first try.ipynb"}


def test_new_assignment_comes_without_a_new_set_up(student, course, tmp_path):
    """An archive with one more, unpacked over the folder."""
    newer = tmp_path / "newer"
    shutil.copytree(course, newer)
    for kind in ("assignments", "solutions"):
        shutil.copytree(newer / kind / tiny.NAME, newer / kind / "more")
        (newer / kind / "more" / f"{tiny.NAME}.ipynb").rename(newer / kind / "more" / "more.ipynb")
    set_up = student.folder / "course" / "tools" / "setup.sh"
    stand_in = set_up.read_text()
    with zipfile.ZipFile(bundle(newer, assignments(newer), tmp_path)) as packed:
        packed.extractall(student.folder.parent)
    set_up.write_text(stand_in)
    assert student.run("--version").stdout.splitlines()[:-1] == ["New: assignments/more/more.ipynb"]


@pytest.mark.parametrize("change", ["other packages", "moved"])
def test_change_is_set_up_again_and_a_failure_is_not_taken_for_done(student, tmp_path, change):
    before = student.folder
    sums, set_up = before / "course" / "SHA256SUMS", before / "course" / "tools" / "setup.sh"
    texts = {file: file.read_text() for file in (sums, set_up, before / "course" / ".venv" / ".ready")}
    set_up.write_text("echo set up; exit 3")
    if change == "moved":
        student.folder = before.rename(tmp_path / "elsewhere")
    else:
        sums.write_text(f"{texts[sums]}{'0' * 64}  course/requirements/course.lock\n")
    try:
        for _ in range(2):
            done = student.run("--version")
            assert (done.stdout, done.returncode) == ("set up\n", 3)
    finally:
        student.folder = student.folder.rename(before)
        for file, text in texts.items():
            file.write_text(text)
    assert student.run("--version").returncode == 0


# What goes wrong, with the real setup.sh.


@pytest.fixture
def beginner(archive, tmp_path):
    return Student(tmp_path, archive)


def _programs(folder, **scripts):
    """A folder of programs that comes first on the path."""
    folder.mkdir()
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_without_a_python_the_message_says_which(beginner, tmp_path):
    names = ["python3.13", "python3.12", "python3.11", "python3", "python"]
    path = _programs(tmp_path / "bin", **dict.fromkeys(names, "exit 1"))
    done = beginner.run(PATH=path)
    assert done.returncode == 1
    assert "No Python 3.11, 3.12 or 3.13 was found" in done.stdout
    assert "PYTHON=/path/to/python3.12 sh start.sh" in done.stdout
    assert not (beginner.folder / "course" / ".venv").exists()


def test_without_room_nothing_is_begun(beginner, tmp_path):
    df = "echo 'Filesystem 1048576-blocks Used Available Capacity Mounted'; echo 'disk 100 50 50 50% /'"
    done = beginner.run(PATH=_programs(tmp_path / "bin", df=df), PYTHON=sys.executable)
    assert done.returncode == 1
    assert "needs about 6 GB of disk" in done.stdout
    assert "has 50 MB" in done.stdout
    assert not (beginner.folder / "course" / ".venv").exists()


def test_lost_connection_ends_with_what_to_do_and_the_next_start_goes_on(beginner):
    # No such host; pip looks nowhere else.
    lost = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_FIND_LINKS": "",
        "PIP_RETRIES": "0",
        "PIP_CONFIG_FILE": os.devnull,
    }
    for _ in range(2):
        done = beginner.run(PYTHON=sys.executable, **lost)
        assert done.returncode == 1
        assert "If the connection was lost, run the same command again" in done.stdout
        assert not (beginner.folder / "course" / ".venv" / ".ready").exists()
        assert not (beginner.folder / "assignments").exists()
    # Ended while pip was being put into the environment, which then would never have one.
    shutil.rmtree(next((beginner.folder / "course" / ".venv").glob("lib/python*/site-packages/pip")))
    done = beginner.run(PYTHON=sys.executable, **lost)
    assert "Making the environment in .venv" in done.stdout


# What students read and what the marker waits for.


def test_validate_waits_as_long_as_the_marker():
    def timeouts(file):
        execute = PyFileConfigLoader(file.name, path=str(file.parent)).load_config().Execute
        return execute.timeout, execute.startup_timeout

    own = ROOT / "tools" / "student" / "course" / "environment" / "etc" / "jupyter" / "nbgrader_config.py"
    assert timeouts(own) == timeouts(ROOT / "nbgrader_config.py")
