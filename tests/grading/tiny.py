"""A small assignment without TensorFlow, for the tests of the machinery itself."""

from pathlib import Path

from nbformat import NotebookNode

from tests.grading import small

NAME = "tiny"


def notebook() -> NotebookNode:
    """The source of an assignment that keeps every rule: 100 points, 80 of them autograded."""
    cells = [small.text("title", "# Small sums\n\nWrite some functions on lists.")]
    for number in range(8):
        cells += [_answer(number), _test(number)]
    return small.notebook([*cells, _written("why"), _written("what_next")])


def write(course: Path, source: NotebookNode | None = None) -> Path:
    """Write the source notebook into a course folder and return its path."""
    return small.write(course, NAME, source or notebook())


def _answer(number: int) -> NotebookNode:
    source = f'''def add_{number}(values):
    """Add {number} to each value."""
    ### BEGIN SOLUTION
    return [value + {number} for value in values]
    ### END SOLUTION'''
    return small.answer(f"add_{number}", source)


def _test(number: int) -> NotebookNode:
    source = f"""answer = add_{number}([1, 2])
assert len(answer) == 2, "The answer has as many values as the question."
### BEGIN HIDDEN TESTS
secret_question_{number} = [3, -4, 5]
secret_answer_{number} = [value + {number} for value in secret_question_{number}]
points = 4 + 6 * (add_{number}(secret_question_{number}) == secret_answer_{number})
assert answer == [1 + {number}, 2 + {number}], "A sum is wrong."
points
### END HIDDEN TESTS"""
    return small.test(f"add_{number}", source)


def _written(name: str) -> NotebookNode:
    source = f"""**{name}** In your own words.

### BEGIN SOLUTION
A model answer about {name}, which earns all the points.

Two points for naming the reason of {name}.
### END SOLUTION"""
    return small.written(name, source)
