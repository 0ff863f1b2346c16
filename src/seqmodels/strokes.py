"""Drawings as sequences: lines, stroke-3 and stroke-5, from curves and back to a picture.

A drawing takes one of three forms here:

- *lines*: a list of arrays (points, 2) of x and y, one for each time that the pen touches the
  paper. As on a screen, y grows downwards.
- *stroke-3*: one array (points, 3). Each row says how far a point lies from the one before it,
  dx and dy, and whether the pen is lifted after it: 1 if it is, 0 if it stays on the paper. The
  first row is counted from the origin, so it says where on the page the drawing begins.
- *stroke-5*, the form that Ha and Eck (2017) generate drawings in: one array (length, 5) of dx,
  dy and three states of the pen of which one is 1: on the paper after this point, lifted after
  this point, drawing over. Rows after the last point are (0, 0, 0, 0, 1).
"""

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from svg.path import Close, Line, Move, parse_path

from seqmodels.plotting import INK, RED

# Chords that stand for one curve of a path before points are spaced along it: a curve that
# turns by a quarter then keeps 99.9 % of its length.
CHORDS = 16


def from_svg(path: str) -> list[np.ndarray]:
    """Lines along the curves of an SVG path, the ``d`` of a ``<path>``.

    A straight segment gives its end points. A curve gives points close enough together to stand
    for it: follow with `resample` or `simplify`.
    """
    try:
        segments = parse_path(path)
    except ValueError as error:
        raise ValueError(f"The SVG path {path!r} can't be read: {error}") from None
    if not segments or not isinstance(segments[0], Move):
        raise ValueError(f"The SVG path {path!r} does not begin with a move. A path reads 'M x,y' and then its curves.")
    lines = []
    for segment in segments:
        if isinstance(segment, Move):
            lines.append([segment.end])
        elif isinstance(segment, (Line, Close)):
            lines[-1].append(segment.end)
        else:
            lines[-1] += [segment.point(step / CHORDS) for step in range(1, CHORDS)] + [segment.end]
    return [_check_line(np.column_stack([np.real(line), np.imag(line)])) for line in lines]


def resample(line: np.ndarray, spacing: float) -> np.ndarray:
    """Points at equal distances along a line, both ends among them.

    Args:
      line: array (points, 2).
      spacing: how far apart the points may lie, measured along the line. They lie as far apart
        as the length of the line allows.

    Returns:
      Array (points, 2). A line without length gives its one point.
    """
    line = _check_line(line)
    if not spacing > 0:
        raise ValueError(f"spacing is {spacing}: points can only lie a positive distance apart.")
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    if along[-1] == 0:
        return line[:1]
    marks = np.linspace(0.0, along[-1], int(np.ceil(along[-1] / spacing)) + 1)
    return np.column_stack([np.interp(marks, along, line[:, axis]) for axis in (0, 1)])


def simplify(line: np.ndarray, epsilon: float) -> np.ndarray:
    """The line without the points that it can do without (Ramer 1972; Douglas and Peucker 1973).

    Args:
      line: array (points, 2).
      epsilon: the greatest distance that a point left out may have from the segment that
        replaces it, in the units of the line. With 0, only points exactly on it are left out.

    Returns:
      Array (points, 2): some of the points, in order, with the first and the last.
    """
    line = _check_line(line)
    if not epsilon >= 0:
        raise ValueError(f"epsilon is {epsilon}: a distance is zero or more.")
    keep = np.zeros(len(line), dtype=bool)
    keep[[0, -1]] = True
    pending = [(0, len(line) - 1)]  # a list, as recursion would end at a thousand points in a row
    while pending:
        first, last = pending.pop()
        if last - first < 2:
            continue
        away = _distances(line[first + 1 : last], line[first], line[last])
        if away.max() > epsilon:
            farthest = first + 1 + int(away.argmax())
            keep[farthest] = True
            pending += [(first, farthest), (farthest, last)]
    return line[keep]


def _distances(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """How far points lie from a segment, which ends at its ends: lines may turn back beyond them."""
    direction = end - start
    squared = direction @ direction
    share = np.clip((points - start) @ direction / squared, 0, 1) if squared > 0 else np.zeros(len(points))
    return np.linalg.norm(points - start - share[:, None] * direction, axis=1)


def to_stroke3(lines: list[np.ndarray], dtype: type = np.float32) -> np.ndarray:
    """A drawing in stroke-3 from its lines.

    Args:
      lines: arrays (points, 2), one for each time that the pen touches the paper.
      dtype: `numpy.float32`, or `numpy.int16` as in the files of Quick, Draw!, which rounds each
        point (and not each offset, whose errors would add up).
    """
    if dtype not in (np.float32, np.int16):
        raise TypeError(f"dtype is {dtype}: stroke-3 is kept as numpy.float32 or numpy.int16.")
    if len(lines) == 0:
        raise ValueError("lines is empty: a drawing has at least one line. Leave empty drawings out.")
    lines = [_check_line(line) for line in lines]
    points = np.concatenate(lines)
    if dtype is np.int16:
        points = np.rint(points)
    offsets = np.diff(points, axis=0, prepend=[[0.0, 0.0]])
    if dtype is np.int16 and np.abs(offsets).max() > np.iinfo(np.int16).max:
        raise ValueError(
            f"An offset of {np.abs(offsets).max():,.0f} does not fit int16. Scale the lines down, or use numpy.float32."
        )
    lifted = np.zeros(len(points))
    lifted[np.cumsum([len(line) for line in lines]) - 1] = 1
    return np.column_stack([offsets, lifted]).astype(dtype)


def to_lines(strokes: np.ndarray) -> list[np.ndarray]:
    """The lines of a drawing in stroke-3, as float64. The last line ends with the drawing, even if the pen is down."""
    strokes = _check_stroke3(strokes)
    points = np.cumsum(strokes[:, :2], axis=0, dtype=np.float64)
    return np.split(points, _ends(strokes))


def to_stroke5(strokes: np.ndarray, length: int) -> np.ndarray:
    """A drawing in stroke-5, as float32, padded to a length.

    A drawing of exactly that many points has no row that says it is over; a model that has to
    learn where to stop needs one more.
    """
    strokes = _check_stroke3(strokes)
    if len(strokes) > length:
        raise ValueError(
            f"A drawing of {len(strokes):,} points does not fit a length of {length:,}. "
            "Raise the length, simplify the drawing or leave it out."
        )
    padded = np.zeros((length, 5), dtype=np.float32)
    padded[: len(strokes), :2] = strokes[:, :2]
    padded[: len(strokes), 2] = 1 - strokes[:, 2]
    padded[: len(strokes), 3] = strokes[:, 2]
    padded[len(strokes) :, 4] = 1
    return padded


def from_stroke5(strokes: np.ndarray) -> np.ndarray:
    """A drawing in stroke-3, as float32, from stroke-5: the rows before the first that says it is over."""
    strokes = _check_numbers(strokes, 5, "stroke-5 is (length, 5): dx, dy, pen down, pen lifted, drawing over")
    states = strokes[:, 2:]
    if not (np.isin(states, (0, 1)).all() and (states.sum(axis=1) == 1).all()):
        raise ValueError(
            "In stroke-5, one of the last three columns of each row is 1 and the others are 0. "
            "Where a model gives probabilities, draw a state from them first."
        )
    over = np.flatnonzero(strokes[:, 4])
    drawn = strokes[: over[0]] if len(over) else strokes
    if len(drawn) == 0:
        raise ValueError("The drawing is over in its first row: it has no point. Leave empty drawings out.")
    return drawn[:, [0, 1, 3]].astype(np.float32)


def draw(
    ax: Axes,
    strokes: np.ndarray,
    *,
    colour: str = INK,
    marked: np.ndarray | None = None,
    linewidth: float = 2.0,
) -> None:
    """Draw stroke-3 on axes.

    Args:
      ax: the axes. Their y axis is turned downwards and their frame is hidden.
      strokes: array (points, 3).
      colour: a colour of matplotlib, ``"stroke"`` for another one for each stroke, or ``"time"``
        for a scale from the first point (dark) to the last (light).
      marked: array (points,) of booleans. Lines of marked points are drawn red and twice as wide.
      linewidth: width of the lines, in points.
    """
    lines = to_lines(strokes)
    if marked is None:
        marked = np.zeros(len(strokes), dtype=bool)
    if np.shape(marked) != (len(strokes),):
        raise ValueError(
            f"marked has the shape {np.shape(marked)}, but the drawing has {len(strokes):,} points: "
            "it takes one boolean for each."
        )
    first = 0
    for number, line in enumerate(lines):
        shade = {"stroke": f"C{number}", "time": None}.get(colour, colour)
        style = {"linewidth": linewidth, "linestyle": "-", "solid_capstyle": "round", "solid_joinstyle": "round"}
        if np.any(marked[first : first + len(line)]):
            shade, style["linewidth"] = RED, 2 * linewidth
        if shade is None:
            _draw_by_time(ax, line, first, len(strokes), linewidth)
        else:
            # A line of one point shows as a dot once it has two ends.
            ax.plot(*(line if len(line) > 1 else np.repeat(line, 2, axis=0)).T, color=shade, **style)
        first += len(line)
    ax.set_aspect("equal")
    ax.axis("off")
    if not ax.yaxis_inverted():
        ax.invert_yaxis()


def _draw_by_time(ax: Axes, line: np.ndarray, first: int, points: int, linewidth: float) -> None:
    ends = np.stack([line[:-1], line[1:]], axis=1) if len(line) > 1 else np.stack([line, line], axis=1)
    # The lightest fifth of the scale can't be seen on white.
    shades = mpl.colormaps["cividis"](0.8 * (first + np.arange(len(ends))) / points)
    ax.add_collection(LineCollection(ends, colors=shades, linewidths=linewidth, capstyle="round"))
    ax.autoscale_view()


def _ends(strokes: np.ndarray) -> np.ndarray:
    """Where the lines of stroke-3 end, except the last one."""
    return np.flatnonzero(strokes[:-1, 2]) + 1


def _check_line(line: np.ndarray) -> np.ndarray:
    return _check_numbers(line, 2, "a line is (points, 2): x and y").astype(np.float64)


def _check_stroke3(strokes: np.ndarray) -> np.ndarray:
    remedy = "stroke-3 is (points, 3): dx, dy, pen lifted (stroke-5 goes through from_stroke5 first)"
    strokes = _check_numbers(strokes, 3, remedy)
    if not np.isin(strokes[:, 2], (0, 1)).all():
        raise ValueError(
            "The third column of stroke-3 is 1 where the pen is lifted and 0 elsewhere, but it holds "
            f"{np.setdiff1d(strokes[:, 2], (0, 1))[0]}. Scale the first two columns only."
        )
    return strokes


def _check_numbers(array: np.ndarray, columns: int, form: str) -> np.ndarray:
    array = np.asarray(array)
    if array.ndim != 2 or array.shape[1] != columns or len(array) == 0:
        raise ValueError(f"An array has the shape {array.shape}, but {form}, with at least one row.")
    if array.dtype.kind not in "iuf":
        raise TypeError(f"An array holds {array.dtype}, but {form}, as integers or floats.")
    bad = ~np.isfinite(array).all(axis=1)
    if bad.any():
        raise ValueError(
            f"Row {bad.argmax()} of an array is {array[bad.argmax()]}: leave out points that are no numbers."
        )
    return array
