"""This course's changes to the pages that nbgrader draws; what is not here comes from nbgrader's own templates."""

from pathlib import Path

import nbgrader

OWN = str(Path(__file__).parent)
NBGRADERS = str(Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates")


def text_of(name: str) -> str:
    """A Jinja filter: a file that lies here and belongs to more than one page, such as ``"formulas.css"``."""
    return (Path(OWN) / name).read_text(encoding="utf-8")
