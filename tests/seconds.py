"""How long each test file and each notebook took: shown by every run of pytest, and kept in _build/reports/.

seconds.csv has one row for each file: the day, the machine, the file, how many tests ran, and their seconds. The
weekly run adds it to that of the weeks before (tools/history.py).
"""

import csv
import datetime
import time
from collections import defaultdict
from pathlib import Path

import pytest

from tools.hardware import described

FIELDS = ("date", "machine", "file", "tests", "seconds")
WHOLE = "the whole run"
_SHOWN = 25


class Seconds:
    """A plugin of pytest that adds up seconds by file, and says at once what has failed.

    Args:
      root: the course's folder.
    """

    def __init__(self, root: Path):
        self._reports = root / "_build" / "reports"
        self._seconds, self._tests = defaultdict(float), defaultdict(set)
        self._begun = time.monotonic()
        self._terminal = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._terminal = session.config.pluginmanager.get_plugin("terminalreporter")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        file = report.nodeid.partition("::")[0]
        self._seconds[file] += report.duration
        self._tests[file].add(report.nodeid)
        if report.failed and self._terminal is not None:
            # The rest of it stands at the end of the run, which may be half an hour away.
            self._terminal.ensure_newline()
            self._terminal.write_line(f"FAILED {report.nodeid}", red=True)

    def pytest_terminal_summary(self, terminalreporter) -> None:
        rows = sorted(self._seconds.items(), key=lambda row: -row[1])
        whole = time.monotonic() - self._begun
        terminalreporter.section("seconds by file")
        for file, spent in rows[:_SHOWN]:
            terminalreporter.write_line(f"{spent:7.0f} {file}")
        rest = sum(spent for _, spent in rows[_SHOWN:])
        terminalreporter.write_line(
            f"{rest:7.0f} {max(0, len(rows) - _SHOWN)} more files, in _build/reports/seconds.csv"
        )
        terminalreporter.write_line(f"{whole:7.0f} {WHOLE}, several at a time")
        self._reports.mkdir(parents=True, exist_ok=True)
        day, here = datetime.date.today().isoformat(), described()
        with (self._reports / "seconds.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(FIELDS)
            for file, spent in rows:
                writer.writerow([day, here, file, len(self._tests[file]), round(spent, 1)])
            writer.writerow([day, here, WHOLE, sum(map(len, self._tests.values())), round(whole, 1)])
