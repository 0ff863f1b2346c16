"""The commands on a page of the book, and a shell that runs them as a reader would, block after block."""

import dataclasses
import re
import subprocess
from pathlib import Path

from tests.patience import PATIENCE_WITH_COMMANDS

FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,}) *(?P<info>[^`]*)$")
HEADING = re.compile(r"^#{1,6} +(?P<text>.+?) *$")
CAPTION = re.compile(r"^:caption: *(?P<name>\S+) *$", re.MULTILINE)
# Blocks that show something and are not for a terminal.
NO_COMMANDS = ("python", "json", "text", "markdown", "{")
COMMANDS = "bash"


@dataclasses.dataclass(frozen=True)
class Block:
    """One fenced block of a page.

    Attributes:
      commands: whether it is for a terminal; otherwise it is a file that the page tells one to write.
      name: the name of that file.
      text: what is in it.
    """

    commands: bool
    name: str
    text: str


def sections(page: Path) -> dict[str, list[Block]]:
    """The blocks that a reader runs or writes, by the heading that they stand under; headings without any are left out.

    Raises:
      ValueError: a block does not say what it is, or two headings with commands are alike.
    """
    found: dict[str, list[Block]] = {}
    heading, lines = "", iter(page.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if match := HEADING.match(line):
            heading = match["text"]
            if heading in found:
                raise ValueError(f"{page}: two sections with commands are called '{heading}'")
        elif match := FENCE.match(line):
            inner = []
            for line_inside in lines:
                if line_inside.rstrip() == match["fence"]:
                    break
                inner.append(line_inside)
            if block := _block(match["info"].strip(), "\n".join(inner), f"{page}, '{heading}'"):
                found.setdefault(heading, []).append(block)
    return found


def _block(info: str, text: str, where: str) -> Block | None:
    if info == COMMANDS:
        return Block(True, "", text)
    if info.startswith("{code-block}") and (caption := CAPTION.search(text)):
        return Block(False, caption["name"], CAPTION.sub("", text).strip("\n") + "\n")
    if not info.startswith(NO_COMMANDS):
        raise ValueError(f"{where}: a block is marked '{info}'. Mark commands as bash, and anything else as text")
    return None


class Shell:
    """A person's terminal: folder and variables last from one block to the next."""

    def __init__(self, home: Path, start: Path, environment: dict[str, str]):
        home.mkdir(parents=True, exist_ok=True)
        self.folder = start
        self._home = home
        self._environment = environment
        self.variables: Path | None = None

    def run(self, commands: str) -> str:
        """Run a block of commands and return what it prints.

        Raises:
          AssertionError: one of them fails.
        """
        after_folder, after_variables = self._home / "folder", self._home / "variables"
        before = f". '{self.variables}'\n" if self.variables else ""
        script = (
            f"{before}set -e -o pipefail\n{commands}\n"
            f"pwd > '{after_folder}'\nexport -p | grep -Ev ' (OLDPWD|PWD|SHLVL)(=|$)' > '{after_variables}'\n"
        )
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE_WITH_COMMANDS,
            check=False,
        )
        assert done.returncode == 0, f"This fails in {self.folder}:\n{commands}\n--- with:\n{done.stdout}"
        self.folder, self.variables = Path(after_folder.read_text().strip()), after_variables
        return done.stdout
