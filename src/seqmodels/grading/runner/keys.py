"""Whether a submission has to be graded again: a key of all that its marks depend on.

The key is written into the graded notebook. A submission whose graded notebook has the key of today is left as it
is. It is made of the files handed in, the assignment as it was handed out, the tests and points in the gradebook,
the date by which it was due, this package, the configuration, and the versions of what runs the notebooks.
"""

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterable
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files
from traitlets.config import Config

import seqmodels
from seqmodels.grading import extensions
from seqmodels.grading.files import MOST_BYTES, UnsafeFile, read_bytes, survey
from seqmodels.grading.runner import course
from seqmodels.grading.sandbox.manager import SandboxedKernelManager

_PACKAGES = (
    "ipykernel",
    "keras",
    "matplotlib",
    "nbclient",
    "nbgrader",
    "numpy",
    "pandas",
    "scikit-learn",
    "scipy",
    "tensorflow",
    "tensorflow-datasets",
)
_MOST_READ = 20 * MOST_BYTES  # of all files together; what comes behind counts as too big
_SOURCES = (".py", ".j2", ".json")


def key(coursedir: CourseDirectory, gradebook: Gradebook, student: str, environment: dict[str, str]) -> str:
    """The key of a student's submission as it is now, where this is what grades."""
    parts = {
        "handed in": _handed_in(course.handed_in(coursedir, student)),
        "assignment": _assignment(coursedir, gradebook),
        "due": str(extensions.due(coursedir, gradebook, student)),
        "environment": environment,
    }
    return _digest(json.dumps(parts, sort_keys=True).encode())


def environment(config: Config, files: Iterable[Path]) -> dict[str, str]:
    """What grades in this process: versions, digests of the package's files, and the configuration.

    Args:
      config: the configuration.
      files: the files that say it.
    """
    root = Path(seqmodels.__file__).parent
    sources = sorted(path for path in root.rglob("*") if path.suffix in _SOURCES and not _is_hidden(path, root))
    versions = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return versions | {
        "python": platform.python_version(),
        "seqmodels": _of_files(root, sources),
        "configuration": _digest(json.dumps([_digest(file.read_bytes()) for file in files]).encode()),
        "sandbox": "on" if SandboxedKernelManager(config=config).sandbox else "off",
    }


def _is_hidden(path: Path, root: Path) -> bool:
    """Whether it is what an editor leaves, such as JupyterLab's checkpoints."""
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _handed_in(folder: Path) -> list:
    found, room, contents = survey(folder), _MOST_READ, []
    for path in found.usable:
        try:
            content = read_bytes(folder / path, min(MOST_BYTES, room))
        except UnsafeFile as error:
            contents.append((str(path), str(error)))  # it is not used, so its content does not matter
        else:
            room -= len(content)
            contents.append((str(path), _digest(content)))
    return [contents, found.refused]


def _assignment(coursedir: CourseDirectory, gradebook: Gradebook) -> list:
    release, source = course.released(coursedir), course.source(coursedir)
    # nbgrader lays the teacher's other files beside the notebook. The notebook's tests it has from the gradebook.
    beside = find_all_files(str(source), [*coursedir.ignore, "*.ipynb"])
    assignment = gradebook.find_assignment(coursedir.assignment_id)
    cells = [
        (notebook.name, cell.name, str(cell.cell_type), cell.source, cell.locked)
        for notebook in assignment.notebooks
        for cell in notebook.source_cells
    ]
    points = [
        (notebook.name, cell.name, cell.max_score) for notebook in assignment.notebooks for cell in notebook.grade_cells
    ]
    return [
        _of_files(release, sorted(map(Path, find_all_files(str(release), coursedir.ignore)))),
        _of_files(source, sorted(map(Path, beside))),
        sorted(cells),
        sorted(points),
    ]


def _of_files(root: Path, paths: list[Path]) -> str:
    return _digest(json.dumps([(str(path.relative_to(root)), _digest(path.read_bytes())) for path in paths]).encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
