"""tools/notebooks.py: the canonical form, executing in place, and what a failure leaves behind."""

import base64
import io
import json

import nbformat
import notebooks
import pages
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters import strip_ansi
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

KERNEL = {"display_name": "Other", "language": "python", "name": "other"}


def untidy():
    """A notebook as an editor may leave it."""
    code = new_code_cell("print('a')", execution_count=7)
    code.metadata = {"tags": ["keep"], "execution": {"iopub.status.busy": "now"}, "collapsed": True, "scrolled": True}
    code.outputs = [
        new_output("stream", name="stdout", text="a"),
        new_output("stream", name="stdout", text="b\n"),
        new_output("stream", name="stderr", text="c"),
        new_output("display_data", data={"image/png": "iVBO\n"}, metadata={"scrapbook": {"name": "x"}}),
    ]
    notebook = new_notebook()
    notebook.cells = [new_markdown_cell("# The title\n\ntext"), code, code.copy()]
    for cell in notebook.cells:
        del cell["id"]
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python", "version": "3.9"}, "widgets": {}}
    return notebook


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "untidy.ipynb"
    path.write_text(json.dumps(untidy()))
    return path


def make(path, *sources, **metadata):
    cells = [
        new_code_cell(source, id=f"cell-{number}", metadata=dict(metadata)) for number, source in enumerate(sources, 1)
    ]
    notebooks.write(notebooks.canonical(new_notebook(cells=cells)), path)
    return path


def test_canonical_form(path):
    notebooks.main(["canonical", str(path)])
    text = path.read_text()
    raw = json.loads(text)
    assert text.endswith("}\n")
    assert text == json.dumps(raw, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    assert raw["metadata"] == {"kernelspec": notebooks.KERNELSPEC, "language_info": {"name": "python"}}
    assert [cell["id"] for cell in raw["cells"]] == ["the-title-text", "print-a", "print-a-2"]
    cell = raw["cells"][1]
    assert cell["metadata"] == {"tags": ["keep"]}
    assert cell["execution_count"] == 7
    assert [output.get("text") for output in cell["outputs"]] == [["ab\n"], ["c"], None]
    assert cell["outputs"][2]["data"] == {"image/png": "iVBO"}
    assert cell["outputs"][2]["metadata"] == {"scrapbook": {"name": "x"}}, "glue finds its values by this"

    notebooks.main(["canonical", str(path)])
    assert path.read_text() == text
    assert not [fault for fault in notebooks.faults(path) if "not in canonical form" in fault]


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b", "not valid!", "a-2"]), st.text(max_size=12)), max_size=8))
def test_ids_are_unique_valid_and_stay(cells):
    cells = [{"id": own, "source": source, "cell_type": "code"} for own, source in cells]
    ids = notebooks.cell_ids(cells)
    assert len(set(ids)) == len(ids)
    assert all(notebooks.VALID_ID.fullmatch(name) for name in ids)
    again = notebooks.cell_ids([{**cell, "id": name} for cell, name in zip(cells, ids, strict=True)])
    assert again == ids
    kept = {cell["id"] for cell in cells} & {"a", "b", "a-2"}
    assert kept <= set(ids)


def test_figures_are_sharp_and_small(tmp_path):
    """Twice as many dots as the figure has, told to be so, and no more colours than fit into a byte."""
    plot = "import matplotlib.pyplot as plt\nplt.figure(figsize=(3, 2), dpi=90)\nplt.plot([0, 1])\nplt.show()"
    path = make(tmp_path / "figure.ipynb", plot, mystnb={"image": {"alt": "A line."}})
    assert notebooks.main(["run", str(path)]) == 0
    (output,) = nbformat.read(path, as_version=4).cells[0].outputs
    content = base64.b64decode(output.data["image/png"])
    picture = Image.open(io.BytesIO(content))
    shown = output.metadata["image/png"]
    assert (picture.width // 2, picture.height // 2) == (shown["width"], shown["height"])
    assert picture.mode == "P"
    assert round(picture.info["dpi"][0]) == 180
    assert len(content) < 12_000
    (tmp_path / "figure.png").write_bytes(content)
    assert pages.size_of(tmp_path / "figure.png") == (shown["width"], shown["height"])


def test_run_executes_in_the_notebooks_folder(tmp_path, capsys):
    (tmp_path / "beside.txt").write_text("found")
    path = make(tmp_path / "run.ipynb", "text = open('beside.txt').read()", "print(text)", "1 + 1")
    assert notebooks.main(["run", str(path)]) == 0
    cells = nbformat.read(path, as_version=4).cells
    assert [cell.execution_count for cell in cells] == [1, 2, 3]
    assert cells[1].outputs[0].text == "found\n"
    assert notebooks.faults(path) == []
    assert "[  2/3]" in capsys.readouterr().out

    first = path.read_bytes()
    assert notebooks.main(["run", str(path)]) == 0
    assert path.read_bytes() == first
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_a_failing_notebook_stays_as_it_was(tmp_path, capsys):
    path = make(tmp_path / "fails.ipynb", "x = 1", "raise ValueError('too short')")
    before = path.read_bytes()
    assert notebooks.main(["run", str(path)]) == 1
    assert path.read_bytes() == before
    error = strip_ansi(capsys.readouterr().err)
    assert "fails.ipynb, cell 2 (cell-2)" in error
    assert "ValueError: too short" in error


def test_a_slow_cell_is_stopped(tmp_path, capsys):
    path = make(tmp_path / "slow.ipynb", "import time; time.sleep(60)")
    before = path.read_bytes()
    assert notebooks.main(["run", "--timeout", "1", str(path)]) == 1
    assert path.read_bytes() == before
    assert "stopped after 1 s" in capsys.readouterr().err


def test_a_meant_error_is_kept(tmp_path):
    path = make(tmp_path / "meant.ipynb", "raise ValueError('meant')", tags=["raises-exception"])
    assert notebooks.main(["run", str(path)]) == 0
    assert nbformat.read(path, as_version=4).cells[0].outputs[0].ename == "ValueError"
    assert notebooks.faults(path) == []


def test_a_large_notebook_is_written_with_a_warning(tmp_path, capsys):
    path = make(tmp_path / "large.ipynb", "print('x' * 500_000)")
    assert notebooks.main(["run", str(path)]) == 0
    assert "over the limit of 500 kB" in capsys.readouterr().err
    assert any("over the limit" in fault for fault in notebooks.faults(path))


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "there is no such notebook"), ("{", "not valid JSON"), ('{"nbformat": 3}', "not a notebook of format 4")],
)
def test_bad_files_are_named(tmp_path, capsys, text, words):
    path = tmp_path / "bad.ipynb"
    if text is not None:
        path.write_text(text)
    assert notebooks.main(["canonical", str(path)]) == 1
    error = capsys.readouterr().err
    assert "bad.ipynb" in error
    assert words in error


def test_check_reports_each_fault(tmp_path, capsys):
    path = make(tmp_path / "unexecuted.ipynb", "1 + 1")
    assert notebooks.main(["check", str(path)]) == 1
    assert "cell 1 (cell-1): not executed; run: make run NB=" in capsys.readouterr().out


def test_many_unexecuted_cells_are_one_fault(tmp_path):
    path = make(tmp_path / "draft.ipynb", *"abcdef")
    assert len(notebooks.faults(path)) == 1
    assert "6 cells are not executed; run: make run NB=" in notebooks.faults(path)[0]
