"""The model answer and the rubric of a written question, shown where a teacher marks the answers to it.

``nbgrader_config.py`` puts ``Rubric`` among the filters of the formgrader's page. The feedback's page does not use it.
"""

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.coursedir import CourseDirectory
from traitlets.config import LoggingConfigurable

from seqmodels.grading.leaks import MARK_SCHEME, SOLUTION, classified_lines
from seqmodels.grading.rendering import safe_markdown


class Rubric(LoggingConfigurable):
    """A Jinja filter: what the source notebook keeps for the teacher about a cell that is marked by hand, as HTML.

    For any other cell, and where the source notebook is not at hand, the result is empty.
    """

    def __call__(self, cell: NotebookNode, resources: dict) -> str:
        if not (utils.is_grade(cell) and utils.is_solution(cell)):
            return ""
        source = self._source(resources["assignment_id"], resources["notebook_id"])
        if not source.exists():
            self.log.warning("No rubrics can be shown: there is no %s", source)
            return ""
        for original in nbformat.read(source, as_version=4).cells:
            if original.metadata.get("nbgrader", {}).get("grade_id") == cell.metadata.nbgrader.grade_id:
                return safe_markdown(_for_the_teacher(original), original.get("attachments"), with_links=True)
        return ""

    def _source(self, assignment: str, notebook: str) -> Path:
        course = CourseDirectory(parent=self)
        return Path(course.format_path(course.source_directory, ".", assignment)) / f"{notebook}.ipynb"


def _for_the_teacher(cell: NotebookNode) -> str:
    return "\n".join(line for kind, line in classified_lines(cell) if kind in (SOLUTION, MARK_SCHEME))
