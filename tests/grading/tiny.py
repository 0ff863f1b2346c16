"""A small assignment without TensorFlow, for the tests of the machinery itself."""

from pathlib import Path

import nbformat

NAME = "tiny"


def notebook() -> nbformat.NotebookNode:
    """The source of an assignment that keeps every rule: 100 points, 80 of them autograded."""
    cells = [_text("title", "# Small sums\n\nWrite some functions on lists.")]
    for number in range(8):
        cells += [_answer(number), _test(number)]
    cells += [_written("why", 10), _written("what_next", 10)]
    found = nbformat.v4.new_notebook(cells=cells)
    found.metadata = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return found


def write(course: Path, source: nbformat.NotebookNode | None = None) -> Path:
    """Write the source notebook into a course folder and return its path."""
    path = course / "solutions" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(source or notebook(), path)
    return path


def _text(name: str, source: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(source, id=name, metadata={"nbgrader": _meta(name, locked=True)})


def _answer(number: int) -> nbformat.NotebookNode:
    source = f'''def add_{number}(values):
    """Add {number} to each value."""
    ### BEGIN SOLUTION
    return [value + {number} for value in values]
    ### END SOLUTION'''
    name = f"add_{number}"
    return nbformat.v4.new_code_cell(source, id=name, metadata={"nbgrader": _meta(name, solution=True)})


def _test(number: int) -> nbformat.NotebookNode:
    source = f"""answer = add_{number}([1, 2])
assert len(answer) == 2, "The answer has as many values as the question."
### BEGIN HIDDEN TESTS
secret_question_{number} = [3, -4, 5]
secret_answer_{number} = [value + {number} for value in secret_question_{number}]
points = 4 + 6 * (add_{number}(secret_question_{number}) == secret_answer_{number})
assert answer == [1 + {number}, 2 + {number}], "A sum is wrong."
points
### END HIDDEN TESTS"""
    name = f"test_add_{number}"
    meta = _meta(name, grade=True, locked=True, points=10)
    return nbformat.v4.new_code_cell(source, id=name, metadata={"nbgrader": meta})


def _written(name: str, points: int) -> nbformat.NotebookNode:
    source = f"""**{name}** In your own words.

### BEGIN SOLUTION
A model answer about {name}, which earns all the points.

Two points for naming the reason of {name}.
### END SOLUTION"""
    meta = _meta(name, grade=True, solution=True, points=points)
    return nbformat.v4.new_markdown_cell(source, id=name, metadata={"nbgrader": meta})


def _meta(name: str, *, grade=False, solution=False, locked=False, points=None) -> dict:
    meta = {
        "grade_id": name,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
        "schema_version": 3,
    }
    return meta if points is None else meta | {"points": points}
