"""The student's Validate: it says of a notebook what grading it would say, whichever editor it comes from."""

import copy
import sys

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.server_extensions.validate_assignment import handlers
from traitlets.config import PyFileConfigLoader

from seqmodels.grading.validation import Validator, install, keep_one_of_each
from tests.grading import submissions, tiny
from tests.grading.course import ROOT
from tests.grading.mishaps import cell_of, place_of
from tools.release import generate

CONFIGURATIONS = [ROOT, ROOT / "tools" / "student" / "course" / "environment" / "etc" / "jupyter"]


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    tiny.write(folder)
    (folder / "nbgrader_config.py").write_bytes((ROOT / "nbgrader_config.py").read_bytes())
    generated = generate(tiny.NAME, folder, tmp_path_factory.mktemp("scratch"))
    return nbformat.read(generated / f"{tiny.NAME}.ipynb", as_version=4)


@pytest.fixture
def solved(released):
    return submissions.filled_in(released, submissions.reference_answers(tiny.notebook()))


def _doubled(notebook, name: str, source: str, by: int = 0) -> None:
    doubled = copy.deepcopy(cell_of(notebook, name))
    doubled.source, doubled.id = source, f"{name}-copy"
    notebook.cells.insert(place_of(notebook, name) + by, doubled)


@pytest.mark.parametrize("folder", CONFIGURATIONS, ids=["course", "bundle"])
def test_copied_cells_and_another_kernel_are_no_obstacle(folder, released, solved, tmp_path, monkeypatch):
    """With the configuration of the course and that of the students' archive."""
    stub = cell_of(released, "add_1").source
    _doubled(solved, "add_1", stub)
    _doubled(solved, "add_2", "def add_2(values):\n    return []")
    _doubled(solved, "test_add_3", "1 / 0", by=1)
    _doubled(solved, "add_4", stub.replace("add_1", "add_4").replace("Add 1 to", "Add 4 to"), by=1)
    solved.metadata.kernelspec = NotebookNode(name="conda-env-ml-py", display_name="ml", language="python")
    for number in (5, 6):
        cell_of(solved, f"add_{number}").source = stub.replace("add_1", f"add_{number}")
    nbformat.write(solved, tmp_path / "tiny.ipynb")
    monkeypatch.setattr(handlers, "Validator", object)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    assert handlers.Validator is Validator, "the button in JupyterLab has it too"
    found = Validator(config=config).validate(str(tmp_path / "tiny.ipynb"))
    failed = [cell["source"].partition("(")[0] for cell in found["failed"]]
    assert failed == ["answer = add_5", "answer = add_6"]


def test_a_notebook_without_copies_stays_as_it_is(solved):
    before = nbformat.writes(solved)
    keep_one_of_each(solved)
    assert nbformat.writes(solved) == before


def test_cells_that_are_no_more_than_a_name_do_not_stop_it(solved):
    for name in ("add_1", "test_add_1"):
        _doubled(solved, name, "1")
        cell_of(solved, name).metadata.nbgrader = NotebookNode(grade_id=name, grade=True)
    keep_one_of_each(solved)
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in solved.cells]
    assert names.count("add_1") == names.count("test_add_1") == 1


def test_the_command_uses_it_too():
    install()
    assert sys.modules["nbgrader.apps.validateapp"].Validator is Validator
