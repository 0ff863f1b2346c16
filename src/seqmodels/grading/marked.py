"""What a person has marked stays marked when the work is graded again, where nothing has changed of what was marked.

nbgrader lets every mark that was given by hand be looked at again, because the work may be another one.
"""

import hashlib
import json
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import SaveAutoGrades

from seqmodels.grading import elsewhere, messages, report
from seqmodels.grading.channel.names import is_test
from seqmodels.grading.matching import grade_id


class SaveGrades(SaveAutoGrades):
    """nbgrader's SaveAutoGrades, which knows what was marked, and asks for a person where an answer stands elsewhere."""

    def preprocess(self, notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        asked = resources["nbgrader"]
        # A preprocessor belongs to an exporter, and that to the converter, which knows what was graded before.
        before = self.parent.parent.marked_before.get(asked["student"], {}).get(asked["notebook"], {})
        now = grounds(notebook)
        self._same = {name for name in now if now[name] == before.get(name)}
        self._beside = messages.own(notebook).get(elsewhere.KEY, [])
        return super().preprocess(notebook, resources)

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        name = grade_id(cell)
        is_marked = utils.is_grade(cell) or utils.is_task(cell)
        was_final = is_marked and self._is_final(name)
        cell, resources = super().preprocess_cell(cell, resources, index)
        if is_marked:
            grade = self._grade(name)
            if name in self._beside:
                grade.auto_score, grade.needs_manual_grade = None, True
                self._comment(name).auto_comment = None  # "No response."
            if was_final:
                grade.needs_manual_grade = name not in self._same
            self.gradebook.db.commit()
        return cell, resources

    def _is_final(self, name: str) -> bool:
        grade = self._grade(name)
        return grade.manual_score is not None and not grade.needs_manual_grade

    def _grade(self, name: str):
        return self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)

    def _comment(self, name: str):
        return self.gradebook.find_comment(name, self.notebook_id, self.assignment_id, self.student_id)


def grounds(notebook: NotebookNode) -> dict[str, str]:
    """A digest of what decides about each mark in a graded notebook, by the name of the marked cell.

    For a test that is the test, and all code of the notebook; for an answer that a person marks it is the answer with its
    pictures, and the student's own cells around it. For both it is how many points there are.
    """
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code" and not is_test(cell)]
    files = messages.own(notebook).get(messages.FILES)
    found = {}
    for place, cell in enumerate(notebook.cells):
        if is_test(cell):
            parts = [cell.source, code, files]
        elif utils.is_grade(cell) or utils.is_task(cell):
            above, below = elsewhere.neighbours(notebook.cells, place)
            parts = [[each.source, each.get("attachments", {})] for each in (*above, cell, *below)]
        else:
            continue
        parts = json.dumps([cell.metadata.nbgrader.get("points"), parts], sort_keys=True)
        found[grade_id(cell)] = hashlib.sha256(parts.encode()).hexdigest()
    return found


def grounds_in(folder: Path) -> dict[str, dict[str, str]]:
    """grounds() of each notebook that was graded to its end in a folder, by its name."""
    finished = [path for path in sorted(folder.glob("*.ipynb")) if report.is_finished(path)]
    return {path.stem: grounds(nbformat.read(path, as_version=4)) for path in finished}
