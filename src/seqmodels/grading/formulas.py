"""Formulas that are drawn without the network, on the formgrader's page and on the feedback.

nbgrader's templates fetch MathJax from a server. The templates of this course put it into the page, by the filters
below: a feedback page stays one file, which can be read anywhere.
"""

import base64
import hashlib
import json
import re
from importlib import metadata
from pathlib import Path

from seqmodels.grading import templates

_FOLDER = "sphinx-mathjax-offline/static/mathjax"
_SETTINGS = {
    "tex": {
        "inlineMath": [["$", "$"], ["\\(", "\\)"]],
        "processEscapes": True,
        # Links and styles of a student's choice, and the commands that would bring them back.
        "packages": {"[-]": ["html", "bbox", "require", "autoload"]},
        "maxMacros": 1000,  # a short text can define what unfolds to a page of its own
    },
    "options": {"enableMenu": False},  # the menu fetches further files
}
_READY = templates.text_of("formulas.js")


def mathjax_script(name: str) -> str:
    """A Jinja filter: MathJax with this course's settings, as the text of one script that fetches nothing.

    Args:
      name: a file of MathJax that holds all it needs, such as ``"tex-svg-full.js"``.
    """
    folder = metadata.distribution("sphinx-mathjax-offline").locate_file(_FOLDER)
    library = (Path(folder) / name).read_text(encoding="utf-8")
    return f"MathJax = {json.dumps(_SETTINGS)};\n{{{_READY}}}\n{library}"


def script_hash(script: str) -> str:
    """A Jinja filter: what a content security policy calls a script, so that no other one runs in the page."""
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def page_policy(trusted: str) -> str:
    """A Jinja filter: the tag by which a page of the server runs its own scripts, and no others.

    Args:
      trusted: the parts of the page that come from templates, in which the scripts are.
    """
    written = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", trusted, re.DOTALL)
    written += re.findall(r'\bonclick="([^"]*)"', trusted)
    hashes = " ".join(sorted({f"'{script_hash(script)}'" for script in written}))
    rules = f"script-src 'self' 'unsafe-hashes' {hashes}; object-src 'none'; frame-src 'none'; base-uri 'none'"
    rules += "; img-src 'self' data:; connect-src 'self'; form-action 'self'"
    return f'<meta http-equiv="Content-Security-Policy" content="{rules}">'
