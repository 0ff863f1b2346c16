"""All attacks, by theme, each theme with its assignment; and the notebook that an attack begins with."""

import copy
from types import ModuleType

from nbformat import NotebookNode

from tests.grading import submissions, tiny
from tests.grading.attacks import (
    channel,
    documents,
    files,
    hidden,
    keras_tiny,
    kernel,
    models,
    reach,
    resources,
    values,
)
from tests.grading.attacks.attack import BLANK, SOLVED, Attack

BATCHES: dict[str, tuple[ModuleType, list[Attack]]] = {
    "documents": (tiny, documents.ATTACKS),
    "files": (tiny, files.ATTACKS),
    "process": (tiny, [*kernel.ATTACKS, *values.ATTACKS, *hidden.ATTACKS]),
    "reach": (tiny, [*reach.ATTACKS, *channel.ATTACKS]),
    "resources": (tiny, resources.ATTACKS),
    "models": (keras_tiny, models.ATTACKS),
}


def base(attack: Attack, assignment: ModuleType, release: NotebookNode, source: NotebookNode) -> NotebookNode:
    """The notebook that an attack changes: with every answer right, with every answer wrong, or as handed out."""
    if attack.base == BLANK:
        return copy.deepcopy(release)
    answers = submissions.reference_answers(source)
    if attack.base == SOLVED:
        return submissions.filled_in(release, answers)
    names = {cell.id: cell.cell_type for cell in release.cells}
    wrong = {
        name: f"def {name}(*arguments):\n    return []" if names[name] == "code" else answer
        for name, answer in answers.items()
    }
    return submissions.filled_in(release, wrong)
