"""Lay what students may have of this course into another repository: ``python tools/public.py ../course-public``.

It takes the last commit, without solutions and whatever else tells them, searches the rest for their
lines, and only then replaces the tracked files of the other repository. The history stays
behind: it holds the solutions. To commit and to push is left to you.
"""

import argparse
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from seqmodels.grading.leaks import course_secrets, leaked, text_of

COURSE = Path(__file__).resolve().parent.parent
# The tests hold right answers, and cannot run without the solutions; continuous integration runs the tests.
PRIVATE = ("solutions", "tests", ".ci", ".github")


class PublicError(Exception):
    """A folder that cannot be filled, and why."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Lay what students may have into another repository.")
    parser.add_argument("target", type=Path, metavar="FOLDER", help="the folder of the public repository")
    target = parser.parse_args().target
    try:
        files = publish(COURSE, target)
    except PublicError as error:
        print(f"tools/public.py: {error}", file=sys.stderr)
        return 1
    print(f"{target} holds {files} files of the last commit, and no solution. Look at them, commit and push.")
    return 0


def publish(course: Path, target: Path) -> int:
    """Replace the tracked files of a repository by what is public in the last commit of the course.

    Returns:
      The number of files.

    Raises:
      PublicError: the target is no repository of its own, something in it is not committed, or a
        file would give a solution away.
    """
    if not (target / ".git").exists():
        raise PublicError(f"{target} is not the top folder of a git repository. Make one: git init {target}")
    if target.resolve() == course.resolve():
        raise PublicError(f"{target} is the course itself, with its solutions. Name another repository.")
    if changed := _git(target, "status", "--porcelain").decode().strip():
        raise PublicError(f"{target} has changes that are not committed. Commit them or take them back:\n{changed}")
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch)
        _extract(course, fresh)
        if found := _leaks(course, fresh):
            lines = "\n  ".join(found)
            raise PublicError(
                f"nothing was written, for it would give away what stands in solutions/:\n  {lines}\n"
                "Write these lines otherwise, in the file or in the assignment, and commit."
            )
        for name in filter(None, _git(target, "ls-files", "-z").decode().split("\0")):
            (target / name).unlink()
        shutil.copytree(fresh, target, dirs_exist_ok=True)
        return len(_files(fresh))


def _extract(course: Path, folder: Path) -> None:
    wanted = [".", *(f":(exclude){name}" for name in PRIVATE)]
    archive = _git(course, "archive", "--format=tar", "HEAD", "--", *wanted)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        # git has made it of the course's own files. Python has the filter from 3.11.4 on.
        tar.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))


def _leaks(course: Path, folder: Path) -> list[str]:
    """Each line of a solution, hidden test or rubric that a file gives away."""
    texts = {file: text_of(file.read_bytes()) for file in _files(folder)}
    kept = [secret for own in course_secrets(course).values() for secret in own]
    return [f"{file.relative_to(folder)}: {secret}" for file, text in texts.items() for secret in leaked(kept, text)]


def _files(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*")) if file.is_file()]


def _git(folder: Path, *arguments: str) -> bytes:
    done = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=False)
    if done.returncode != 0:
        raise PublicError(f"git {arguments[0]} failed in {folder}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
