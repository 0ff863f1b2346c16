"""What the formgrader's page is given as the rubric of a cell; test_browser_round.py reads it on the page."""

import pytest
from traitlets.config import Config

from seqmodels.grading.rubrics import Rubric
from tests.grading import tiny

NAMES = {"assignment_id": tiny.NAME, "notebook_id": tiny.NAME}


@pytest.fixture
def rubric(tmp_path):
    tiny.write(tmp_path)
    return Rubric(config=Config(CourseDirectory={"root": str(tmp_path), "source_directory": "solutions"}))


def _cell(name):
    (cell,) = [cell for cell in tiny.notebook().cells if cell.id == name]
    return cell


def test_written_question_has_the_text_that_students_do_not_get(rubric):
    # The cell of the page is a student's; only its name counts.
    cell = _cell("why")
    cell.source = "My answer."
    assert rubric(cell, NAMES) == (
        "<p>A model answer about why, which earns all the points.</p>\n"
        "<p>Two points for naming the reason of why.</p>\n"
    )


@pytest.mark.parametrize("name", ["title", "add_3", "test_add_3"])
def test_other_cells_have_none(rubric, name):
    assert rubric(_cell(name), NAMES) == ""


def test_page_is_shown_without_the_source_notebook(rubric):
    assert rubric(_cell("why"), NAMES | {"assignment_id": "elsewhere"}) == ""


def test_question_that_the_source_does_not_know_has_none(rubric):
    cell = _cell("why")
    cell.metadata.nbgrader.grade_id = "new"
    assert rubric(cell, NAMES) == ""
