"""``python -m seqmodels.grading.sending ASSIGNMENT``: all feedback pages in one archive for Moodle or Canvas.

Both take files for many students at once, and know by the names that they gave to the downloads whose each is. Those
names lie where nbgrader zip_collect has unpacked them. Written after mod/assign/feedback/file in Moodle's source, and
after infer_comment_context_from_filename in that of Canvas.
"""

import argparse
import dataclasses
import sys
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from nbgrader.apps import ZipCollectApp
from nbgrader.coursedir import CourseDirectory

from seqmodels.grading import report, roster
from seqmodels.grading.collect import folder_of, replies
from seqmodels.grading.files import MEGABYTE
from seqmodels.grading.runner import course
from seqmodels.grading.runner.course import WrongUse

_OF_MOODLE = "_/"  # ends a name for Moodle, which is that of a folder


@dataclasses.dataclass(frozen=True)
class Packed:
    """What became of the pages.

    Attributes:
      pages: the pages to send, by their names in the archive.
      elsewhere: students whose work did not come from a platform, or who may be taken for another one there.
      outdated: students of whom there is no page of their last grading.
    """

    pages: dict[str, Path]
    elsewhere: list[str]
    outdated: list[str]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m seqmodels.grading.sending",
        description="Pack the feedback pages of an assignment for Moodle or Canvas. Run nbgrader generate_feedback first.",
    )
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="the assignment's name")
    parser.add_argument("--most", type=float, metavar="MB", help="how big one archive may be (default: all in one)")
    options = parser.parse_args(arguments)
    try:
        coursedir, config, _ = course.load(Path.cwd(), options.assignment)
        packed = pack(coursedir, ZipCollectApp(config=config))
    except WrongUse as error:
        print(f"make feedback-zip: {error}", file=sys.stderr)
        return 2
    target = Path(coursedir.feedback_directory, f"{options.assignment}.zip")
    for path, names in write(packed.pages, target, options.most):
        print(f"{path} holds the pages of {len({name.rpartition('/')[0] or name for name in names})} students.")
    if any(_OF_MOODLE not in name for name in packed.pages):
        print("Canvas will show each page under the name of the notebook that was handed in.")
    if packed.elsewhere:
        print(
            "Not downloaded from Moodle or Canvas, or not certain of whom, so send these pages yourself: "
            f"{'; '.join(packed.elsewhere)}"
        )
    if packed.outdated:
        print(
            f"Left out, as there is no page of their last grading: {'; '.join(packed.outdated)}. Run nbgrader "
            f"generate_feedback {options.assignment}, after make grade for those who are not graded."
        )
    return 0


def pack(coursedir: CourseDirectory, app: ZipCollectApp) -> Packed:
    """Find the pages, and what each is to be called.

    Args:
      coursedir: the course, with the assignment.
      app: zip_collect, as it is configured.

    Raises:
      WrongUse: there is nothing to send.
    """
    assignment = coursedir.assignment_id
    folder = folder_of(app, coursedir, app.extracted_directory)
    downloaded = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]
    notebooks = {path.stem for path in course.released(coursedir).glob("*.ipynb")}
    names = replies(downloaded, notebooks, roster.known(coursedir))
    packed = Packed({}, [], [])
    for student in course.students(coursedir):
        feedback = Path(coursedir.format_path(coursedir.feedback_directory, student, assignment))
        if not report.is_of_today(course.graded(coursedir, student), feedback):
            packed.outdated.append(student)
        elif student not in names:
            packed.elsewhere.append(student)
        else:
            packed.pages.update({names[student] + page.name: page for page in sorted(feedback.glob("*.html"))})
    if not packed.pages:
        raise WrongUse(
            f"There is no page of {assignment} for anybody whose work was downloaded from Moodle or Canvas. "
            f"Run nbgrader zip_collect {assignment}, make grade and nbgrader generate_feedback {assignment} before."
        )
    return packed


def write(pages: dict[str, Path], target: Path, most: float | None) -> Iterable[tuple[Path, list[str]]]:
    """Write the pages into an archive, or into several, none of them bigger than so many MB if a page is not.

    Returns:
      The path of each, with the names of the pages in it.
    """
    parts, room = [[]], float("inf") if most is None else most * MEGABYTE
    left = room
    for name, page in pages.items():
        size = len(zlib.compress(page.read_bytes())) + 4 * len(name.encode()) + 200  # with what is noted about it
        if parts[-1] and size > left:
            parts.append([])
            left = room
        parts[-1].append(name)
        left -= size
    for number, names in enumerate(parts, start=1):
        path = target if len(parts) == 1 else target.with_stem(f"{target.stem}-{number}")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.write(pages[name], name)
        yield path, names


if __name__ == "__main__":
    sys.exit(main())
