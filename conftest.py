"""How one run of pytest covers tests/, chapters/ and solutions/.

It stands at the top, so that ``pytest chapters/recurrence/lstm.ipynb`` finds it as well.
"""

import functools
import importlib
import os
import re
import shutil
import sys
import tempfile

import psutil
import pytest
from xdist.scheduler import LoadScopeScheduling

# Where the long work is, longest first: what starts last should be short.
LONG_FIRST = (
    "tests/grading/test_marks.py",
    "tests/grading/test_browser_round.py",
    "tests/grading/test_round.py",
    "solutions/",
    "chapters/",
    "tests/grading/test_pages.py",
    "tests/grading/test_runner.py",
    "tests/grading/test_attacks.py",
    "tests/grading/test_mishaps.py",
    "tests/grading/test_distributed.py",
    "tests/grading/test_sandbox.py",
    "tests/book/",
)

# A notebook that trains, or a submission that fills what it may have of memory.
BYTES_OF_EACH = 4 << 30


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("NO_GCE_CHECK", "true")
    # nbgrader calls alembic, which lies beside this Python.
    os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    # Kernels read neither the settings nor the start-up files of whoever runs the tests.
    own = tempfile.mkdtemp(prefix="seqmodels-tests-")
    config.add_cleanup(functools.partial(shutil.rmtree, own, ignore_errors=True))
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR"):
        os.environ[name] = own
    # Matplotlib says on stderr that it looks for fonts, when it does so for the first time and slowly: once, here.
    os.environ.setdefault("MPLCONFIGDIR", str(config.rootpath / "_build" / "matplotlib"))
    if not hasattr(config, "workerinput"):
        importlib.import_module("matplotlib.font_manager")
    else:
        # Several notebooks at a time on a few cores: with a pool of threads each they get in each other's way.
        for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            os.environ[name] = "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    path = item.path.relative_to(item.config.rootpath).as_posix()
    return next((rank for rank, start in enumerate(LONG_FIRST) if path.startswith(start)), len(LONG_FIRST))


class ByFile(LoadScopeScheduling):
    """Give a process a whole file at a time: the cells of a notebook share a kernel, the tests of a file fixtures.

    Tests whose parameters begin with "batch ... :" are given out by the batch. pytest-xdist's own way to
    say this, --dist=loadgroup, has no effect under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        batch = re.search(r"\[(batch [^:]*):", nodeid)
        return nodeid.partition("::")[0] + (batch[1] if batch else "")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """As many processes as cores, or tests that measure limits of time run out of it; no more than the memory holds."""
    asked = os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS")  # as pytest-xdist's own
    return int(asked or max(1, min(psutil.cpu_count() or 1, round(psutil.virtual_memory().total / BYTES_OF_EACH))))


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
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, which counts as a failure where CI=true: {reason}"
    return report


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    """Print what each submission was given beside what it deserves, and keep it in _build/reports/."""
    rows = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "marks" and report.when == "call"
    ]
    if not rows:
        return
    table = "\n".join(sorted(rows))
    terminalreporter.section("marks: given / deserved")
    terminalreporter.write_line(table)
    file = config.rootpath / "_build" / "reports" / "marks.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(table + "\n", encoding="utf-8")
