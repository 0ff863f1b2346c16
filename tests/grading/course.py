"""A course folder, an exchange and a student's home in a temporary folder, and real nbgrader commands in them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry

from seqmodels.grading.formulas import mathjax_script
from tests.patience import PATIENCE_WITH_COMMANDS

ROOT = Path(__file__).resolve().parents[2]


class Course:
    """A course as one teacher has it, with nothing of the machine's user in it.

    Attributes:
      folder: the course folder, with nbgrader_config.py and solutions/.
      exchange: the folder through which teacher and students exchange files.
    """

    def __init__(self, folder: Path):
        self.folder = folder / "course"
        self.exchange = folder / "exchange"
        self._home = folder / "home"
        for made in (self.folder, self.exchange, self._home):
            made.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "nbgrader_config.py", self.folder)

    def copy_source(self, assignment: str) -> None:
        """Take the source of an assignment of this repository into the course."""
        shutil.copytree(ROOT / "solutions" / assignment, self.folder / "solutions" / assignment)

    def nbgrader(self, *arguments: str, cwd: Path | None = None, fails: bool = False) -> str:
        """Run an nbgrader command and return all that it prints; by default in the course folder.

        Raises:
          AssertionError: the command failed, or did not fail where it should.
        """
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments],
            cwd=cwd or self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE_WITH_COMMANDS,
            check=False,
        )
        expected = "fail" if fails else "succeed"
        assert (done.returncode != 0) == fails, f"nbgrader {' '.join(arguments)} did not {expected}:\n{done.stdout}"
        return done.stdout

    def environment(self) -> dict[str, str]:
        """The environment of the commands: a home of its own, and the programs of this Python first."""
        own = {
            "HOME": str(self._home),
            "IPYTHONDIR": str(self._home / "ipython"),
            "JUPYTER_CONFIG_DIR": str(self._home / "jupyter"),
            "JUPYTER_DATA_DIR": str(self._home / "jupyter-data"),
            "JUPYTER_RUNTIME_DIR": str(self._home / "jupyter-runtime"),
            "NBGRADER_EXCHANGE": str(self.exchange),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        }
        return os.environ | own

    def put_submission(self, student: str, assignment: str, notebook: nbformat.NotebookNode) -> None:
        """Lay a notebook where ``nbgrader collect`` would have put it."""
        path = self.folder / "submitted" / student / assignment / f"{assignment}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)

    def notebook(self, step: str, assignment: str, student: str = ".") -> nbformat.NotebookNode:
        """The notebook of an assignment at one of nbgrader's steps, such as "solutions" or "autograded"."""
        return nbformat.read(self.folder / step / student / assignment / f"{assignment}.ipynb", as_version=4)

    def gradebook(self) -> Gradebook:
        """The course's gradebook, to be used in a with statement."""
        return Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}", course_id="seqmodels")

    def marks(self, assignment: str, student: str) -> dict[str, float | None]:
        """What the autograder gave a student for each marked cell; None where a person has to read it."""
        with self.gradebook() as gradebook:
            try:
                submission = gradebook.find_submission_notebook(assignment, assignment, student)
            except MissingEntry:
                raise AssertionError(f"The gradebook holds no submission of {student}") from None
            return {grade.name: grade.auto_score for grade in submission.grades}


def feedback_html(page: Path) -> str:
    """The HTML of a feedback page, without the script that draws formulas: 2 MB that are the same on each."""
    return page.read_text(encoding="utf-8").replace(mathjax_script("tex-svg-full.js"), "")
