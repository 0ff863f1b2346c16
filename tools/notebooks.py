"""Execute notebooks and keep them in one canonical form.

    python tools/notebooks.py run chapters/recurrence/lstm.ipynb       (or: make run NB=...)
    python tools/notebooks.py time chapters/recurrence/lstm.ipynb      (or, for all: make times)
    python tools/notebooks.py canonical chapters/recurrence/lstm.ipynb
    python tools/notebooks.py check chapters/recurrence/lstm.ipynb

`run` executes in place. `time` executes and changes nothing; both note how long it took (times.py). `canonical` rewrites without executing, for example after an edit
in JupyterLab. `check` says what is wrong and changes nothing. With no path, `time` and `check` take every
notebook of chapters/ and solutions/.

The canonical form keeps diffs small: one key order, no timings, no editor's settings, an id
on every cell that stays the same from run to run.
"""

import argparse
import base64
import io
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import times
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from PIL import Image
from traitlets.config import Config

from seqmodels.grading.sandbox.waiting import Clock

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("chapters", "solutions")
SIZE_LIMIT = 500_000
CELL_TIMEOUT = 600
# Two dots where a page has one, for sharp screens; tools/pages.py shows the figure in its own size.
SHARP = "--InlineBackend.figure_formats={'retina'}"
COLOURS = 256  # of a figure that is kept

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE_INFO = {"name": "python"}
# What a cell's metadata may hold; the rest is timings and the habits of editors.
CELL_METADATA = {"tags", "mystnb", "nbgrader", "deletable", "editable"}
VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class NotebookError(Exception):
    """Something about a notebook that its author must mend."""


# --- reading and writing ------------------------------------------------------------------


def read(path):
    """Read a notebook as nbformat 4.5 without inventing anything in it."""
    try:
        raw = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotebookError(f"{path}: there is no such notebook") from None
    except json.JSONDecodeError as error:
        raise NotebookError(f"{path}: not valid JSON ({error}); take the last good version from git") from None
    if raw.get("nbformat") != 4:
        raise NotebookError(f"{path}: not a notebook of format 4; open it in JupyterLab and save it")
    raw["nbformat_minor"] = 5
    for cell, new_id in zip(raw["cells"], cell_ids(raw["cells"]), strict=True):
        cell["id"] = new_id
    return nbformat.from_dict(nbformat.v4.rwbase.rejoin_lines(nbformat.from_dict(raw)))


def cell_ids(cells):
    """The id of each cell: its own where it has a good one, otherwise made of its first words."""
    own = [cell.get("id", "") for cell in cells]
    taken = set()
    ids = []
    for cell, name in zip(cells, own, strict=True):
        if not VALID_ID.fullmatch(name) or name in taken:
            words = re.findall(r"[a-z0-9]+", "".join(cell["source"]).lower())
            base = "-".join(words[:5])[:40].strip("-") or cell["cell_type"]
            name, number = base, 2
            while name in taken or name in own:
                name, number = f"{base}-{number}", number + 1
        taken.add(name)
        ids.append(name)
    return ids


def canonical(notebook):
    """Bring a notebook into the canonical form, in place, and return it."""
    kept = {key: notebook.metadata[key] for key in ("mystnb",) if key in notebook.metadata}
    notebook.metadata = nbformat.from_dict({**kept, "kernelspec": KERNELSPEC, "language_info": LANGUAGE_INFO})
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in CELL_METADATA})
        if cell.cell_type == "code":
            cell.outputs = canonical_outputs(cell.outputs)
    return notebook


def canonical_outputs(outputs):
    """Join what was printed in several pieces; a kernel cuts a stream wherever it likes."""
    joined = []
    for output in outputs:
        last = joined[-1] if joined else None
        if output.output_type == "stream" and last and last.get("name") == output.name:
            last.text += output.text
        else:
            joined.append(output)
        if output.output_type == "execute_result" or output.output_type == "display_data":
            for kind in ("image/png", "image/jpeg"):
                if kind in output.data:
                    output.data[kind] = output.data[kind].strip()
    return joined


def text_of(notebook):
    """A notebook as the text of its file."""
    return nbformat.v4.writes(notebook, indent=1, sort_keys=True) + "\n"


def write(notebook, path):
    """Write in one step, so that a reader never finds half a notebook."""
    nbformat.validate(notebook)
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=".tmp")
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text_of(notebook))
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


# --- executing ----------------------------------------------------------------------------


def run(path, timeout=CELL_TIMEOUT):
    """Execute a notebook in its own folder and write it back; on failure the file stays as it was."""
    path = Path(path)
    notebook, progress = execute(path, timeout)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = with_palette(output.data["image/png"])
    write(canonical(notebook), path)
    note_time(path, progress)
    size = path.stat().st_size
    print(f"Wrote {path}: {size / 1000:.0f} kB, {progress.total():.0f} s")
    if size > SIZE_LIMIT:
        print(f"*** {path}: {too_large(size)}", file=sys.stderr)


def execute(path, timeout=CELL_TIMEOUT):
    """Execute a notebook in its own folder; returns it with its new outputs, and the Progress that has its seconds.

    Raises:
        NotebookError: a cell failed, or took too long.
    """
    path = Path(path)
    notebook = canonical(read(path))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    clock = Clock(lambda: [os.getpid()])
    progress = Progress(notebook, clock.now)
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name=KERNELSPEC["name"],
        config=Config(KernelManager={"transport_encryption": "auto"}),
        record_timing=False,
        extra_arguments=[SHARP],
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=progress.start,
        on_cell_executed=progress.done,
    )
    print(f"Executing {path}")
    try:
        with clock:
            client.execute()
    except CellExecutionError as error:
        raise NotebookError(f"{path}, {progress.where()}: the cell raised an error.\n{error}") from None
    except CellTimeoutError:
        raise NotebookError(f"{path}, {progress.where()}: stopped after {timeout} s; make the cell lighter") from None
    except DeadKernelError:
        raise NotebookError(f"{path}, {progress.where()}: the kernel died; is there enough memory?") from None
    return notebook, progress


def with_palette(figure):
    """A PNG in base64 with as many colours as one byte tells apart, if it is smaller so."""
    content = base64.b64decode(figure)
    picture = Image.open(io.BytesIO(content))
    written = io.BytesIO()
    colours = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    colours.save(written, "PNG", optimize=True, dpi=picture.info.get("dpi"))
    shorter = min(content, written.getvalue(), key=len)
    return base64.b64encode(shorter).decode("ascii")


def note_time(path, progress):
    """Note how long a notebook of the course took."""
    if any(Path(path).resolve().is_relative_to(ROOT / folder) for folder in FOLDERS):
        times.record(Path(path), progress.seconds)


class Progress:
    """Prints one line for each cell that has been executed."""

    def __init__(self, notebook, now=time.monotonic):
        self.now = now
        self.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self.all_cells = notebook.cells
        self.begun = self.started = self.now()
        self.index = 0
        self.seconds = {}  # of each cell that has been executed, by its id

    def start(self, cell, cell_index):
        self.index = cell_index
        self.started = self.now()

    def done(self, cell, cell_index, execute_reply):
        self.seconds[cell.id] = seconds = self.now() - self.started
        print(f"  [{self.cells.index(cell) + 1:3d}/{len(self.cells)}] {cell.id:40} {seconds:6.1f} s", flush=True)

    def where(self):
        return f"cell {self.index + 1} ({self.all_cells[self.index].id})"

    def total(self):
        return self.now() - self.begun


# --- checking -----------------------------------------------------------------------------


def too_large(size):
    return f"{size / 1000:.0f} kB, over the limit of {SIZE_LIMIT // 1000} kB; draw fewer or smaller figures, print less"


def faults(path, root=ROOT):
    """Everything that is wrong with an executed notebook, each as one message with its remedy."""
    path = Path(path)
    name = path.resolve().relative_to(root) if path.resolve().is_relative_to(root) else path
    try:
        notebook = read(path)
    except NotebookError as error:
        return [str(error)]
    rerun = f"run: make run NB={name}"
    found = []
    if path.read_text(encoding="utf-8") != text_of(canonical(read(path))):
        found.append(f"{name}: not in canonical form; run: python tools/notebooks.py canonical {name}")
    if path.stat().st_size > SIZE_LIMIT:
        found.append(f"{name}: {too_large(path.stat().st_size)}")
    expected = 1
    unexecuted = sum(is_code(cell) and cell.execution_count is None for cell in notebook.cells)
    if unexecuted > 3:
        return [*found, f"{name}: {unexecuted} cells are not executed; {rerun}"]
    for number, cell in enumerate(notebook.cells, start=1):
        if not is_code(cell):
            continue
        for problem in cell_faults(cell, expected):
            found.append(f"{name}, cell {number} ({cell.id}): {problem.replace('RERUN', rerun)}")
        expected += 1
    return found


def is_code(cell):
    return cell.cell_type == "code" and bool(cell.source.strip())


def cell_faults(cell, expected_count):
    """What is wrong with one code cell."""
    tags = cell.metadata.get("tags", [])
    images = 0
    if cell.execution_count is None:
        yield "not executed; RERUN"
    elif cell.execution_count != expected_count:
        yield f"executed out of order (its number is {cell.execution_count}, not {expected_count}); RERUN"
    for output in cell.outputs:
        if output.output_type == "error" and "raises-exception" not in tags:
            yield f"its output is an error ({output.ename}); mend it, or tag it raises-exception, and RERUN"
        if output.output_type == "stream" and output.name == "stderr":
            yield f"it prints to stderr ({output.text.strip()[:60]!r}); remove the cause and RERUN"
        images += any(kind.startswith("image/") for kind in output.get("data", {}))
    if images > 1:
        yield f"it shows {images} figures; give each a cell of its own, so that each has its alt text"
    if images and not str(cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")).strip():
        yield 'its figure has no alt text; add {"mystnb": {"image": {"alt": "..."}}} to the metadata of the cell'


def all_notebooks():
    return sorted(
        p for folder in FOLDERS for p in (ROOT / folder).rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts
    )


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("run", "time", "canonical", "check"))
    parser.add_argument("paths", nargs="*", metavar="PATH")
    parser.add_argument("--timeout", type=int, default=CELL_TIMEOUT, help="seconds allowed to one cell (%(default)s)")
    options = parser.parse_intermixed_args(arguments)
    if not options.paths and options.command in ("run", "canonical"):
        parser.error("name a notebook: make run NB=chapters/recurrence/lstm.ipynb")
    try:
        if options.command == "run":
            for path in options.paths:
                run(path, options.timeout)
        elif options.command == "time":
            for path in options.paths or all_notebooks():
                note_time(path, execute(path, options.timeout)[1])
        elif options.command == "canonical":
            for path in options.paths:
                write(canonical(read(path)), path)
        else:
            paths = options.paths or all_notebooks()
            found = [fault for path in paths for fault in faults(path)]
            print("\n".join(found) or f"{len(paths)} notebook(s) in order")
            return 1 if found else 0
    except NotebookError as error:
        print(f"*** {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
