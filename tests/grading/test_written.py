"""What a run says of the written answers: who counts as having answered, and whose marks count."""

from seqmodels.grading.runner.results import GRADED, NEEDS_PERSON, SET_ASIDE, Result, marked
from seqmodels.grading.runner.summary import summary
from seqmodels.grading.runner.written import Question, questions

POSSIBLE = {"why": 10.0, "how": 5.0}


def _result(student, why, how=(0, None), pending=(), status=GRADED):
    """A result with an automatic mark and one given by hand for each answer, as the gradebook has them."""
    automatic, by_hand = ({"why": why[number], "how": how[number]} for number in (0, 1))
    return Result(student, status, points=automatic, by_hand=by_hand, pending=list(pending))


CLASS = [
    _result("marked", (None, 7.5)),
    _result("marked too", (None, 4.5)),
    _result("empty", (0, None)),
    _result("open", (None, None), pending=["why"], status=NEEDS_PERSON),
    _result("graded anew since then", (None, 10), pending=["why"], status=NEEDS_PERSON),
    _result("empty and marked all the same", (0, 3.0)),
    _result("set aside", (0, None), status=SET_ASIDE),
    Result("failed", "failed"),
]


def test_answers_and_marks_are_counted():
    assert questions(marked(CLASS), POSSIBLE) == [
        Question("why", 10, answered=5, marked=3, pending=2, mean=5.0, spread=2.29),
        Question("how", 5, answered=0, marked=0, pending=0, mean=None, spread=None),
    ]


def test_one_mark_has_no_spread():
    (question,) = questions(CLASS[:1], {"why": 10.0})
    assert (question.mean, question.spread) == (7.5, None)


def test_table_shows_them_beside_the_tests():
    lines = summary(CLASS, {}, questions(marked(CLASS), POSSIBLE)).splitlines()
    head = lines.index("Question  Points  Answered  Marked  To be marked  Mean  Spread")
    assert [line.split() for line in lines[head + 2 : head + 4]] == [
        ["why", "10", "5", "3", "2", "5.0", "2.3"],
        ["how", "5", "0", "0", "0"],
    ]


def test_no_table_where_there_are_no_questions_or_nobody_could_be_graded():
    assert "Question" not in summary(CLASS, {}, [])
    assert "Question" not in summary(CLASS[-2:], {}, questions([], POSSIBLE))
