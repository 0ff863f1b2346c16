"""The works of a timeline as a picture: a lane for each family, time downwards, arrows of descent.

Each work has a box in the column of its lane. Years are as high as they need to be, so that the
quiet decades take little room. Lines run where no box can be: down the gutters between the lanes, and
across in the gaps between the rows. Where two lines would lie on each other, they get tracks of
their own; lines that begin at the same box may share one.

All lengths are in points, 1/72 of an inch, with y downwards.
"""

import io
import re
from itertools import pairwise

import matplotlib as mpl
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, PathPatch, Rectangle
from matplotlib.path import Path

from seqmodels.plotting import BLUE, GREEN, INK, ORANGE, PURPLE, RED, SKY
from seqmodels.timeline.works import ELSEWHERE

COLOURS = (RED, BLUE, GREEN, PURPLE, ORANGE, SKY)
BOX = (150, 34)
GUTTER, GAP = 30, 14
MARGIN, HEADER, FOOTER = 58, 104, 30
TRACK = 4
NAME, WHO = 13, 11
FONTS = ["DejaVu Sans", "Verdana", "Arial", "Helvetica"]  # of about the width for which the boxes are made
CORNER = 5


def svg(timeline, lane=None):
    """The picture of all lanes, or of one, as the text of an SVG file, the same on every call."""
    file = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "timeline", "svg.fonttype": "none", "font.sans-serif": FONTS}):
        draw(timeline, lane).savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return _shorter(file.getvalue())


def _shorter(drawing):
    """The same drawing in half as many letters."""
    # A hundredth of a point is seen by nobody.
    drawing = re.sub(r"\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", drawing)
    drawing = re.sub(r' transform="rotate\(-0 [^)]*\)"', "", drawing)
    return re.sub(r"\s*\n(?=[LQz\"])", " ", drawing)  # a path on one line


def draw(timeline, lane=None):
    """The picture as a matplotlib figure; `draw(timeline).savefig("history.pdf")` is for the printer.

    A picture of one lane has beside it the works of other lanes that it builds on, in the colours of theirs.
    """
    colour_of = dict(zip(timeline.lanes, COLOURS, strict=False))
    colours = {key: colour_of[work.lane] for key, work in timeline.works.items()}
    title, size = ("Sequence models", 24) if lane is None else (timeline.lanes[lane], 16)
    if lane is not None:
        timeline = timeline.of_lane(lane)
    rows = assign_rows(timeline.works.values())
    width = MARGIN + len(timeline.lanes) * (BOX[0] + GUTTER) + (GUTTER / 2 if lane else 0)
    height = HEADER + (max(rows.values()) + 1) * (BOX[1] + GAP) + FOOTER
    figure = Figure(figsize=(width / 72, height / 72), facecolor="white", layout="none")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    lanes = list(timeline.lanes)
    place = {key: (_centre(lanes.index(work.lane)), _top(rows[key])) for key, work in timeline.works.items()}
    _title(axes, timeline, title, size)
    _years(axes, timeline, rows, width)
    for index, lane in enumerate(lanes):
        for y in (HEADER - 26, height - 15):
            axes.text(_centre(index), y, timeline.lanes[lane], color=INK, ha="center", va="center", size=12.5)
    for number, (source, ways) in enumerate(_by_source(routes(timeline, rows)).items()):
        for points in ways:
            _arrow(axes, points, colours[source], zorder=1 + number / len(rows))
    for key, work in timeline.works.items():
        _box(axes, *place[key], work, colours[key])
    for patch in axes.patches:
        patch.set_clip_on(False)  # all lie within the picture, and each would carry the border along in its file
    return figure


# --- where things stand -------------------------------------------------------------------


def assign_rows(works):
    """A row for each work: below those of earlier years, those of its lane, and those that it builds on."""
    rows, lowest, year, first = {}, {}, None, 0
    for work in works:
        if work.year != year:
            year, first = work.year, max(rows.values(), default=-1) + 1
        above = [lowest.get(work.lane, -1), *(rows[key] for key in work.builds_on)]
        rows[work.key] = lowest[work.lane] = max(first, 1 + max(above))
    return rows


def routes(timeline, rows):
    """For each arrow, the key of its source and the corners of its way."""
    lanes = list(timeline.lanes)
    edges = [(source, work.key) for work in timeline.works.values() for source in work.builds_on]
    column = {key: lanes.index(work.lane) for key, work in timeline.works.items()}
    taken = {(column[key], row) for key, row in rows.items()}
    bent = [edge for edge in edges if not _is_straight(*edge, column, rows, taken)]
    down, across = [], []
    # Beside a lane of what comes from elsewhere, arrows within the other lane keep to its free side.
    free_side = int(lanes[0] == ELSEWHERE)
    for source, target in bent:
        to_the_right = column[target] > column[source] or (column[target] == column[source] == free_side == 1)
        gutter = column[source] + to_the_right
        down.append((gutter, source, rows[source], rows[target] - 0.5))
        ends = sorted((_gutter(gutter), _centre(column[target])))
        across.append((rows[target], source, *ends))
    vertical, horizontal = assign_tracks(down), assign_tracks(across)
    for source, target in edges:
        x, y = _centre(column[source]), _top(rows[source])
        end_x, end_y = _centre(column[target]), _top(rows[target])
        if (source, target) not in bent:
            yield source, [(x, y + BOX[1]), (end_x, end_y)]
            continue
        index = bent.index((source, target))
        leaves = 1 if down[index][0] > column[source] else -1
        track_x = _gutter(down[index][0]) + TRACK * vertical[index]
        track_y = end_y - GAP / 2 - 1 + TRACK * 0.75 * horizontal[index]
        end_x += 14 if track_x > end_x else -14  # what comes from the left ends left of the middle
        yield (
            source,
            [
                (x + leaves * BOX[0] / 2, y + BOX[1] / 2),
                (track_x, y + BOX[1] / 2),
                (track_x, track_y),
                (end_x, track_y),
                (end_x, end_y),
            ],
        )


def _is_straight(source, target, column, rows, taken):
    """Whether the target stands in the lane of its source, with nothing between them."""
    between = range(rows[source] + 1, rows[target])
    return column[source] == column[target] and not any((column[source], row) in taken for row in between)


def assign_tracks(stretches):
    """A track, 0, 1, -1, 2, ..., for each stretch (channel, source, begin, end).

    Two stretches of one channel that overlap get different tracks, unless they have one source.
    """
    tracks = []
    for number, (channel, source, begin, end) in enumerate(stretches):
        others = {
            tracks[n]
            for n, (c, s, b, e) in enumerate(stretches[:number])
            if c == channel and s != source and b <= end and begin <= e
        }
        same = [tracks[n] for n, (c, s, _, _) in enumerate(stretches[:number]) if (c, s) == (channel, source)]
        order = [*same, 0, *(sign * n for n in range(1, len(stretches) + 1) for sign in (1, -1))]
        tracks.append(next(track for track in order if track not in others))
    return tracks


def _centre(column):
    return MARGIN + GUTTER + column * (BOX[0] + GUTTER) + BOX[0] / 2 - GUTTER / 2


def _gutter(number):
    """The middle of the gutter to the left of the column with this number."""
    return _centre(number) - BOX[0] / 2 - GUTTER / 2


def _top(row):
    return HEADER + row * (BOX[1] + GAP)


# --- what is drawn ------------------------------------------------------------------------


def _title(axes, timeline, title, size):
    years = [work.year for work in timeline.works.values() if work.lane != ELSEWHERE]
    axes.text(MARGIN, 26, f"{title}, {years[0]}–{years[-1]}", size=size, weight="bold", va="center", color=INK)
    axes.text(MARGIN, 53, "An arrow leads from an idea to a work that uses it.", size=12.5, va="center", color=INK)


def _years(axes, timeline, rows, width):
    """A band behind the rows of each year; every other one is grey."""
    first = {}
    for key, work in timeline.works.items():
        first[work.year] = min(first.get(work.year, rows[key]), rows[key])
    ends = [*first.values(), max(rows.values()) + 1]
    for number, (year, (begin, end)) in enumerate(zip(first, pairwise(ends), strict=True)):
        y, height = _top(begin) - GAP / 2 - 2, (end - begin) * (BOX[1] + GAP)
        if number % 2 == 0:
            axes.add_patch(Rectangle((0, y), width, height, facecolor="#F3F3F3", edgecolor="none", zorder=0))
        axes.text(9, _top(begin) + BOX[1] / 2, str(year), size=14, va="center", color=INK, weight="bold")


def _box(axes, x, y, work, colour):
    width, height = BOX
    corner = (x - width / 2, y)
    style = "round,pad=0,rounding_size=5"
    axes.add_patch(
        FancyBboxPatch(corner, width, height, style, facecolor=_tint(colour), edgecolor=colour, lw=1.3, zorder=3)
    )
    axes.text(x, y + 11.5, work.name, size=NAME, weight="bold", ha="center", va="center", color="black", zorder=4)
    axes.text(x, y + 25.5, short(work.who), size=WHO, ha="center", va="center", color="black", zorder=4)


def short(who):
    """Two authors at most: what fits into a box."""
    return who.split(",")[0] + " and others" if "," in who else who.replace(" and Schmidhuber", ", Schmidhuber")


def _tint(colour):
    return tuple(1 - 0.16 * (1 - part) for part in to_rgb(colour))


def _by_source(routes):
    ways = {}
    for source, points in routes:
        ways.setdefault(source, []).append(points)
    return ways


def _arrow(axes, points, colour, zorder):
    """A line with a head, in a white casing that cuts the lines of other works that it crosses."""
    path = _rounded(points)
    axes.add_patch(PathPatch(path, fill=False, edgecolor="white", lw=4.5, capstyle="butt", zorder=zorder))
    axes.add_patch(
        FancyArrowPatch(
            path=path,
            arrowstyle="-|>,head_length=5,head_width=3",
            shrinkA=0,
            shrinkB=0,
            color=colour,
            lw=1.6,
            capstyle="butt",
            joinstyle="miter",
            zorder=zorder + 0.001,
        )
    )


def _rounded(points):
    """A path along the points with round corners."""
    vertices, codes = [points[0]], [Path.MOVETO]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        vertices += [_towards(corner, before), corner, _towards(corner, after)]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*vertices, points[-1]], [*codes, Path.LINETO])


def _towards(start, end):
    """The point a corner's radius away from the start, or half-way if the end is nearer."""
    length = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1e-9)
    share = min(CORNER / length, 0.5)
    return tuple(a + share * (b - a) for a, b in zip(start, end, strict=True))
