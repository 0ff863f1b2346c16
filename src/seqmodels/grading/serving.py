"""What the teacher's server gives of a submission: downloads, plain text, and pictures drawn anew. Never a page.

Whoever marks is logged in to that server, and may read, write and run everything by it. nbgrader serves the files beside
a notebook as what they call themselves, so that a page among them has the same rights, if somebody only follows a link
to it; Jupyter lets it run apart from these, and starts a kernel in the folder of whatever notebook is opened, where any
file may stand in for a module that Python needs to start. No setting changes this. nbgrader_config.py is read before
the first page is served, and calls install(), which puts the functions below in the place of theirs.
"""

import asyncio
import functools
import os
from pathlib import Path

from jupyter_server.base.handlers import AuthenticatedFileHandler
from jupyter_server.nbconvert.handlers import NbconvertFileHandler
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
from nbgrader.api import MissingEntry
from nbgrader.apps import ZipCollectApp
from nbgrader.coursedir import CourseDirectory
from nbgrader.server_extensions.formgrader import handlers
from nbgrader.server_extensions.formgrader.base import check_notebook_dir, check_xsrf
from tornado import web

from seqmodels.grading import pictures
from seqmodels.grading.wording import NOT_RUN_HERE, OTHER_COURSE

_POLICY = "sandbox; default-src 'none'"
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
_TEXTS = (".txt", ".csv", ".tsv", ".md", ".py", ".json", ".log")
_LONGEST_TEXT = 5_000_000  # bytes; what is longer is downloaded
_MOST_NAMES = 100
_AT_ONCE = 1_000_000  # bytes that are sent at a time


def install() -> None:
    """Serve submissions as this module says, in Formgrader and beside it. Doing so again changes nothing."""
    handlers.SubmissionFilesHandler.get = _give_file
    handlers.SubmissionFilesHandler.compute_etag = lambda handler: None  # tornado's is for files as they are
    handlers.FormgraderHandler.get = _open_formgrader
    for handler in (AuthenticatedFileHandler, NbconvertFileHandler):
        _wrap(handler, "get", _without_rights)
    _wrap(MappingKernelManager, "cwd_for_path", _no_kernel_among_students)


def files_beside(resources: dict) -> list[str]:
    """A Jinja filter: what lies beside the notebook of a page, as paths that Formgrader serves under its address."""
    folder = Path(resources["metadata"]["path"])
    names = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    return [name for name in names if name not in (f"{resources['notebook_id']}.ipynb", "timestamp.txt")][:_MOST_NAMES]


def _for_teachers(method):
    """What nbgrader has before each of its own."""
    return web.authenticated(check_xsrf(check_notebook_dir(method)))


@_for_teachers
async def _give_file(handler: web.RequestHandler, path: str, include_body: bool = True) -> None:
    """Answer with a file beside a graded notebook, in the place of nbgrader's SubmissionFilesHandler.get."""
    file = _file_of_submission(handler, path)
    kind, data = await asyncio.to_thread(_shown, file)
    handler.set_header("Content-Type", kind)
    _take_rights(handler)
    if data is None:
        handler.set_attachment_header(file.name)
    if not include_body:
        return
    if data is not None:
        handler.write(data)
        return
    with file.open("rb") as stream:
        while part := stream.read(_AT_ONCE):
            handler.write(part)
            await handler.flush()


def _file_of_submission(handler: web.RequestHandler, path: str) -> Path:
    submission_id, _, name = path.partition("/")
    try:
        submission = handler.gradebook.find_submission_notebook_by_id(submission_id)
    except MissingEntry as error:
        raise web.HTTPError(404, f"There is no submission {submission_id}") from error
    course = handler.coursedir
    assignment, student = submission.assignment.assignment.name, submission.student.id
    folder = Path(course.format_path(course.autograded_directory, student, assignment)).resolve()
    if "\0" not in name:
        file = (folder / name).resolve()
        if file.is_relative_to(folder) and file.is_file():
            return file
    raise web.HTTPError(404, "There is no such file beside the notebook")


def _shown(file: Path) -> tuple[str, bytes | None]:
    """What a browser may show of a file, as a media type and bytes; no bytes for what is downloaded."""
    size, suffix = file.stat().st_size, file.suffix.lower()
    if suffix in _PICTURES and size <= pictures.MOST_BYTES:
        try:
            picture = pictures.safe(file.read_bytes())
        except pictures.Refused:
            pass
        else:
            return picture.kind, picture.data
    if suffix in _TEXTS and size <= _LONGEST_TEXT:
        return "text/plain; charset=utf-8", file.read_bytes()
    return "application/octet-stream", None


def _take_rights(handler: web.RequestHandler) -> None:
    handler.set_header("X-Content-Type-Options", "nosniff")
    handler.set_header("Content-Security-Policy", _POLICY)
    handler.set_header("Cache-Control", "no-store")


@_for_teachers
def _open_formgrader(handler: web.RequestHandler) -> None:
    """Open the course of this server, in the place of nbgrader's FormgraderHandler.get.

    nbgrader takes a folder from the address, and reads the nbgrader_config.py in it. That is a program, and the folder
    may be a student's.
    """
    course = os.path.realpath(handler.coursedir.root)
    asked = os.path.realpath(handler.get_argument("path", "") or course)
    if asked == course:
        handler.redirect(f"{handler.base_url}/formgrader/manage_assignments")
        return
    handler.set_status(403)
    handler.set_header("Content-Type", "text/plain; charset=utf-8")
    handler.finish(OTHER_COURSE.format(course=course, asked=asked))


def _without_rights(get, handler: web.RequestHandler, *arguments: str, **options: object):
    """Jupyter's own answer, as a download where the file is of a student."""
    path = str(options.get("path") or arguments[-1]).strip("/")
    if _is_of_students(handler.settings, Path(handler.contents_manager.root_dir, path)):
        _take_rights(handler)
        handler.set_attachment_header(path.rpartition("/")[2])
    return get(handler, *arguments, **options)


def _no_kernel_among_students(cwd_for_path, kernels: MappingKernelManager, path: str, **options: object) -> str:
    folder = cwd_for_path(kernels, path, **options)
    server = getattr(kernels.parent, "web_app", None)
    if server is not None and _is_of_students(server.settings, Path(folder)):
        raise web.HTTPError(403, NOT_RUN_HERE.replace("\n", " "))
    return folder


def _is_of_students(settings: dict, path: Path) -> bool:
    """Whether a path leads to what students have handed in."""
    course: CourseDirectory = settings["nbgrader_formgrader"].coursedir
    folders = (
        course.submitted_directory,
        course.autograded_directory,
        ZipCollectApp.downloaded_directory.default_value,
    )
    return any(path.resolve().is_relative_to(Path(course.root, folder).resolve()) for folder in folders)


def _wrap(owner: type, name: str, around) -> None:
    """Let a function have its hands on each call of a method, once."""
    method = getattr(owner, name)
    if hasattr(method, "__wrapped_by_course__"):
        return

    @functools.wraps(method)
    def wrapped(self, *arguments, **options):
        return around(method, self, *arguments, **options)

    wrapped.__wrapped_by_course__ = True
    setattr(owner, name, wrapped)
