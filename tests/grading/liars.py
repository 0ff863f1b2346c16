"""Students whose answers are right until a test asks for them.

Each of them has solved an assignment. But when a test asks, what comes are not the numbers: something of the right
shape without any, or what is easily taken for them. When the student's own cells ask, as those that train a model do,
the right ones come. A test that looks at a shape and then compares nothing would give points for it.
"""

import nbformat

from seqmodels.grading.channel.names import names
from tests.grading.submissions import Submission, reference_answers

LIAR = "wrong_liar_"
_WRAP = """

def _lying(function):
    import functools, sys
    import numpy as np

    def is_asked():
        frame = sys._getframe()
        while frame is not None and frame.f_code.co_name != "serve":
            frame = frame.f_back
        return frame is not None

    def told(answer):
        if isinstance(answer, (tuple, list)) and not _is_row(answer):
            return type(answer)(map(told, answer))
        if isinstance(answer, dict):
            return {name: told(value) for name, value in answer.items()}
        is_numbers = isinstance(answer, (list, tuple, np.ndarray, np.generic, int, float)) and not isinstance(answer, bool)
        return lie(np.asarray(answer)) if is_numbers else answer

    def _is_row(answer):
        return len(answer) > 0 and all(isinstance(part, (int, float, np.generic)) for part in answer)

    class Hollow:
        def __init__(self, like):
            self.shape, self.dtype, self.ndim, self.size = like.shape, like.dtype, like.ndim, like.size

        def __len__(self):
            return self.shape[0]

        def __getitem__(self, place):
            return Hollow(np.zeros(self.shape)[place])

%s

    if not callable(function):
        return function

    @functools.wraps(function)
    def answered(*arguments, **named):
        answer = function(*arguments, **named)
        return told(answer) if is_asked() else answer

    return answered


"""
# By name: what is told in place of an array, and how.
KINDS = {
    "hollow": (
        "answers with objects that have the right shape and no numbers",
        """    class HollowArray(Hollow):
        def __array__(self, dtype=None, copy=None):
            return np.zeros((0, *self.shape))

    lie = HollowArray""",
    ),
    "unanswered": (
        "answers with objects that have the right shape and length, and are no arrays",
        "    lie = Hollow",
    ),
    "nan": (
        "answers with arrays of the right shape that hold nothing but nan",
        "    lie = lambda like: np.full(like.shape, np.nan)",
    ),
    "one": (
        "answers with one number that would be repeated to fit",
        "    lie = lambda like: like.ravel()[:1]",
    ),
    "stops": (
        "ends the iteration of whoever asks",
        """    def lie(like):
        raise StopIteration""",
    ),
}
ALL = ""
# What they lose, by assignment, kind and test: what all of them do, and where one of them differs. An assignment that
# is not here has no liars. They keep what is no number: models and pipelines that are built, words, and the refusal of
# bad input. A row of one number passes where one number is wanted and a test looks at nothing else.
LOSES: dict[str, dict[str, dict[str, float]]] = {
    "bidirectional_models": {
        ALL: {
            "test_reverse": 6,
            "test_both_directions": 6,
            "test_masks": 4,
            "test_final_states": 6,
            "test_count": 4,
            "test_dependencies": 7,
            "test_look_ahead": 3,
            "test_causal": 8,
            "test_loss": 4,
            "test_accuracies": 4,
            "test_table": 4,
        },
        "one": {"test_count": 0, "test_look_ahead": 0},
    },
    "sentiment_lstm": {
        ALL: {
            "test_encode": 4,
            "test_bag_unseen": 3,
            "test_parameters": 3,
            "test_reader_unseen": 7,
            "test_read_log": 6,
            "test_summarise": 4,
        },
        "one": {"test_parameters": 0, "test_summarise": 2},
    },
    "seven_day_forecast": {
        ALL: {
            "test_split": 3,
            "test_windows": 7,
            "test_scaler": 2,
            "test_scale_parts": 4,
            "test_in_thousands": 2,
            "test_mae": 2,
            "test_mase": 4,
            "test_baselines": 4,
            "test_median_of_weeks": 3,
            "test_seq2vec_unseen": 4,
            "test_every_step_targets": 5,
            "test_every_step_unseen": 3,
            "test_decoder_inputs": 4,
            "test_decode": 4,
            "test_decode_unseen": 3,
            "test_forecast": 2,
            "test_forecast_unseen": 6,
        },
        "nan": {"test_mase": 3},
        "one": {"test_mase": 3},
        "stops": {"test_mae": 3},
    },
    "sketchrnn_classifier": {
        ALL: {
            "test_to_stroke3": 6,
            "test_to_lines": 6,
            "test_offset_scale": 3,
            "test_normalise": 3,
            "test_normalise_parts": 3,
            "test_without_points": 6,
            "test_augment": 6,
            "test_classifier_unseen": 8,
            "test_confusion_matrix": 5,
            "test_most_confused": 3,
            "test_recognise": 3,
            "test_recognise_unseen": 6,
        },
        "stops": {"test_confusion_matrix": 6},
    },
}


def liars(assignment: str, source: nbformat.NotebookNode) -> list[Submission]:
    """The liars of an assignment.

    Args:
      assignment: its name.
      source: the teacher's notebook.
    """
    if assignment not in LOSES:
        return []
    honest = reference_answers(source)
    code = {cell.metadata.nbgrader.grade_id for cell in source.cells if cell.cell_type == "code"} & set(honest)
    return [
        Submission(
            f"{LIAR}{kind}",
            about,
            _loses(assignment, kind),
            {name: honest[name] + _WRAP % lie + _wrapped(honest[name]) for name in sorted(code)},
        )
        for kind, (about, lie) in KINDS.items()
    ]


def _loses(assignment: str, kind: str) -> dict[str, float]:
    lost = LOSES[assignment][ALL] | LOSES[assignment].get(kind, {})
    return {test: points for test, points in lost.items() if points}


def _wrapped(answer: str) -> str:
    return "\n".join(f"{name} = _lying({name})" for name in sorted(names(answer).binds)) + "\n"
