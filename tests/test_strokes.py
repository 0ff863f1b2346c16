"""seqmodels.strokes: forms of a drawing and the ways between them, on random drawings."""

import itertools
import re

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from seqmodels import strokes
from seqmodels.plotting import INK, RED

matplotlib.use("agg")

# A machine that does other things as well may take its time over an example.
FORTY = settings(max_examples=40, deadline=None)

COORDINATES = st.floats(-1000, 1000, width=32)


def _lines(coordinates):
    line = npst.arrays(np.float64, st.tuples(st.integers(1, 12), st.just(2)), elements=coordinates)
    return st.lists(line, min_size=1, max_size=6)


DRAWINGS = _lines(COORDINATES)
GRID_DRAWINGS = _lines(st.integers(-1000, 1000).map(float))
SIZES = st.tuples(st.integers(1, 40), st.just(2))
LINES = npst.arrays(np.float64, SIZES, elements=COORDINATES)
DISTINCT_POINTS = npst.arrays(np.float64, SIZES, elements=COORDINATES, unique=True)


def _length(line):
    return np.linalg.norm(np.diff(line, axis=0), axis=1).sum()


def _same(lines, others, tolerance):
    assert [len(line) for line in lines] == [len(other) for other in others]
    for line, other in zip(lines, others, strict=True):
        np.testing.assert_allclose(line, other, atol=tolerance, rtol=0)


# Forms of a drawing


def test_stroke3_of_a_small_drawing():
    lines = [np.array([[1, 2], [4, 6]]), np.array([[0, 0]])]
    expected = [[1, 2, 0], [3, 4, 1], [-4, -6, 1]]
    for dtype in (np.float32, np.int16):
        drawing = strokes.to_stroke3(lines, dtype)
        assert drawing.dtype == dtype
        assert drawing.tolist() == expected


@FORTY
@given(DRAWINGS)
def test_lines_to_stroke3_and_back(lines):
    # Ten roundings of offsets up to 2,000 at 24 bits.
    _same(strokes.to_lines(strokes.to_stroke3(lines)), lines, 0.02)


@FORTY
@given(GRID_DRAWINGS)
def test_whole_numbers_come_back_exactly(lines):
    for dtype in (np.float32, np.int16):
        drawing = strokes.to_stroke3(lines, dtype)
        _same(strokes.to_lines(drawing), lines, 0)
        assert np.array_equal(strokes.to_stroke3(strokes.to_lines(drawing), dtype), drawing)


@FORTY
@given(DRAWINGS)
def test_rounding_to_int16_does_not_add_up(lines):
    _same(strokes.to_lines(strokes.to_stroke3(lines, np.int16)), lines, 0.5)


@FORTY
@given(DRAWINGS, st.integers(0, 5))
def test_stroke3_to_stroke5_and_back(lines, room):
    drawing = strokes.to_stroke3(lines)
    padded = strokes.to_stroke5(drawing, len(drawing) + room)
    assert padded.shape == (len(drawing) + room, 5)
    assert padded.dtype == np.float32
    assert (padded[:, 2:].sum(axis=1) == 1).all()
    assert padded[:, 3].sum() == len(lines)
    assert padded[len(drawing) :].tolist() == [[0, 0, 0, 0, 1]] * room
    assert np.array_equal(strokes.from_stroke5(padded), drawing)


@FORTY
@given(GRID_DRAWINGS, st.integers(-500, 500), st.integers(-500, 500))
def test_only_the_first_row_knows_where_a_drawing_lies(lines, right, down):
    here = strokes.to_stroke3(lines)
    there = strokes.to_stroke3([line + np.array([right, down]) for line in lines])
    assert np.array_equal(here[1:], there[1:])
    assert (there - here)[0].tolist() == [right, down, 0]


def test_the_last_line_ends_with_the_drawing_even_if_the_pen_is_down():
    unfinished = np.array([[1, 1, 0], [1, 1, 1], [1, 1, 0]])
    assert [line.tolist() for line in strokes.to_lines(unfinished)] == [[[1, 1], [2, 2]], [[3, 3]]]


# Fewer points


@FORTY
@given(DISTINCT_POINTS, st.sampled_from([0, 0.5, 10, 300]))
def test_simplified_line_stays_within_epsilon_and_keeps_its_ends(line, epsilon):
    simple = strokes.simplify(line, epsilon)
    kept = [int(np.flatnonzero((line == point).all(axis=1))[0]) for point in simple]
    assert kept == sorted(set(kept))
    assert (kept[0], kept[-1]) == (0, len(line) - 1)
    for first, last in itertools.pairwise(kept):
        assert strokes._distances(line[first : last + 1], line[first], line[last]).max() <= epsilon + 1e-9


@FORTY
@given(LINES)
def test_simplifying_takes_points_that_occur_twice(line):
    simple = strokes.simplify(np.concatenate([line, line]), 0.5)
    assert simple[[0, -1]].tolist() == line[[0, -1]].tolist()


def test_distance_is_to_the_segment_and_not_to_the_line_through_it():
    points = np.array([[-3.0, 4.0], [5.0, 2.0], [13.0, 4.0]])
    assert strokes._distances(points, np.array([0.0, 0.0]), np.array([10.0, 0.0])) == pytest.approx([5, 2, 5])
    assert strokes._distances(points[:1], np.zeros(2), np.zeros(2)) == pytest.approx([5])


def test_known_simplification():
    line = np.array([[0, 0], [1, 0.1], [2, -0.1], [3, 5], [4, 6], [5, 7], [6, 8.1], [7, 9], [8, 9], [9, 9]])
    assert strokes.simplify(line, 1.0).tolist() == [[0, 0], [2, -0.1], [3, 5], [7, 9], [9, 9]]


def test_a_closed_line_keeps_its_farthest_corner():
    square = np.array([[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]])
    assert [2, 2] in strokes.simplify(square, 0.1).tolist()


def test_a_line_of_many_points_is_simplified_without_recursion():
    # A convex curve, whose every point is kept, one after the other.
    along = np.arange(3000.0)
    line = np.column_stack([along, np.cumsum(1 / (1 + along))])
    assert len(strokes.simplify(line, 0)) == 3000


@FORTY
@given(LINES, st.sampled_from([0.5, 8, 5000]))
def test_resampled_line_keeps_its_ends_and_is_no_longer(line, spacing):
    even = strokes.resample(line, spacing)
    np.testing.assert_allclose(even[[0, -1]], line[[0, -1]], atol=1e-9)
    steps = np.linalg.norm(np.diff(even, axis=0), axis=1)
    assert (steps <= spacing + 1e-9).all()
    assert _length(even) <= _length(line) + 1e-6
    assert len(even) == np.ceil(_length(line) / spacing) + 1 or _length(line) == 0


@FORTY
@given(st.integers(1, 50), st.floats(0.1, 30))
def test_resampling_a_straight_line_keeps_its_length_and_evens_its_steps(seed, spacing):
    along = np.sort(np.random.default_rng(seed).uniform(0, 100, 20))
    line = np.column_stack([0.6 * along, 0.8 * along])
    even = strokes.resample(line, spacing)
    steps = np.linalg.norm(np.diff(even, axis=0), axis=1)
    assert _length(even) == pytest.approx(_length(line))
    assert steps == pytest.approx(np.full(len(steps), steps[0]))


def test_resampling_a_circle_keeps_nearly_all_of_its_length():
    turn = np.linspace(0, 2 * np.pi, 1001)
    circle = 10 * np.column_stack([np.cos(turn), np.sin(turn)])
    assert _length(strokes.resample(circle, 1.0)) == pytest.approx(20 * np.pi, rel=0.002)


def test_a_line_without_length_is_one_point():
    assert strokes.resample(np.ones((5, 2)), 8).tolist() == [[1, 1]]


# Curves


def test_lines_of_a_path():
    lines = strokes.from_svg("M1,2 L4,6 h2 M10,10 v5 z")
    assert [line.tolist() for line in lines] == [[[1, 2], [4, 6], [6, 6]], [[10, 10], [10, 15], [10, 10]]]


@pytest.mark.parametrize(
    "path, length",
    [
        ("M0,0 C0,55.23 44.77,100 100,100", 50 * np.pi),
        ("M0,0 A100,100 0 0 0 100,100", 50 * np.pi),
        ("M0,0 Q50,0 100,0", 100),
        ("M0,0 c0,55.23 44.77,100 100,100 s100,-44.77 100,-100", 100 * np.pi),
    ],
)
def test_a_curve_keeps_its_length_and_ends(path, length):
    (line,) = strokes.from_svg(path)
    assert _length(line) == pytest.approx(length, rel=0.001)
    assert line[0].tolist() == [0, 0]
    assert line[-1].tolist() in ([100, 100], [100, 0], [200, 0])


# Pictures


def _axes():
    return Figure().subplots()


DRAWING = strokes.to_stroke3([np.array([[0, 0], [10, 0], [10, 10]]), np.array([[5, 5]]), np.array([[0, 9], [9, 9]])])


def test_drawn_lines_are_the_lines_of_the_drawing():
    ax = _axes()
    strokes.draw(ax, DRAWING)
    drawn = [line.get_xydata().tolist() for line in ax.lines]
    assert drawn == [[[0, 0], [10, 0], [10, 10]], [[5, 5], [5, 5]], [[0, 9], [9, 9]]]
    assert {line.get_color() for line in ax.lines} == {INK}
    assert ax.yaxis_inverted()
    strokes.draw(ax, DRAWING)
    assert ax.yaxis_inverted(), "a second drawing on the same axes turned them again"


def test_marked_strokes_are_red_and_wider():
    ax = _axes()
    strokes.draw(ax, DRAWING, marked=np.array([False, False, False, True, False, False]), linewidth=1.5)
    assert [(line.get_color(), line.get_linewidth()) for line in ax.lines] == [(INK, 1.5), (RED, 3.0), (INK, 1.5)]


def test_one_colour_a_stroke():
    ax = _axes()
    strokes.draw(ax, DRAWING, colour="stroke")
    assert len({to_hex(line.get_color()) for line in ax.lines}) == 3


def test_colour_by_time_runs_over_all_strokes():
    ax = _axes()
    strokes.draw(ax, DRAWING, colour="time")
    shades = np.concatenate([collection.get_colors() for collection in ax.collections])
    assert len(shades) == 2 + 1 + 1
    brightness = shades[:, :3].mean(axis=1)
    assert (np.diff(brightness) > 0).all()
    assert brightness[-1] < 0.75
    left, right = ax.get_xlim()
    assert left <= 0 and right >= 10


# What is no drawing


@pytest.mark.parametrize(
    "use, error, message",
    [
        (lambda: strokes.to_lines(np.zeros((3, 5))), ValueError, "has the shape (3, 5), but stroke-3 is (points, 3)"),
        (lambda: strokes.to_lines(np.zeros((4, 3, 3))), ValueError, "has the shape (4, 3, 3), but stroke-3"),
        (lambda: strokes.to_lines(np.zeros((0, 3))), ValueError, "with at least one row"),
        (lambda: strokes.to_lines([["a", "b", "c"]]), TypeError, "as integers or floats"),
        (lambda: strokes.to_lines([[0, 0, 0], [1, np.nan, 1]]), ValueError, "Row 1 of an array is [ 1. nan  1.]"),
        (lambda: strokes.to_lines([[0, 0, 0.5]]), ValueError, "holds 0.5. Scale the first two columns only"),
        (lambda: strokes.to_stroke3([]), ValueError, "lines is empty"),
        (lambda: strokes.to_stroke3([[[1, 2, 3]]]), ValueError, "has the shape (1, 3), but a line is (points, 2)"),
        (lambda: strokes.to_stroke3([[[1, np.inf]]]), ValueError, "Row 0 of an array is [ 1. inf]"),
        (lambda: strokes.to_stroke3([[[0, 0]]], np.float64), TypeError, "numpy.float32 or numpy.int16"),
        (lambda: strokes.to_stroke3([[[0, 0], [0, 40_000]]], np.int16), ValueError, "An offset of 40,000 does not fit"),
        (lambda: strokes.to_stroke5(DRAWING, 5), ValueError, "A drawing of 6 points does not fit a length of 5"),
        (lambda: strokes.from_stroke5(DRAWING), ValueError, "stroke-5 is (length, 5)"),
        (lambda: strokes.from_stroke5([[0, 0, 0.7, 0.2, 0.1]]), ValueError, "draw a state from them first"),
        (lambda: strokes.from_stroke5([[0, 0, 1, 1, 0]]), ValueError, "one of the last three columns"),
        (lambda: strokes.from_stroke5([[0, 0, 0, 0, 1]]), ValueError, "it has no point"),
        (lambda: strokes.simplify(np.zeros((2, 2)), -1), ValueError, "epsilon is -1"),
        (lambda: strokes.simplify(np.zeros((2, 2)), np.nan), ValueError, "epsilon is nan"),
        (lambda: strokes.resample(np.zeros((2, 2)), 0), ValueError, "spacing is 0"),
        (lambda: strokes.from_svg("drawing"), ValueError, "The SVG path 'drawing' can't be read"),
        (lambda: strokes.from_svg("M0,0 L1"), ValueError, "can't be read"),
        (lambda: strokes.from_svg("L3,4"), ValueError, "does not begin with a move"),
        (lambda: strokes.from_svg(""), ValueError, "does not begin with a move"),
        (lambda: strokes.from_svg("M0,0 L1e999,1"), ValueError, "Row 1 of an array is [inf  1.]"),
        (lambda: strokes.draw(_axes(), DRAWING, marked=[True]), ValueError, "but the drawing has 6 points"),
    ],
)
def test_what_is_no_drawing_is_refused_with_the_reason(use, error, message):
    with pytest.raises(error, match=re.escape(message)):
        use()
