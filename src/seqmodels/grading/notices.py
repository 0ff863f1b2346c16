"""Say in the graded notebook itself what was not as it should be with a submission.

The first cell is read by the student, on the feedback page, and by whoever marks in Formgrader. The
teacher's table of all submissions is in report.py.
"""

import datetime

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from seqmodels.grading import messages
from seqmodels.grading.messages import note

_CELL = "about-what-you-handed-in"


class AddNotices(NbGraderPreprocessor):
    """The last step of autograding: a cell at the top of the notebook, if there is something to say."""

    def preprocess(self, notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        asked = resources["nbgrader"]
        with Gradebook(asked["db_url"]) as gradebook:
            seconds = gradebook.find_submission(asked["assignment"], asked["student"]).total_seconds_late
        if seconds > 0:
            messages.add(notebook, [note("late", time=_in_words(seconds))])
        if notes := messages.read(notebook):
            notebook.cells.insert(0, new_markdown_cell(messages.as_markdown(notes), id=_CELL))
            for found in notes:
                self.log.warning("%s: %s %s", asked["student"], found.happened, found.teacher)
        messages.mark_as_graded(notebook)
        return notebook, resources


def _in_words(seconds: float) -> str:
    minutes = round(datetime.timedelta(seconds=seconds) / datetime.timedelta(minutes=1))
    if minutes < 60:
        return f"{max(minutes, 1)} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} days {hours % 24} h"
