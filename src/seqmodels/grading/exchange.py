"""Feedback through the exchange folder for those who have handed in there, whatever way the others have chosen.

``nbgrader submit`` puts a secret beside the notebook, and the student's feedback page is named after it. Work
that came by mail or from a learning platform has none: nbgrader's own ``release_feedback`` stops at the first
such student, and the rest of the class gets nothing.
"""

import glob
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback

from seqmodels.grading import timestamps


class ReleaseFeedback(ExchangeReleaseFeedback):
    """Release the pages that can be fetched, and name those that have to be sent."""

    def copy_files(self) -> None:
        everybody, unreachable = self.src_path, []
        excluded = self.coursedir.student_id_exclude.split(",")
        for folder in sorted(map(Path, glob.glob(everybody))):
            student = folder.parent.name
            if student in excluded or not any(folder.glob("*.html")):
                continue
            if not (folder / timestamps.SECRET).is_file():
                unreachable.append(student)
                continue
            # nbgrader reads it only for its log.
            (folder / timestamps.FILE).touch()
            self.src_path = glob.escape(str(folder))
            super().copy_files()
        self.src_path = everybody
        if unreachable:
            self.log.warning(
                "Not handed in through the exchange, and so not to be fetched there: %s. Send these pages yourself: %s",
                "; ".join(unreachable),
                Path(everybody, "*.html"),
            )
