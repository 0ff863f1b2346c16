"""How one run of pytest covers tests/, chapters/ and solutions/.

It stands at the top, so that ``pytest chapters/recurrence/lstm.ipynb`` finds it as well. What the machine lacks is
said before anything begins; what takes long comes last; and how long everything took is kept in _build/reports/.
"""

import functools
import importlib
import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import absl.logging
import psutil
import pytest
from xdist.scheduler import LoadScopeScheduling

from tests import machine, seconds
from tests.grading import kept, measured

# What is quick to fail comes first, then the notebooks, then what grades submissions; the longest of each begin first.
ORDER = (
    "tests/test_lint.py",
    "tests/test_spelling.py",
    "tests/grading/test_measured.py",
    "tests/grading/test_kept.py",
    "tests/book/test_links.py",  # which needs the book, so that it is built beside what follows
    "tests/pretrained/",
    "tests/datasets/",
    "tests/notebooks/",
    "tests/test_",
    "tests/book/",
    "solutions/",
    "chapters/recurrence/",
    "chapters/",
    "tests/grading/test_browser_round.py",
    "tests/grading/test_attacks.py",
    "tests/grading/test_runner.py",
    "tests/grading/test_round.py",
    "tests/grading/test_pages.py",
    "tests/grading/test_mishaps.py",
    "tests/grading/test_distributed.py",
    "tests/grading/test_sandbox.py",
    "tests/grading/test_marks.py",
    "tests/grading/",
)

# A file whose tests mostly wait, and take a quarter of an hour one after the other; each part makes its class anew.
WAITING, PARTS = "tests/grading/test_runner.py", 3

HERE = Path(__file__).resolve().parent
# A notebook that trains, or a submission that fills what it may have of memory.
BYTES_OF_EACH = 4 << 30


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(name): a need of tests/machine.py, without which the test is skipped")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("NO_GCE_CHECK", "true")
    machine.grade_without_sandbox()
    # One moment for all processes, as submissions are graded by turns.
    os.environ.setdefault("MARKS_AT", measured.now())
    # nbgrader calls alembic, which lies beside this Python.
    os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    # Kernels read neither the settings nor the start-up files of whoever runs the tests.
    own = tempfile.mkdtemp(prefix="seqmodels-tests-")
    config.add_cleanup(functools.partial(shutil.rmtree, own, ignore_errors=True))
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR"):
        os.environ[name] = own
    # TensorFlow's log keeps the stderr that it finds, which is pytest's own file; a traitlets application that sets up
    # logging in a later test would have it closed, unless it is the process's own stderr.
    absl.logging.get_absl_handler().python_handler.stream = sys.__stderr__
    # Matplotlib says on stderr that it looks for fonts, when it does so for the first time and slowly: once, here.
    os.environ.setdefault("MPLCONFIGDIR", str(config.rootpath / "_build" / "matplotlib"))
    if not hasattr(config, "workerinput"):
        importlib.import_module("matplotlib.font_manager")
        config.pluginmanager.register(seconds.Seconds(config.rootpath), "seconds")
        # Not where this file serves the tests of the checks themselves, in a folder of their own.
        if config.rootpath == HERE and not config.option.collectonly and (lacking := _lacking()):
            pytest.exit(f"where CI=true everything has to be there:\n{lacking}", returncode=pytest.ExitCode.USAGE_ERROR)
    else:
        # Several notebooks at a time on a few cores: with a pool of threads each they get in each other's way.
        for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            os.environ[name] = "1"


def _in_ci() -> bool:
    return os.environ.get("CI") == "true"


def _lacking() -> str:
    """What a machine for continuous integration lacks."""
    missing = machine.missing().items() if _in_ci() else ()
    return "\n".join(f"no {name}. {need.remedy}" for name, need in missing if need.expected)


def pytest_report_header(config: pytest.Config) -> list[str]:
    return machine.summary()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    _leave_out(config, items)
    if out := kept.left_out(items, measured.wanted()):
        left = set(out)
        items[:] = [item for item in items if item not in left]
        config.hook.pytest_deselected(items=out)
    items.sort(key=_rank)


def _leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run; where nobody expects it to, take it out."""
    kept, out = [], []
    for item in items:
        missing = [name for name in machine.needs_of(item) if name in machine.missing()]
        if any(not machine.NEEDS[name].expected for name in missing):
            out.append(item)
            continue
        kept.append(item)
        for name in missing:
            item.add_marker(pytest.mark.skip(reason=f"no {name}. {machine.NEEDS[name].remedy}"))
    if out:
        items[:] = kept
        config.hook.pytest_deselected(items=out)


def _rank(item: pytest.Item) -> int:
    path = item.path.relative_to(item.config.rootpath).as_posix()
    return next((rank for rank, start in enumerate(ORDER) if path.startswith(start)), len(ORDER))


class ByFile(LoadScopeScheduling):
    """Give a process a whole file at a time: the cells of a notebook share a kernel, the tests of a file fixtures.

    Tests whose parameters begin with "batch ... :" are given out by the batch, and those of a long file that mostly wait
    in a few parts. pytest-xdist's own way to say this, --dist=loadgroup, has no effect under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        batch = re.search(r"\[(batch [^:]*):", test)
        if file == WAITING:
            return f"{file} {int(measured.digest(test), 16) % PARTS}"
        return file + (batch[1] if batch else "")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process more than cores, as many tests wait for a limit, but no more than the memory holds."""
    asked = os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS")  # as pytest-xdist's own
    held = round(psutil.virtual_memory().total / BYTES_OF_EACH)
    return int(asked or max(1, min((psutil.cpu_count() or 1) + 1, held)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log) -> ByFile:
    return ByFile(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = yield
    return _without_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    report = yield
    return _without_skip(report)


def _without_skip(report):
    """A skipped check is a failed one in continuous integration, where everything has to be installed."""
    if _in_ci() and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, which counts as a failure where CI=true: {reason}"
    return report


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    """Print what was left out, and what each submission was given beside what it deserves."""
    _tell_what_was_left_out(terminalreporter)
    _keep_what_was_measured(terminalreporter)
    rows = _said(terminalreporter, "marks", "passed", "failed")
    if not rows:
        return
    table = "\n".join(sorted(rows))
    terminalreporter.section("marks: given / deserved")
    terminalreporter.write_line(table)
    file = config.rootpath / "_build" / "reports" / "marks.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(table + "\n", encoding="utf-8")


def _tell_what_was_left_out(terminalreporter) -> None:
    reasons = [
        str(report.longrepr[2])
        for report in terminalreporter.stats.get("skipped", ())
        if isinstance(report.longrepr, tuple)
    ]
    for name, need in machine.missing().items():
        count = sum(f"no {name}." in reason for reason in reasons)
        if count:
            terminalreporter.section(f"{count} tests were left out, as there is no {name}")
            terminalreporter.write_line(need.remedy)


def _said(terminalreporter, name: str, *outcomes: str) -> list[str]:
    """What the tests of these outcomes have recorded under a name."""
    return [
        value
        for outcome in outcomes
        for report in terminalreporter.stats.get(outcome, ())
        for found, value in getattr(report, "user_properties", ())
        if found == name and report.when == "call"
    ]


def _keep_what_was_measured(terminalreporter) -> None:
    """Keep the marks of submissions that got what they deserve, for "make marks"."""
    if rows := _said(terminalreporter, "measured", "passed"):
        kept = measured.read(measured.REPORT)
        for assignment, name, fields in map(json.loads, rows):
            kept.setdefault(assignment, {})[name] = measured.Measurement(**fields)
        measured.write(kept, measured.REPORT)
