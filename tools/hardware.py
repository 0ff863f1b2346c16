"""The machine on which something is measured, in a few words."""

import platform
from pathlib import Path

import psutil


def described() -> str:
    """What measures, such as "Linux x86_64, AMD EPYC, 2 cores, Python 3.11"."""
    version = ".".join(platform.python_version_tuple()[:2])
    parts = [
        f"{platform.system()} {platform.machine()}",
        _processor(),
        f"{psutil.cpu_count()} cores",
        f"Python {version}",
    ]
    return ", ".join(filter(None, parts))


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    if known.exists():
        for line in known.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() if platform.processor() != platform.machine() else ""
