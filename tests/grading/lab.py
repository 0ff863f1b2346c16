"""JupyterLab as ``make lab`` starts it, in a folder of a Course."""

import contextlib
import dataclasses
import json
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.grading.course import ROOT, Course
from tests.patience import PATIENCE

TOKEN = "token-of-the-tests"

# What a user has set who was asked about news once and wants none.
SETTINGS = {"apputils-extension/notification": {"fetchNews": "false"}}


@dataclasses.dataclass(frozen=True)
class Lab:
    """A running JupyterLab.

    Attributes:
      address: where it listens, without a slash at the end.
      folder: the folder that it shows.
      log: the file with all that the server said.
    """

    address: str
    folder: Path
    log: Path

    def url(self) -> str:
        """The address that opens it, with nothing left open from before."""
        return f"{self.address}/lab?token={TOKEN}&reset"


@contextlib.contextmanager
def running(course: Course, folder: Path, **more: str) -> Iterator[Lab]:
    """Run JupyterLab in a folder, for a person with a home of their own.

    It is ended, by its own process id, whatever happens.

    Args:
      course: the course whose exchange it uses.
      folder: the folder that it shows.
      **more: variables of its environment that differ from the course's.
    """
    home = folder.with_name(f"{folder.name}-home")
    environment = course.environment() | {
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "JUPYTER_DATA_DIR": str(home / "jupyter-data"),
        "JUPYTER_RUNTIME_DIR": str(home / "jupyter-runtime"),
        "JUPYTER_TOKEN": TOKEN,
        **more,
    }
    _write_settings(home / "jupyter")
    log = ROOT / "_build" / "reports" / f"jupyterlab-{folder.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as stream:
        server = subprocess.Popen(
            [*_make_lab(), "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"],
            cwd=folder,
            env=environment,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        try:
            info = home / "jupyter-runtime" / f"jpserver-{server.pid}.json"
            yield Lab(f"http://127.0.0.1:{_port(server, info, log)}", folder, log)
        finally:
            server.terminate()
            try:
                server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _make_lab() -> list[str]:
    """The command that ``make lab`` ends with."""
    # A make that was itself called by one ("make test") would tell last which folder it leaves.
    command = ["make", "--no-print-directory", "--dry-run", "lab"]
    recipe = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    program, *arguments = shlex.split(recipe.stdout.splitlines()[-1])
    return [str(ROOT / program), *arguments]


def _write_settings(config: Path) -> None:
    for name, settings in SETTINGS.items():
        path = config / "lab" / "user-settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings), encoding="utf-8")


def _port(server: subprocess.Popen, info: Path, log: Path) -> int:
    """Wait until the server has written down on which port it listens."""
    deadline = time.monotonic() + PATIENCE
    while True:
        # The file may be there before all of its text is.
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            return json.loads(info.read_text(encoding="utf-8"))["port"]
        assert server.poll() is None, f"JupyterLab did not start:\n{log.read_text()}"
        assert time.monotonic() < deadline, f"JupyterLab did not start in time:\n{log.read_text()}"
        time.sleep(0.1)
