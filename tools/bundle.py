"""Pack what a student needs into one archive: ``python tools/bundle.py [NAME ...]``.

The archive holds the students' versions of the assignments, the library, a lock file with what these need, and
tools/student: a page of instructions and the script that sets all of it up. Every file is searched for
solutions, hidden tests and mark schemes first. The same course gives the same bytes, on any machine.
"""

import argparse
import hashlib
import os
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from seqmodels.grading.leaks import course_secrets, leaked, text_of

COURSE = Path(__file__).resolve().parent.parent

# The folder in the archive. Without the version: a newer archive is unpacked over an older one.
TOP = "seqmodels"
# What setup.sh and start.sh work with lies in here; students work beside it, in "assignments",
# which the archive never holds.
MACHINERY = "course"
SUMS = f"{MACHINERY}/SHA256SUMS"

# Files of the repository that are taken as they are.
TAKEN = ["pyproject.toml", "LICENSE", "LICENSE-TEXT", "requirements/data.lock", "tools/setup.sh"]
TAKEN_FOLDERS = ["src/seqmodels", "etc"]
NOT_TAKEN = {"__pycache__", ".ipynb_checkpoints", "runner"}  # the last grades a whole class

LOCK_HEADING = """\
# The part of the course's lock file that its library and its assignments need; tools/bundle.py picks it.
"""


class BundleError(Exception):
    """A bundle that cannot be made, and why."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Pack what a student needs into one archive.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="an assignment; all of them if none is named")
    names = parser.parse_args().names or assignments(COURSE)
    try:
        archive = bundle(COURSE, names, COURSE / "_build")
    except BundleError as error:
        print(f"make student-bundle: {error}", file=sys.stderr)
        return 1
    print(f"{archive.relative_to(COURSE)} holds {', '.join(names)} and what they need.")
    return 0


def assignments(course: Path) -> list[str]:
    """The names of the assignments that students can get, in alphabetical order."""
    return sorted(notebook.stem for notebook in course.glob("assignments/*/*.ipynb"))


def bundle(course: Path, names: Iterable[str], folder: Path) -> Path:
    """Write the archive into a folder.

    Args:
      course: the course's folder.
      names: the assignments to pack.
      folder: where the archive goes; it is made if it isn't there.

    Returns:
      The path of the archive, whose name bears the course's version.

    Raises:
      BundleError: an assignment is unknown, or a file would give a secret away.
    """
    files = contents(course, names)
    check(files, course)
    project = tomllib.loads((course / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{TOP}-{project['version']}-student.zip"
    unfinished = archive.with_suffix(".part")
    write(files, unfinished)
    return unfinished.replace(archive)


def contents(course: Path, names: Iterable[str]) -> dict[str, bytes]:
    """What the archive holds: the bytes of each file by its path below the archive's folder."""
    files = _tree(course / "tools" / "student")
    for name in TAKEN:
        files[f"{MACHINERY}/{name}"] = (course / name).read_bytes()
    for name in TAKEN_FOLDERS:
        files |= _tree(course / name, f"{MACHINERY}/{name}/")
    for name in names:
        if name not in assignments(course):
            raise BundleError(f"there is no assignments/{name}. There are: {', '.join(assignments(course))}.")
        files |= _tree(course / "assignments" / name, f"{MACHINERY}/assignments/{name}/")
    files[f"{MACHINERY}/requirements/course.lock"] = student_lock(course).encode()
    files[SUMS] = _sums(files).encode()
    return dict(sorted(files.items()))


def student_lock(course: Path) -> str:
    """The part of the course's lock file that a student needs.

    The resolver has written below each package which others ask for it ("# via"). Followed from what
    pyproject.toml asks for, these lines lead to everything needed on any machine, and nothing is
    resolved anew: each package has the version and the hashes with which the course is tested.
    """
    project = tomllib.loads((course / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked_for = [*project["dependencies"], *project["optional-dependencies"]["assignments"]]
    entries = lock_entries((course / "requirements" / "course.lock").read_text(encoding="utf-8"))
    needed = {canonicalize_name(Requirement(line).name) for line in asked_for}
    if missing := needed - {name for name, _, _ in entries}:
        raise BundleError(f"requirements/course.lock lacks {', '.join(sorted(missing))}. Run 'make lock'.")
    count = 0
    while count < len(needed):
        count = len(needed)
        needed |= {name for name, via, _ in entries if via & needed}
    return LOCK_HEADING + "".join(text for name, _, text in entries if name in needed)


def lock_entries(text: str) -> list[tuple[str, set[str], str]]:
    """Each entry of a lock file: name of the package, names of those that ask for it, and its lines."""
    entries = []
    # An entry begins at the left margin; a package has several where its version depends on the machine.
    for entry in re.findall(r"^[^\s#].*\n(?:[ \t].*\n)*", text, flags=re.MULTILINE):
        name = canonicalize_name(re.match(r"[\w.-]+", entry)[0])
        _, _, via = entry.partition("    # via")
        entries.append((name, {canonicalize_name(asker) for asker in re.findall(r"^[ #]*([\w.-]+)", via, re.M)}, entry))
    return entries


def check(files: dict[str, bytes], course: Path) -> None:
    """Refuse files that give away a solution, a hidden test or a mark scheme of any assignment.

    A copy of the course without solutions, as tools/public.py makes it, was searched when it was made.

    Raises:
      BundleError: says which file holds what.
    """
    sources = sorted(course.glob("solutions/*/*.ipynb"))
    packed = {Path(name).stem for name in files if name.endswith(".ipynb")}
    unknown = packed - {source.stem for source in sources}
    if unknown and (course / "solutions").is_dir():
        raise BundleError(f"solutions/ has no source of {', '.join(sorted(unknown))}, so nobody knows what is secret.")
    texts = {name: text_of(content) for name, content in files.items()}
    kept = [secret for own in course_secrets(course).values() for secret in own]
    found = [f"{name} would hold the {secret}" for name, text in texts.items() for secret in leaked(kept, text)]
    if found:
        raise BundleError("students would get what they must not:\n  " + "\n  ".join(found))


def write(files: dict[str, bytes], archive: Path) -> None:
    """Write the archive. Not compressed, for compressors differ between machines; it is small enough."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as out:
        for name, content in files.items():
            info = zipfile.ZipInfo(f"{TOP}/{name}", date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system = 3  # Unix, whose file modes follow
            info.external_attr = (0o755 if name.endswith(".sh") else 0o644) << 16
            out.writestr(info, content)


def _tree(folder: Path, prefix: str = "") -> dict[str, bytes]:
    """The files below a folder, but for what programs and editors leave there."""
    files = {}
    for parent, subfolders, names in os.walk(folder):
        subfolders[:] = [name for name in subfolders if _is_taken(name)]
        for path in (Path(parent, name) for name in names if _is_taken(name)):
            files[prefix + path.relative_to(folder).as_posix()] = path.read_bytes()
    return files


def _is_taken(name: str) -> bool:
    return name not in NOT_TAKEN and not name.startswith(".")


def _sums(files: dict[str, bytes]) -> str:
    """Checksums as ``sha256sum --check`` reads them. They also tell start.sh whether it has seen these files."""
    return "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))


if __name__ == "__main__":
    sys.exit(main())
