"""The exchange folder: work that is collected as a whole, and feedback for those who have handed in there.

nbgrader copies work file by file to its place. If it is broken off, it takes what there is for the submission, and no
later ``collect`` mends that.

``nbgrader submit`` puts a secret beside the notebook, and the student's feedback page is named after it. Work
that came by mail or from a learning platform has none: nbgrader's own ``release_feedback`` stops at the first
such student, and the rest of the class gets nothing.
"""

import glob
import os
import shutil
from pathlib import Path

from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseFeedback

from seqmodels.grading import report, timestamps


class Collect(ExchangeCollect):
    """Collect each submission in one step."""

    def do_copy(self, src: str, dest: str, log=None) -> None:
        target = Path(dest)
        unfinished = target.with_name(f".{target.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        super().do_copy(src, str(unfinished), log)
        os.rename(unfinished, target)


class ReleaseFeedback(ExchangeReleaseFeedback):
    """Release the pages that can be fetched, and name those that have to be sent, and those that tell of other marks."""

    def copy_files(self) -> None:
        everybody, unreachable, outdated = self.src_path, [], []
        excluded = self.coursedir.student_id_exclude.split(",")
        for folder in sorted(map(Path, glob.glob(everybody))):
            student = folder.parent.name
            if student in excluded:
                continue
            if not self._is_of_today(folder):
                outdated.append(student)
                continue
            if not (folder / timestamps.SECRET).is_file():
                unreachable.append(student)
                continue
            # nbgrader reads it only for its log.
            (folder / timestamps.FILE).touch()
            self.src_path = glob.escape(str(folder))
            super().copy_files()
        self.src_path = everybody
        if outdated:
            self.log.warning(
                "Not released, as there is no page of their last grading: %s. Run nbgrader generate_feedback %s, after make grade for "
                "those who are not graded",
                "; ".join(outdated),
                self.coursedir.assignment_id,
            )
        if unreachable:
            self.log.warning(
                "Not handed in through the exchange, and so not to be fetched there: %s. Send these pages yourself: %s",
                "; ".join(unreachable),
                Path(everybody, "*.html"),
            )

    def _is_of_today(self, folder: Path) -> bool:
        """Whether there is a page of each graded notebook, and none was made before the notebook was graded."""
        graded = Path(
            self.coursedir.format_path(
                self.coursedir.autograded_directory, folder.parent.name, self.coursedir.assignment_id
            )
        )
        return report.is_of_today(graded, folder)
