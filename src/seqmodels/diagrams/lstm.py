"""The LSTM cell and its variants.

All of them stand in the same place and keep the same proportions, so that what a variant adds is seen
at once. A variant that needs more room gets it outside: its canvas begins further to the left or below.
"""

from matplotlib.axes import Axes

from seqmodels.diagrams.pieces import INSIDE, RADIUS, canvas, copy_point, frame, layer, operation, wire, write
from seqmodels.plotting import PART_COLOURS

CELL, HIDDEN = PART_COLOURS["cell"], PART_COLOURS["hidden"]
COLUMNS = {"forget": 2.4, "input": 3.8, "candidate": 5.0, "output": 6.4}
FORGET, INPUT, CANDIDATE, OUTPUT = COLUMNS.values()
SYMBOLS = {"forget": "$f_t$", "input": "$i_t$", "candidate": "$g_t$", "output": "$o_t$"}
TOP, BOTTOM, GATES = 4.5, 1.35, 2.15  # heights of the cell state, the hidden state and the four layers
JOIN = 1.75  # where the input meets the hidden state
READ = 7.6  # where the cell state is read
SHOWN = 2.85  # height of the product with the output gate
LEFT, RIGHT = 0.5, 9.9  # where the states enter and leave


def lstm_cell() -> Axes:
    """One step of an LSTM cell with a forget gate, after Gers, Schmidhuber and Cummins (2000).

    Returns:
      The axes of the diagram, 10.4 by 6 units.
    """
    ax = canvas(10.4, 6)
    frame(ax, 1.3, 0.95, 7.8, 4.1)
    _remember(ax)
    _decide(ax)
    _read(ax)
    return ax


def peephole_cell() -> Axes:
    """One step of an LSTM cell with peephole connections, after Gers and Schmidhuber (2000).

    Returns:
      The axes of the diagram, 10.4 by 6 units.
    """
    ax = canvas(10.4, 6)
    frame(ax, 1.3, 0.95, 7.8, 4.1)
    _remember(ax)
    _decide(ax)
    _read(ax)
    _peep(ax)
    return ax


def multiplicative_cell() -> Axes:
    """One step of a multiplicative LSTM cell, after Krause, Lu, Murray and Renals (2016).

    Returns:
      The axes of the diagram, 13.2 by 7.2 units.
    """
    left, below, product, split = -2.3, -0.9, 0.6, -0.05
    ax = canvas(13.2, 7.2, left=-2.8, bottom=-1.2)
    frame(ax, -1.5, -0.35, 10.6, 5.4)
    _remember(ax, start=left)
    _decide(ax, start=product + RADIUS, entry=below, names=-0.6)
    _read(ax)
    # The intermediate state, a product of the input and the hidden state, goes where the hidden state went.
    copy_point(ax, JOIN, split)
    wire(ax, (JOIN, split), (product, split), (product, 0.2))
    layer(ax, product, 0.5, "$W_m$", HIDDEN)
    wire(ax, (product, 0.8), (product, BOTTOM - RADIUS))
    wire(ax, (left, BOTTOM), (-1.15, BOTTOM))
    layer(ax, -0.7, BOTTOM, "$U_m$", HIDDEN)
    wire(ax, (-0.25, BOTTOM), (product - RADIUS, BOTTOM))
    operation(ax, product, BOTTOM, "×")
    write(ax, {(1.25, BOTTOM + 0.25): ("$m_t$", "center")}, size=12)
    return ax


def residual_cell() -> Axes:
    """One step of a residual LSTM cell, after Kim, El-Khamy and Lee (2017), with weights in its shortcut.

    Returns:
      The axes of the diagram, 11.4 by 8.3 units.
    """
    top, around, right = 6.0, 0.8, 10.9
    ax = canvas(11.4, 8.3, bottom=-0.75)
    frame(ax, 1.3, 0.35, 8.8, 6.2)
    _remember(ax, top=top, end=right)
    _decide(ax, entry=-0.3, names=0.1)
    _peep(ax, top=top)
    # Read: a projection of the squashed cell state, and the input that has gone around the memory.
    squash, project, add, shortcut = 5.3, 4.45, 3.65, 8.7
    copy_point(ax, READ, top)
    wire(ax, (READ, top), (READ, squash + 0.3))
    layer(ax, READ, squash, "tanh", "white")
    wire(ax, (READ, squash - 0.3), (READ, project + 0.3))
    layer(ax, READ, project, "$W_p$", HIDDEN)
    wire(ax, (READ, project - 0.3), (READ, add + RADIUS))
    operation(ax, READ, add, "+")
    wire(ax, (READ, add - RADIUS), (READ, SHOWN + RADIUS))
    _show(ax, split=9.6, end=right, high=top + 1.15, top=top)
    copy_point(ax, JOIN, around)
    wire(ax, (JOIN, around), (shortcut, around), (shortcut, GATES - 0.3), over=INSIDE)
    layer(ax, shortcut, GATES, "$W_s$", HIDDEN)
    wire(ax, (shortcut, GATES + 0.3), (shortcut, add), (READ + RADIUS, add))
    ax.text((FORGET + READ) / 2, around - 0.2, "shortcut", ha="center", va="center", fontsize=9.5)
    return ax


def _remember(ax: Axes, top: float = TOP, start: float = LEFT, end: float = RIGHT) -> None:
    """The cell state: one product, one sum, and nothing else on its way."""
    wire(ax, (start, top), (FORGET - RADIUS, top), colour=CELL)
    wire(ax, (FORGET + RADIUS, top), (CANDIDATE - RADIUS, top), colour=CELL)
    wire(ax, (CANDIDATE + RADIUS, top), (end, top), colour=CELL)
    operation(ax, FORGET, top, "×")
    operation(ax, CANDIDATE, top, "+")
    # Forget what was, write what is new.
    wire(ax, (FORGET, GATES + 0.3), (FORGET, top - RADIUS))
    product = 3.5
    wire(ax, (INPUT, GATES + 0.3), (INPUT, product), (CANDIDATE - RADIUS, product))
    wire(ax, (CANDIDATE, GATES + 0.3), (CANDIDATE, product - RADIUS))
    wire(ax, (CANDIDATE, product + RADIUS), (CANDIDATE, top - RADIUS))
    operation(ax, CANDIDATE, product, "×")
    write(ax, {
        (start - 0.05, top): ("$c_{t-1}$", "right"),
        (start - 0.05, BOTTOM): ("$h_{t-1}$", "right"),
        (end + 0.05, top): ("$c_t$", "left"),
    })  # fmt: skip
    ax.text(3.7, top + 0.24, "cell state", fontsize=9.5, ha="center", color=CELL)


def _decide(ax: Axes, start: float = LEFT, entry: float = 0.35, names: float = 0.7) -> None:
    """The input, and what comes from ``start``, which is the last hidden state, feed all four layers."""
    wire(ax, (start, BOTTOM), (OUTPUT, BOTTOM), arrow=False)
    wire(ax, (JOIN, entry), (JOIN, BOTTOM), arrow=False)
    copy_point(ax, JOIN, BOTTOM)
    for part, x in COLUMNS.items():
        wire(ax, (x, BOTTOM), (x, GATES - 0.3))
        if part != "output":
            copy_point(ax, x, BOTTOM)
        layer(ax, x, GATES, "tanh" if part == "candidate" else "σ", PART_COLOURS[part])
        ax.text(x + 0.14, GATES + 0.5, SYMBOLS[part], fontsize=12, ha="left", va="center")
        ax.text(x, names, part, ha="center", va="center", fontsize=9.5)
    write(ax, {(JOIN - 0.13, entry): ("$x_t$", "right")})


def _read(ax: Axes) -> None:
    """The output gate lets part of the squashed cell state out."""
    copy_point(ax, READ, TOP)
    wire(ax, (READ, TOP), (READ, 3.8 + 0.3))
    layer(ax, READ, 3.8, "tanh", "white")
    wire(ax, (READ, 3.5), (READ, SHOWN + RADIUS))
    _show(ax)


def _show(ax: Axes, split: float = 8.5, end: float = RIGHT, high: float = 5.65, top: float = TOP) -> None:
    """The product with the output gate, and the way of the hidden state from there."""
    operation(ax, READ, SHOWN, "×")
    wire(ax, (OUTPUT, GATES + 0.3), (OUTPUT, SHOWN), (READ - RADIUS, SHOWN))
    wire(ax, (READ, SHOWN - RADIUS), (READ, BOTTOM), (end, BOTTOM), colour=HIDDEN)
    copy_point(ax, split, BOTTOM)
    ax.plot(
        [split - 0.1, split + 0.1], [top, top], color=INSIDE, linewidth=6, zorder=1.5
    )  # a bridge: the wires do not meet
    wire(ax, (split, BOTTOM), (split, high), colour=HIDDEN)
    write(ax, {(end + 0.05, BOTTOM): ("$h_t$", "left"), (split + 0.12, high - 0.05): ("$h_t$", "left")})


def _peep(ax: Axes, top: float = TOP) -> None:
    """The gates see the cell state: the first two the old one, the output gate the new one."""
    old, new, bend, turn = 1.6, 5.7, 3.1, 3.05
    wire(ax, (old, top), (old, GATES), (FORGET - 0.45, GATES), colour=CELL)
    wire(ax, (old, turn), (bend, turn), (bend, GATES), (INPUT - 0.45, GATES), colour=CELL, over=INSIDE)
    wire(ax, (new, top), (new, GATES), (OUTPUT - 0.45, GATES), colour=CELL)
    copy_point(ax, old, top)
    copy_point(ax, old, turn)
    copy_point(ax, new, top)
    ax.text(new + 0.12, 3.9, "peephole", fontsize=9.5, ha="left", va="center", color=CELL)
