"""nbgrader's configuration for this course; every nbgrader command run in this folder reads it."""

import os

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    GetGrades,
    IgnorePattern,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
)

try:
    from seqmodels.grading import collect, converter, roster, serving, templates, validation
    from seqmodels.grading.execute import ExecuteToTheEnd
    from seqmodels.grading.feedback import HideTests
    from seqmodels.grading.handing_out import ClearBeside
    from seqmodels.grading.marked import SaveGrades
    from seqmodels.grading.notices import AddNotices
    from seqmodels.grading.rebuild import Rebuild
    from seqmodels.grading.revision import GenerateAssignment
    from seqmodels.grading.summary import Summarise
except ImportError as error:
    # nbgrader would only log it, and then grade by its own rules and without a sandbox.
    raise SystemExit(
        f"nbgrader_config.py cannot be loaded ({error}). Run make setup, and use the nbgrader in .venv/bin."
    ) from error

c = get_config()  # noqa: F821

# Kernels started by nbgrader inherit these. Anything on stderr makes a test cell score 0.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("NO_GCE_CHECK", "true")

c.CourseDirectory.course_id = "seqmodels"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"
# submitted/, autograded/, feedback/ and gradebook.db keep nbgrader's own names; git ignores them.

# The folder through which teacher and students exchange files; nbgrader's own default unless it is named.
if "NBGRADER_EXCHANGE" in os.environ:
    c.Exchange.root = os.path.abspath(os.environ["NBGRADER_EXCHANGE"])

# Of a solution nothing goes out, not even a picture that is attached to it.
# The whole list: what is only appended to, a server that loads this file several times appends again and again.
c.GenerateAssignment.preprocessors = [*GenerateAssignment.preprocessors.default(), ClearBeside]

# Nothing of a submission is served as a page, or run, on the server on which a teacher marks.
serving.install()

# Every submission is taken in, built anew from the assignment, run to its end, and told what was amiss.
converter.install()
c.Autograde.sanitize_preprocessors = [
    Rebuild,
    ClearOutput,
    DeduplicateIds,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]
c.Autograde.autograde_preprocessors = [
    ExecuteToTheEnd,
    IgnorePattern,
    LimitOutput,
    SaveGrades,
    AssignLatePenalties,
    CheckCellMetadata,
    AddNotices,
]

# What students ask before they hand in is answered as it will be when their work is marked.
validation.install()

c.Execute.timeout = 180  # seconds for one cell: the longest trains a model
c.ExecuteToTheEnd.total_timeout = 900  # seconds for one notebook
c.Execute.startup_timeout = 120
c.Execute.shutdown_kernel = "immediate"
c.OverwriteCells.add_missing_cells = True  # a test that a student deletes comes back, and fails

# Feedback in words, without the hidden tests, without HTML that a student wrote, and of a size that can be read.
c.GenerateFeedback.force = True  # the page of an earlier grading, or half a page, does not stay
c.GenerateFeedback.preprocessors = [GetGrades, Summarise, HideTests, CSSHTMLHeaderPreprocessor]
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {
    "markdown2html": "seqmodels.grading.rendering.page_markdown",
    "highlight_code": "seqmodels.grading.rendering.page_code",
    "course_markdown": "seqmodels.grading.rendering.course_markdown",
    "clean_html": "seqmodels.grading.rendering.page_output",
    "ansi2html": "seqmodels.grading.rendering.safe_ansi",
    "visible": "seqmodels.grading.markup.visible",
    "strip_files_prefix": "seqmodels.grading.rendering.unchanged",
    "as_typed": "seqmodels.grading.rendering.page_text",
    "within_page": "seqmodels.grading.rendering.page_outputs",
    "files_beside": "seqmodels.grading.serving.files_beside",
    "rubric": "seqmodels.grading.rubrics.Rubric",
    "of_every_page": "seqmodels.grading.templates.text_of",
    "mathjax_script": "seqmodels.grading.formulas.mathjax_script",
    "page_policy": "seqmodels.grading.formulas.page_policy",
    "script_hash": "seqmodels.grading.formulas.script_hash",
}
# Rubrics beside the answers in the formgrader, and formulas without the network there and in the feedback.
c.HTMLExporter.extra_template_basedirs = [templates.OWN, templates.NBGRADERS]
c.HTMLExporter.extra_template_paths = [templates.NBGRADERS]

# Marks in a CSV file that a spreadsheet and a learning platform read safely.
c.ExportApp.plugin_class = "seqmodels.grading.export.MarksExport"

# Lists of students as spreadsheets save them: all of a list is imported, or nothing.
roster.install()

# Downloads from learning platforms: whose is which file.
c.ZipCollectApp.extractor_plugin = "seqmodels.grading.unpack.Unpacker"
c.ZipCollectApp.collector_plugin = "seqmodels.grading.collect.Collector"
collect.install()

# What is collected is there as a whole or not at all, so that the next collect can go on.
c.ExchangeFactory.collect = "seqmodels.grading.exchange.Collect"
# Feedback through the exchange also where some of the class have handed in otherwise.
c.ExchangeFactory.release_feedback = "seqmodels.grading.exchange.ReleaseFeedback"
