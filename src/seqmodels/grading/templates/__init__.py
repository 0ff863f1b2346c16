"""This course's changes to the pages that nbgrader draws; what is not here comes from nbgrader's own templates."""

from pathlib import Path

import nbgrader

OWN = str(Path(__file__).parent)
NBGRADERS = str(Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates")
