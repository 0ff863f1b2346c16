"""What lies in the folder beside the notebook, or in its place: links, pipes, bombs, modules, odd names."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

from nbformat import NotebookNode

from tests.grading import tiny
from tests.grading.attacks.attack import ALL, BLANK, WRONG, Attack, Make, Place, cell, write

FILE = f"{tiny.NAME}.ipynb"
WRITTEN = ("why", "what_next")


def _beside(fill: Callable[[Path, Place], object], source: str = "") -> Make:
    """The notebook with `source` before its first answer, and `fill` called with its folder."""

    def make(folder: Path, notebook: NotebookNode, place: Place) -> None:
        answer = cell(notebook, "add_0")
        answer.source = f"{place.fill_in(source)}\n{answer.source}"
        write(folder, notebook, FILE)
        fill(folder, place)

    return make


def _in_place(fill: Callable[[Path, Place], object]) -> Make:
    """Something else in the place of the notebook."""

    def make(folder: Path, notebook: NotebookNode, place: Place) -> None:
        folder.mkdir(parents=True)
        fill(folder / FILE, place)

    return make


def _module(name: str, source: str):
    def fill(folder: Path, place: Place) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(place.fill_in(source))

    return fill


# What a module does that takes the place of one that the grader imports: every answer right, every check passed.
_TAKES_OVER = """
import builtins, os, sys
with open("@HOME@/@MARK@-module", "w") as file: file.write("x")
class Everything:
    def __eq__(self, other): return True
    def __len__(self): return 2
    def __hash__(self): return 1
for number in range(8):
    setattr(builtins, f"add_{number}", lambda values: Everything())
def __getattr__(name): return Everything()
"""


def _many_modules(folder: Path, place: Place) -> None:
    for name in (
        "numpy.py",
        "nbgrader_config.py",
        "sitecustomize.py",
        "usercustomize.py",
        "ast.py",
        "seqmodels/__init__.py",
    ):
        _module(name, _TAKES_OVER)(folder, place)
    _module("ipython_config.py", "c.InteractiveShellApp.exec_lines = ['add_0 = lambda values: 1']")(folder, place)
    _module(".ipython/profile_default/startup/0.py", _TAKES_OVER)(folder, place)
    _module("jupyter_nbconvert_config.json", "{")(folder, place)
    _module("x.pth", "import os; os.system('touch @HOME@/@MARK@-pth')")(folder, place)


# Modules that are not installed, and that others import if they can.
_OPTIONAL = ("torch", "cupy", "jax", "numexpr", "bottleneck", "sparse", "numba", "pyarrow", "nose", "trio", "curio",
             "uvloop", "pydevd_plugins", "sage", "appnope", "cython", "gmpy2", "pickleshare", "ipyparallel", "qtpy")  # fmt: skip


def _optional_modules(folder: Path, place: Place) -> None:
    for name in _OPTIONAL:
        _module(f"{name}.py", _TAKES_OVER)(folder, place)


def _link(target: str):
    return lambda path, place: path.symlink_to(place.fill_in(target))


def _links(folder: Path, place: Place) -> None:
    (folder / "shadow").symlink_to("/etc/shadow")
    (folder / "answers").symlink_to(place.course / "solutions")
    (folder / "self").symlink_to(".")
    (folder / "book.db").symlink_to(place.course / "gradebook.db")
    (folder / "keep").symlink_to(place.home / f"{place.mark}-kept")
    (folder / "timestamp.txt").symlink_to(place.home / f"{place.mark}-kept")


def _linked_folder(folder: Path, notebook: NotebookNode, place: Place) -> None:
    """The folder of the submission is itself a link, to a folder in which the notebook is."""
    real = folder.parent / "elsewhere"
    write(real, notebook, FILE)
    folder.symlink_to(real)


def _pipe(path: Path, place: Place) -> None:
    os.mkfifo(path)


def _pipes_beside(folder: Path, place: Place) -> None:
    os.mkfifo(folder / "data.csv")
    os.mkfifo(folder / "timestamp.txt")


def _zip_bomb(folder: Path, place: Place) -> None:
    # One gigabyte in one megabyte.
    with (
        zipfile.ZipFile(folder / "data.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("zeros", "w") as inside,
    ):
        for _ in range(1000):
            inside.write(bytes(1_000_000))


def _zip_as_notebook(path: Path, place: Place) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"../../0_honest/{tiny.NAME}/{FILE}", "{}")
        archive.writestr("zeros", bytes(10_000_000))


def _sparse(folder: Path, place: Place) -> None:
    with open(folder / "data.bin", "wb") as file:
        file.truncate(1 << 40)


def _sparse_notebook(path: Path, place: Place) -> None:
    with open(path, "wb") as file:
        file.truncate(1 << 40)


def _many_files(folder: Path, place: Place) -> None:
    for number in range(3000):
        (folder / f"{number}.txt").touch()


def _deep_folders(folder: Path, place: Place) -> None:
    (folder / "/".join(["d"] * 300)).mkdir(parents=True)


def _odd_names(folder: Path, place: Place) -> None:
    names = ("-rf", "a\nb", "a\x1b[2Jb", "$(touch x)", "'; drop table grade; --", "<script>alert(1)<script>", "\u202egpj.exe",
             "数据 файл بيانات 🙂.csv", "a|b`c", "{0}%s", "con", " ", "~", "x" * 200)  # fmt: skip
    for name in names:
        (folder / name).write_text("x")
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe"))).write_text("x")


def _name_of_notebook(folder: Path, notebook: NotebookNode, place: Place) -> None:
    write(folder, notebook, "数据 <b>`|\u202e{0}$(x).ipynb")


def _folder_as_notebook(path: Path, place: Place) -> None:
    (path / FILE).mkdir(parents=True)


def _unreadable(folder: Path, notebook: NotebookNode, place: Place) -> None:
    # As root nothing is unreadable; the grader may not be root.
    write(folder, notebook, FILE).chmod(0o444)
    (folder / "closed").mkdir(mode=0o000)


def _time(content: bytes):
    return lambda folder, place: (folder / "timestamp.txt").write_bytes(content)


def _secret(content: bytes):
    return lambda folder, place: (folder / "submission_secret.txt").write_bytes(content)


_READ = "import glob\nfor name in glob.glob('**', recursive=True):\n    try: print(open(name, errors='replace').read(99999))\n    except OSError as error: print(error)"
_ANSWER = "@COURSE@/solutions/tiny/tiny.ipynb"

ATTACKS = [
    Attack("own_numpy", "numpy.py, sitecustomize.py, a package seqmodels beside the notebook", _beside(_many_modules, "import numpy, ast"), WRONG, ALL,
           notes=("companions", "shadowing")),
    Attack("own_config", "nbgrader_config.py beside the notebook", _beside(_module("nbgrader_config.py", "open('@HOME@/@MARK@-config', 'w')")), notes=("companions",)),
    Attack("own_module_twice", "a package and a module named json", _beside(lambda f, p: [_module("json/__init__.py", _TAKES_OVER)(f, p), _module("json.py", _TAKES_OVER)(f, p)], "import json"),
           WRONG, ALL, notes=("shadowing",)),
    Attack("optional_modules", "modules that libraries import if they are there", _beside(_optional_modules, "import torch"), WRONG, ALL, notes=("companions",), perhaps=("shadowing",)),
    Attack("link_to_solution", "the notebook is a link to the solution", _in_place(_link(_ANSWER)), BLANK, ALL, unanswered=WRITTEN, notes=("left_out", "no_notebook")),
    Attack("link_to_other", "the notebook is a link to another student's", _in_place(_link("@COURSE@/submitted/0_honest/tiny/tiny.ipynb")), BLANK, ALL, unanswered=WRITTEN,
           notes=("left_out", "no_notebook")),
    Attack("link_to_system", "the notebook is a link to /etc/passwd", _in_place(_link("/etc/passwd")), BLANK, ALL, unanswered=WRITTEN, notes=("left_out", "no_notebook")),
    Attack("dangling", "the notebook is a link to nowhere", _in_place(_link("nowhere")), BLANK, ALL, unanswered=WRITTEN, notes=("left_out", "no_notebook")),
    Attack("link_to_itself", "the notebook is a link to itself", _in_place(_link(FILE)), BLANK, ALL, unanswered=WRITTEN, notes=("left_out", "no_notebook")),
    Attack("link_to_zeros", "the notebook is a link to /dev/zero", _in_place(_link("/dev/zero")), BLANK, ALL, unanswered=WRITTEN, notes=("left_out", "no_notebook"),
           stock_is_dangerous="reads for ever"),
    Attack("links", "links to system files, the solution, the gradebook", _beside(_links, _READ), notes=("left_out", "timestamp")),
    Attack("linked_folder", "the folder handed in is a link", _linked_folder),
    Attack("pipe", "the notebook is a pipe", _in_place(_pipe), BLANK, ALL, unanswered=WRITTEN, notes=("left_out", "no_notebook")),
    Attack("pipes", "pipes beside the notebook, one as timestamp.txt", _beside(_pipes_beside), notes=("left_out", "timestamp")),
    Attack("folder", "the notebook is a folder", _in_place(_folder_as_notebook), BLANK, ALL, unanswered=WRITTEN, notes=("no_notebook",)),
    Attack("zip_bomb", "1 GB in a zip archive beside the notebook", _beside(_zip_bomb), notes=("companions",)),
    Attack("zip_notebook", "a zip archive in place of the notebook, with ../ in it", _in_place(_zip_as_notebook), BLANK, ALL, unanswered=WRITTEN, notes=("something_else",)),
    Attack("sparse", "a file of 1 TB that takes no room", _beside(_sparse), notes=("left_out",), stock_is_dangerous="fills the disk"),
    Attack("sparse_notebook", "a notebook of 1 TB that takes no room", _in_place(_sparse_notebook), BLANK, ALL, unanswered=WRITTEN, notes=("too_big",),
           stock_is_dangerous="fills the memory"),
    Attack("many_files", "3,000 files", _beside(_many_files), notes=("companions", "left_out")),
    Attack("deep_folders", "300 folders in one another", _beside(_deep_folders), notes=("left_out",)),
    Attack("odd_file_names", "names with commands, HTML, line breaks, no UTF-8", _beside(_odd_names), notes=("companions", "left_out")),
    Attack("odd_notebook_name", "the notebook's name in other scripts and with markup", _name_of_notebook, notes=("renamed",)),
    # Root may read it.
    Attack("closed_folder", "a folder that nobody may read", _unreadable, perhaps=("left_out",)),
    Attack("time_rubbish", "rubbish in timestamp.txt", _beside(_time(b"\xff\xfe\x00")), notes=("timestamp",)),
    Attack("time_far", "a time of handing in before all times", _beside(_time(b"0001-01-01 00:00:00 UTC"))),
    Attack("time_huge", "a timestamp.txt of 50 MB", _beside(_time(b"2030-01-01 " * 5_000_000)), notes=("timestamp",)),
    Attack("secret_rubbish", "rubbish in submission_secret.txt", _beside(_secret(b"\xff../../x")), notes=("secret",)),
]  # fmt: skip
