"""Notebooks as Colab, VS Code and JupyterLab save them, and as their users work in them, for test_mishaps.py.

What is solved in all of them is right. So whoever loses points, or hears of something, does so for the reason that is
given here.
"""

import base64
import functools
import io
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import nbformat
import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from PIL import Image

from tests.grading.mishaps import WRITTEN, Mishap, blank, cell_of, edited, place_of, write

ANSWER = "The sum is larger, because each value is."
BESIDE = "something stands beside them that may be the answer: why"
OWN = "Write into the cell that was handed out"


# --- pictures --------------------------------------------------------------------------------------


@functools.cache
def png(side: int) -> str:
    """A picture of noise in base64: about 4 letters a pixel."""
    pixels = np.random.default_rng(1).integers(0, 256, (side, side, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


SKETCH, PHOTO = 60, 1150  # 15 kB and 5 MB of text
SVG = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def _attached(*, name: str, text: str = "{picture}", alt: str = "my answer") -> Callable[[NotebookNode], None]:
    """The question "why" with a picture that was pasted in JupyterLab or VS Code."""

    def edit(notebook: NotebookNode) -> None:
        answer = cell_of(notebook, "why")
        answer.source = text.format(picture=f"![{alt}](attachment:{quote(name)})")
        # JupyterLab keeps what is no longer shown.
        answer.attachments = {name: {"image/png": png(SKETCH)}, "older.png": {"image/png": png(SKETCH)}}

    return edit


def _in_the_text(side: int) -> Callable[[NotebookNode], None]:
    """The question "why" with a picture that was pasted in Colab."""

    def edit(notebook: NotebookNode) -> None:
        cell_of(notebook, "why").source = f"{ANSWER}\n\n![sketch.png](data:image/png;base64,{png(side)})"
        as_colab(notebook)

    return edit


def _no_picture(notebook: NotebookNode) -> None:
    answer = cell_of(notebook, "why")
    answer.source = f"{ANSWER}\n\n![drawing](attachment:drawing.svg) ![scan](attachment:scan.pdf)"
    answer.attachments = {
        "drawing.svg": {"image/svg+xml": SVG},
        "scan.pdf": {"application/pdf": base64.b64encode(b"%PDF-1.7" * 99).decode()},
    }


def _lost_picture(notebook: NotebookNode) -> None:
    """As after copying the text alone into another notebook."""
    cell_of(notebook, "why").source = f"{ANSWER}\n\n![](attachment:image.png)"


# --- editors ---------------------------------------------------------------------------------------


def as_colab(notebook: NotebookNode) -> None:
    """Format 4.0 with ids in the metadata, and the metadata and outputs of Colab."""
    notebook.nbformat_minor = 0
    for number, cell in enumerate(notebook.cells):
        cell.metadata.id = cell.pop("id", f"cell{number}")
        if cell.cell_type == "code":
            cell.metadata.colab = {"base_uri": "https://localhost:8080/", "height": 34}
            cell.metadata.outputId = "4d0c2f1e-0a54-4a55-f2e3-6a2f3cc0dc7b"
            cell.outputs = [new_output("stream", name="stdout", text="an output of Colab\n")]
    notebook.metadata.colab = {"provenance": [], "toc_visible": True, "collapsed_sections": ["a2e80351"]}
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}


def _colab_with_a_graphics_card(notebook: NotebookNode) -> None:
    cells = [
        "!pip install -q --no-index seaborn",
        "from google.colab import drive\ndrive.mount('/content/drive')",
        "%cd /content/drive/MyDrive",
        "import torch\ntorch.cuda.is_available()",
    ]
    notebook.cells[1:1] = [new_code_cell(source) for source in cells]
    as_colab(notebook)
    notebook.metadata.accelerator = "GPU"
    notebook.metadata.colab.gpuType = "T4"


def _with_widgets(notebook: NotebookNode) -> None:
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "abc", "version_major": 2, "version_minor": 0}}
    cell_of(notebook, "add_1").outputs = [new_output("display_data", data=view)]
    notebook.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"abc": {"model_name": "HTMLModel"}}}


def _ids_in_4_4(notebook: NotebookNode) -> None:
    notebook.nbformat_minor = 4


def _no_ids_in_4_2(notebook: NotebookNode) -> None:
    notebook.nbformat_minor = 2
    for cell in notebook.cells:
        del cell["id"]
        cell.metadata |= {"collapsed": False, "ExecuteTime": {"start_time": "2030-01-01T10:00:00Z"}}


def _of_vscode(notebook: NotebookNode) -> None:
    notebook.metadata.kernelspec = {"display_name": ".venv", "language": "python", "name": "python3"}
    notebook.metadata.language_info = {"name": "python", "version": "3.12.3", "codemirror_mode": {"version": 3}}
    for cell in notebook.cells:
        cell.metadata.vscode = {"languageId": "python"}


def _without_kernel(notebook: NotebookNode) -> None:
    notebook.metadata.clear()


def _of_conda(notebook: NotebookNode) -> None:
    notebook.metadata.kernelspec = {
        "display_name": "Python [conda env:ml]",
        "language": "python",
        "name": "conda-env-ml-py",
    }


def _copied(notebook: NotebookNode) -> None:
    """Copied with its ids, as VS Code does, and the copy left as it was handed out."""
    copy = nbformat.from_dict(json.loads(json.dumps(cell_of(notebook, "add_1"))))
    copy.source = cell_of(blank(notebook), "add_1").source
    notebook.cells.insert(place_of(notebook, "test_add_1"), copy)


# --- what is written where -------------------------------------------------------------------------


def untouched(notebook: NotebookNode, *names: str) -> None:
    """Leave these answers as they were handed out."""
    empty = blank(notebook)
    for name in names:
        cell_of(notebook, name).source = cell_of(empty, name).source


def _beside(*cells: NotebookNode, of: str = "why", by: int = 1) -> Callable[[Path, NotebookNode], None]:
    """An answer that is left as it was handed out, with cells so many places after it."""

    def edit(notebook: NotebookNode) -> None:
        untouched(notebook, of)
        place = place_of(notebook, of) + by
        notebook.cells[place:place] = [nbformat.from_dict(json.loads(json.dumps(cell))) for cell in cells]

    return edited(edit)


def _both_below(notebook: NotebookNode) -> None:
    for name in WRITTEN:
        untouched(notebook, name)
        notebook.cells.insert(place_of(notebook, name) + 1, new_markdown_cell(f"{name}: {ANSWER}"))


def _picture_below(notebook: NotebookNode) -> None:
    untouched(notebook, "why")
    picture = {"image.png": {"image/png": png(SKETCH)}}
    place = place_of(notebook, "why") + 1
    notebook.cells.insert(place, new_markdown_cell("![](attachment:image.png)", attachments=picture))


def _as_code(notebook: NotebookNode) -> None:
    answer = cell_of(notebook, "why")
    answer.cell_type, answer.outputs, answer.execution_count = "code", [], None
    answer.source = f"{ANSWER}\n\n![](data:image/png;base64,{png(SKETCH)})"


def _as_raw(notebook: NotebookNode) -> None:
    cell_of(notebook, "why").cell_type = "raw"


def _deleted_and_below(notebook: NotebookNode) -> None:
    del notebook.cells[place_of(notebook, "why")]
    place = place_of(notebook, "what_next")
    notebook.cells[place:place] = [new_markdown_cell("My answer:"), new_markdown_cell(ANSWER)]


def _blanks(notebook: NotebookNode) -> None:
    cell_of(notebook, "why").source = " "
    untouched(notebook, "what_next")
    cell_of(notebook, "what_next").source += "\n\n"


# --- code ------------------------------------------------------------------------------------------


def _first(name: str, source: str) -> Callable[[NotebookNode], None]:
    def edit(notebook: NotebookNode) -> None:
        cell = cell_of(notebook, name)
        cell.source = f"{source}\n{cell.source}"

    return edit


def _last(name: str, source: str) -> Callable[[NotebookNode], None]:
    def edit(notebook: NotebookNode) -> None:
        cell_of(notebook, name).source += f"\n{source}"

    return edit


LOUD = """import logging, sys, warnings
def add_1(values):
    warnings.warn("this is said on stderr")
    logging.getLogger().warning("and this")
    print("and this", file=sys.stderr)
    print("and this on stdout")
    return [value + 1 for value in values]"""
PLOTS = """import matplotlib.pyplot as plt
for _ in range(25):
    plt.figure(figsize=(1, 1))
    plt.plot([1, 2])
    plt.show()"""
CODE = "def add_1(values):\n    return [value + 1 for value in values]"
LOST = ("test_add_1",)
UNICODE = "Größe, Renée (e with an accent: Rene\u0301e), 李小龙, مرحبا, 🙂"


def _unicode(notebook: NotebookNode) -> None:
    cell_of(notebook, "why").source = UNICODE
    cell_of(notebook, "add_1").source = f'größe = "{UNICODE}"\n{CODE}'


def _backend(name: str) -> Callable[[Path, NotebookNode], None]:
    def edit(notebook: NotebookNode) -> None:
        notebook.cells[1:1] = [new_code_cell(f"%matplotlib {name}"), new_code_cell(PLOTS.replace("25", "1"))]

    return edited(edit)


def _saved(edit: Callable[[NotebookNode], None]) -> Callable[[Path, NotebookNode], None]:
    """By nbformat, without a word about what it puts right."""

    def make(folder: Path, notebook: NotebookNode) -> None:
        with warnings.catch_warnings(action="ignore"):
            edit(notebook)
            write(folder, notebook)

    return make


EDITORS = [
    # The file, and the metadata in it
    Mishap("colab", _saved(as_colab), ""),
    Mishap("colab_gpu", _saved(_colab_with_a_graphics_card), ""),
    Mishap("widgets", edited(_with_widgets), ""),
    Mishap("ids_4_4", edited(_ids_in_4_4), ""),
    Mishap("no_ids_4_2", edited(_no_ids_in_4_2), ""),
    Mishap("vscode", edited(_of_vscode), ""),
    Mishap("no_kernel", edited(_without_kernel), ""),
    Mishap("conda", edited(_of_conda), ""),
    Mishap("copied", edited(_copied), ""),
    Mishap("unicode", edited(_unicode), ""),
    # Pictures
    Mishap("lab_picture", edited(_attached(name="4f0c-7a.png", text=ANSWER + "\n\n{picture}")), ""),
    Mishap("vscode_picture", edited(_attached(name="image.png", text=ANSWER + " {picture}", alt="alt text")), ""),
    Mishap("only_picture", edited(_attached(name="my photo (1).png")), ""),
    Mishap("colab_picture", edited(_in_the_text(SKETCH)), ""),
    Mishap("colab_photo", edited(_in_the_text(PHOTO)), ""),
    Mishap("no_picture", edited(_no_picture), "Pictures were left out: drawing.svg in why", "a screenshot or a photo"),
    Mishap("lost_picture", edited(_lost_picture), "image.png in why. Why: the text shows them", "you see it in the saved notebook"),
    # Where the answer is
    Mishap("below", edited(_both_below), f"{BESIDE}, what_next", OWN),
    Mishap("two_below", _beside(new_markdown_cell("Answer:"), new_markdown_cell(ANSWER)), BESIDE, OWN),
    Mishap("above", _beside(new_markdown_cell(ANSWER), by=0), BESIDE, OWN),
    Mishap("raw_below", _beside(new_raw_cell(ANSWER)), BESIDE, OWN),
    Mishap("code_below", _beside(new_code_cell(f"# {ANSWER}")), BESIDE, OWN),
    Mishap("picture_below", edited(_picture_below), BESIDE, OWN),
    Mishap("deleted", edited(_deleted_and_below), BESIDE, OWN),
    Mishap("as_code", edited(_as_code), "were turned back: why", "Do not change the kind"),
    Mishap("as_raw", edited(_as_raw), "were turned back: why", "Do not change the kind"),
    Mishap("empty", edited(lambda notebook: untouched(notebook, *WRITTEN)), "", "", (), WRITTEN),
    Mishap("blanks", edited(_blanks), "", "", (), WRITTEN),
    Mishap("function_below", _beside(new_code_cell(CODE), of="add_1"), ""),
    Mishap("function_above", _beside(new_code_cell(CODE), of="add_1", by=0), "above them or below their tests: add_1", "Restart Kernel", LOST),
    Mishap("function_late", _beside(new_code_cell(CODE), of="add_1", by=3), "above them or below their tests: add_1", "Restart Kernel", LOST),
    # What runs there, and not here
    Mishap("seaborn", edited(_first("add_1", "import seaborn as sns")), "These cells want to import seaborn, which is not there when the notebook is marked, and stopped at it: add_1.", "Use these packages", LOST),
    Mishap("seaborn_inside", edited(lambda notebook: cell_of(notebook, "add_1").update(source="def add_1(values):\n    import seaborn")), "stopped at it: test_add_1.", "Use these packages", LOST),
    Mishap("input_inside", edited(lambda notebook: cell_of(notebook, "add_1").update(source="def add_1(values):\n    return input()")), "when the notebook is marked: test_add_1", "in the place of input()", LOST),
    Mishap("torch_inside", edited(_first("add_1", "try:\n    import torch\nexcept ImportError:\n    torch = None")), ""),
    Mishap("input_last", edited(_last("add_1", "input('How many? ')")), "nobody is there to type when the notebook is marked: add_1", "in the place of input()"),
    Mishap("input_first", edited(_first("add_1", "by = int(input())")), "nobody is there to type when the notebook is marked: add_1", "in the place of input()", LOST),
    Mishap("loud", edited(lambda notebook: cell_of(notebook, "add_1").update(source=LOUD)), ""),
    Mishap("nbsp", edited(lambda notebook: cell_of(notebook, "add_1").update(source=CODE.replace("    ", "\u00a0" * 4))), "", "", LOST),
    Mishap("notebook", _backend("notebook"), ""),
    Mishap("widget", _backend("widget"), ""),
    Mishap("qt", _backend("qt"), ""),
    Mishap("plots", edited(_last("add_1", PLOTS)), ""),
]  # fmt: skip
