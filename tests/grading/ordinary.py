"""Runs a command as an ordinary user, where this one is root: what Linux counts for a user, it does not count for root.

    python -P tests/grading/ordinary.py HOME COMMAND ...

The command sees Python, this repository and the data where they are, though they may lie where root alone may look.
HOME is a folder, which then is the user's own, with all that lies in it.
"""

import os
import sys
from pathlib import Path

from seqmodels.grading.sandbox import outer, system

ROOT = Path(__file__).resolve().parents[2]
_USER = 0x6FFFFFFF  # one that neither people nor kernels of root have


def command(home: Path, *arguments: str) -> list[str]:
    """The command that runs another one so; that one itself if this user is an ordinary one."""
    return [sys.executable, "-P", __file__, str(home), *arguments] if os.geteuid() == 0 else [*arguments]


def main(home: str, *arguments: str) -> None:
    _open_the_way([*outer.needed(), str(ROOT), home])
    for place, folders, files in os.walk(home):
        for name in (".", *folders, *files):
            os.chown(os.path.join(place, name), _USER, _USER, follow_symlinks=False)
    os.setgroups([])
    os.setresgid(_USER, _USER, _USER)
    os.setresuid(_USER, _USER, _USER)
    own = {"HOME": home, "LOGNAME": "ordinary", "USER": "ordinary"}
    os.execvpe(arguments[0], arguments, os.environ | own)


def _open_the_way(paths: list[str]) -> None:
    """Let others see these folders, and nothing else of those in which root alone may look, for this process."""
    closed = {folder for path in paths if (folder := _closed(path))}
    system.unshare(system.CLONE_NEWNS)
    system.mount("none", "/", flags=system.MS_REC | system.MS_PRIVATE)
    kept = {path: os.open(path, os.O_PATH) for path in paths if _closed(path)}
    for folder in closed:
        system.mount("tmpfs", folder, "tmpfs", options="mode=0755")
    for path, opened in kept.items():
        os.makedirs(path, exist_ok=True)
        system.mount(f"/proc/self/fd/{opened}", path, flags=system.MS_BIND)
        os.close(opened)


def _closed(path: str) -> str | None:
    """The first folder on the way to this one that others may not enter."""
    above = [path, *map(str, Path(path).parents)]
    return next((folder for folder in reversed(above) if not os.stat(folder).st_mode & 0o001), None)


if __name__ == "__main__":
    main(*sys.argv[1:])
