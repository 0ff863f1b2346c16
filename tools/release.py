"""Generate assignments/ from solutions/: ``python tools/release.py [NAME ...]``.

The source, solutions/<name>/<name>.ipynb, is checked first. The release is made in a temporary folder by nbgrader,
searched for solutions and hidden tests, and only then put in place. The same source gives the same
bytes, run after run; nbgrader's database is thrown away.
"""

import argparse
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader

from seqmodels.grading.leaks import files_of_secrets, leaked, secrets, text_of
from seqmodels.grading.source import faults

COURSE = Path(__file__).resolve().parent.parent


class ReleaseError(Exception):
    """An assignment that cannot be released, and why."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Generate assignments/ from solutions/.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="an assignment; all of them if none is named")
    names = parser.parse_args().names or assignments(COURSE)
    for name in names:
        try:
            release(name, COURSE)
        except ReleaseError as error:
            print(f"make release: {error}", file=sys.stderr)
            return 1
        print(f"assignments/{name} is generated from solutions/{name}")
    return 0


def assignments(course: Path) -> list[str]:
    """The names of the assignments of a course, in alphabetical order."""
    return sorted({notebook.parent.name for notebook in course.glob("solutions/*/*.ipynb")})


def release(name: str, course: Path) -> None:
    """Put the student's version of an assignment into assignments/, in place of the one that is there."""
    with tempfile.TemporaryDirectory() as scratch:
        generated = generate(name, course, Path(scratch))
        target = course / "assignments" / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(generated, target)


def generate(name: str, course: Path, scratch: Path) -> Path:
    """Make the student's version of an assignment in a scratch folder.

    Returns:
      The folder with the student's version.

    Raises:
      ReleaseError: the source breaks a rule, nbgrader refuses it, or a secret is left in the result.
    """
    source = course / "solutions" / name / f"{name}.ipynb"
    if not source.is_file():
        raise ReleaseError(f"there is no {source}. The assignments are: {', '.join(assignments(course))}.")
    if found := faults(source):
        raise ReleaseError(f"{source.relative_to(course)}:\n  " + "\n  ".join(found))
    _run_nbgrader(name, course, scratch)
    generated = scratch / "release" / name
    notebook = nbformat.read(source, as_version=4)
    kept = secrets(notebook)
    files = sorted(file for file in generated.rglob("*") if file.is_file())
    if found := files_of_secrets(notebook, [file.name for file in files]):
        raise ReleaseError(
            f"students would get what only a solution or a hidden test names: {', '.join(found)}. Attach a picture to the "
            "cell itself and write numbers into it; or name the file where students see it, if they may have it."
        )
    for file in files:
        if found := leaked(kept, text_of(file.read_bytes())):
            lines = "\n  ".join(map(str, found))
            raise ReleaseError(f"the student's {file.name} would hold what it must not:\n  {lines}")
    return generated


def _run_nbgrader(name: str, course: Path, scratch: Path) -> None:
    # nbgrader calls alembic, which lies beside this Python.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.assignment_id = name
    config.CourseDirectory.release_directory = str(scratch / "release")
    config.CourseDirectory.db_url = f"sqlite:///{scratch / 'gradebook.db'}"
    coursedir = CourseDirectory(config=config)
    converter = GenerateAssignment(coursedir=coursedir, config=config)
    # The log is one for the whole process: others want to read it as it was.
    level = converter.log.level
    converter.log.setLevel(logging.ERROR)
    try:
        converter.start()
    except NbGraderException as error:
        raise ReleaseError(f"nbgrader refuses solutions/{name}; its own message is above.") from error
    finally:
        converter.log.setLevel(level)


if __name__ == "__main__":
    sys.exit(main())
