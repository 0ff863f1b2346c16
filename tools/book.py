"""Build the book into _build/html: make book.

    python tools/book.py build       check the notebooks, then build, unless nothing has changed
    python tools/book.py linkcheck   look whether the links to other sites still work (needs the network)

The book is built from nothing each time, in a folder of its own, and put in its place when it
is whole: an interrupted or failed build leaves the last good book, and no warning hides because
its page did not change. A finished book bears a hash of everything that it was made from.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from bundle import BundleError, assignments, bundle
from notebooks import faults, read

from seqmodels.quiz import QuizError, load_quiz

ROOT = Path(__file__).resolve().parent.parent
# What lies in the course's folder and is no part of the book.
NOT_INPUT = {".venv", ".git", "_build", "tests", "solutions", "submitted", "autograded", "feedback", "exchange"}
NOT_INPUT |= {"__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".ruff_cache", ".hypothesis", "gradebook.db"}


def notebook_problems(root):
    """What keeps the notebooks from being published, each as one message with its remedy."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    listed = {name.removesuffix(".ipynb") for name in toc_files(toc)}
    on_disk = sorted(p for p in (root / "chapters").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
    problems = []
    for path in on_disk:
        name = path.relative_to(root).with_suffix("").as_posix()
        if name not in listed:
            problems.append(f"{name}.ipynb: on disk, but not in _toc.yml; add a line 'file: {name}' there")
    for path in sorted(root / f"{name}.ipynb" for name in listed):
        if path.exists():
            found = faults(path, root)
            # A notebook that can't be read has no cells to look at.
            problems += found or quiz_problems(path, root)
    return problems


def toc_files(entry):
    """The files that a table of contents names, at any depth."""
    if isinstance(entry, dict):
        for key, value in entry.items():
            if key in ("file", "root"):
                yield value
            else:
                yield from toc_files(value)
    elif isinstance(entry, list):
        for value in entry:
            yield from toc_files(value)


def quiz_problems(path, root):
    """What is wrong with the quizzes that a notebook shows."""
    for cell in read(path).cells:
        for quiz in re.findall(r"show_quiz\(\s*[\"']([^\"']+)[\"']", cell.source if cell.cell_type == "code" else ""):
            try:
                load_quiz(path.parent / quiz)
            except QuizError as error:
                yield f"{path.relative_to(root)}, cell {cell.id}: {error}"


def fingerprint(root):
    """A hash of all that the book is made from: every file, the lock file among them, and its address."""
    digest = hashlib.sha256(os.environ.get("BOOK_ADDRESS", "").encode())
    for path in sorted(input_files(root)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def input_files(root):
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = [name for name in subfolders if name not in NOT_INPUT]
        yield from (Path(folder, name) for name in files if name not in NOT_INPUT)


def sphinx(root, output, *options):
    """Run Jupyter Book; returns whether it found nothing to complain of."""
    # -n: every cross reference must lead somewhere. -W: a warning fails the build.
    program = Path(sys.executable).with_name("jupyter-book")
    command = [program, "build", root, "--path-output", output, "--all", "-W", "-n", "--keep-going", "-q", *options]
    process = subprocess.run(command, cwd=root, stdout=subprocess.DEVNULL)
    return process.returncode == 0


def build(root):
    """Build the book, unless it is there and made from the very same files; returns an exit status."""
    html = root / "_build" / "html"
    stamp = html / ".made-from"
    wanted = fingerprint(root)
    if stamp.exists() and stamp.read_text() == wanted:
        print("Nothing has changed since the book was built.")
        return say_where(html, root)
    problems = notebook_problems(root)
    if problems:
        print(f"*** The book was not built: {len(problems)} problem(s) in the notebooks.", file=sys.stderr)
        print("\n".join(f"    {problem}" for problem in problems), file=sys.stderr)
        return 1
    workshop = root / "_build" / "workshop"
    shutil.rmtree(workshop, ignore_errors=True)
    try:
        pack_assignments(root)
    except BundleError as error:
        print(f"*** The book was not built: {error}", file=sys.stderr)
        return 1
    print("Building the book ...", flush=True)
    if not sphinx(root, workshop):
        print("*** The book was not built. The warnings above say where; mend them and run: make book", file=sys.stderr)
        return 1
    finished = workshop / "_build" / "html"
    (finished / ".made-from").write_text(wanted)
    shutil.rmtree(html, ignore_errors=True)
    finished.rename(html)
    shutil.rmtree(workshop)
    return say_where(html, root)


def pack_assignments(root):
    """Make the archive for students, which pages offer for download."""
    if names := assignments(root):
        bundle(root, names, root / "_build")


def say_where(html, root):
    print(f"The book is in {html.relative_to(root) / 'index.html'}")
    print("Open that file in a browser, or run: make serve")
    return 0


def linkcheck(root):
    workshop = root / "_build" / "linkcheck"
    shutil.rmtree(workshop, ignore_errors=True)
    pack_assignments(root)
    if sphinx(root, workshop, "--builder", "linkcheck"):
        print("Every link to another site works.")
        return 0
    report = next(workshop.rglob("output.txt"), None)
    print(report.read_text() if report else "", file=sys.stderr)
    print("*** Some links do not work; they are listed above.", file=sys.stderr)
    return 1


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("build", "linkcheck"))
    parser.add_argument("--root", type=Path, default=ROOT, help="the course's folder")
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    return build(root) if options.command == "build" else linkcheck(root)


if __name__ == "__main__":
    sys.exit(main())
