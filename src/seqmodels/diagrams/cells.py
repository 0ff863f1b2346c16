"""The simple recurrent cell and the two forms of the GRU."""

from matplotlib.axes import Axes

from seqmodels.diagrams.pieces import INSIDE, RADIUS, canvas, copy_point, frame, layer, operation, wire, write
from seqmodels.plotting import PART_COLOURS

HIDDEN, CANDIDATE = PART_COLOURS["hidden"], PART_COLOURS["candidate"]
# The update gate keeps what was, as the forget gate of an LSTM does. The reset gate decides how much of
# the state the candidate sees, as the output gate of an LSTM does for the next step.
UPDATE, RESET = PART_COLOURS["forget"], PART_COLOURS["output"]


def simple_cell() -> Axes:
    """One step of a simple recurrent cell, after Elman (1990).

    Returns:
      The axes of the diagram, 7.6 by 3.6 units.
    """
    ax = canvas(7.6, 3.6)
    frame(ax, 1.3, 0.95, 5, 1.75)
    middle, join, box, split = 1.6, 2.0, 3.6, 5.5
    wire(ax, (0.5, middle), (box - 0.45, middle))
    wire(ax, (join, 0.35), (join, middle), arrow=False)
    copy_point(ax, join, middle)
    layer(ax, box, middle, "tanh", CANDIDATE)
    wire(ax, (box + 0.45, middle), (7.1, middle), colour=HIDDEN)
    copy_point(ax, split, middle)
    wire(ax, (split, middle), (split, 3.3), colour=HIDDEN)
    write(ax, {
        (0.45, middle): ("$h_{t-1}$", "right"),
        (7.15, middle): ("$h_t$", "left"),
        (join - 0.13, 0.35): ("$x_t$", "right"),
        (split + 0.12, 3.25): ("$h_t$", "left"),
    })  # fmt: skip
    ax.text(box, middle + 0.55, r"$\tanh(x_t W + h_{t-1} U + b)$", ha="center", va="center", fontsize=11)
    return ax


def gru_cell(reset_after: bool = False) -> Axes:
    """One step of a GRU, with the update gate as Keras has it: it says how much of the old state is kept.

    Args:
      reset_after: Draw the form that Keras uses by default, in which the reset gate multiplies the product
        of the hidden state and its weights. Otherwise draw the form of Cho et al. (2014), in which it
        multiplies the hidden state before that product.

    Returns:
      The axes of the diagram, 11 by 6.6 units.
    """
    ax = canvas(11, 6.6)
    frame(ax, 1.3, 0.95, 8.4, 4.75)
    top, bus, gates, middle, high = 5.2, 1.85, 2.55, 3.5, 4.25
    tap, join, reset, candidate, update, add = 1.75, 2.2, 3.0, 5.1, 6.9, 8.4

    # The state: one product and one sum, as on the cell state of an LSTM.
    wire(ax, (0.5, top), (update - RADIUS, top), colour=HIDDEN)
    wire(ax, (update + RADIUS, top), (add - RADIUS, top), colour=HIDDEN)
    wire(ax, (add + RADIUS, top), (10.5, top), colour=HIDDEN)
    operation(ax, update, top, "×")
    operation(ax, add, top, "+")
    copy_point(ax, 9.2, top)
    wire(ax, (9.2, top), (9.2, 6.3), colour=HIDDEN)

    # The input and the last hidden state feed both gates.
    copy_point(ax, tap, top)
    wire(ax, (tap, top), (tap, bus), (update, bus), (update, gates - 0.3))
    wire(ax, (join, 0.35), (join, bus), arrow=False)
    copy_point(ax, join, bus)
    copy_point(ax, reset, bus)
    wire(ax, (reset, bus), (reset, gates - 0.3))
    layer(ax, reset, gates, "σ", RESET)
    layer(ax, update, gates, "σ", UPDATE)

    # The candidate sees the input, and as much of the hidden state as the reset gate lets through.
    copy_point(ax, reset, top)
    copy_point(ax, join, 1.3)
    wire(ax, (reset, gates + 0.3), (reset, middle - RADIUS))
    operation(ax, reset, middle, "×")
    if reset_after:
        wire(ax, (reset, top), (reset, high + 0.3))
        layer(ax, reset, high, "$U$", CANDIDATE)
        wire(ax, (reset, high - 0.3), (reset, middle + RADIUS))
        wire(ax, (join, 1.3), (candidate, 1.3), (candidate, gates - 0.3), over=INSIDE)
        layer(ax, candidate, gates, "$W$", CANDIDATE)
        wire(ax, (candidate, gates + 0.3), (candidate, middle - RADIUS))
        wire(ax, (reset + RADIUS, middle), (candidate - RADIUS, middle))
        operation(ax, candidate, middle, "+")
        wire(ax, (candidate, middle + RADIUS), (candidate, high - 0.3))
        layer(ax, candidate, high, "tanh", "white")
        start = ((candidate + 0.45, high),)
    else:
        wire(ax, (reset, top), (reset, middle + RADIUS))
        wire(ax, (join, 1.3), (candidate, 1.3), (candidate, middle - 0.3), over=INSIDE)
        wire(ax, (reset + RADIUS, middle), (candidate - 0.45, middle))
        layer(ax, candidate, middle, "tanh", CANDIDATE)
        start = ((candidate, middle + 0.3), (candidate, high))

    # The update gate keeps its share of the old state, the candidate gets the rest.
    wire(ax, *start, (add - RADIUS, high))
    wire(ax, (update, gates + 0.3), (update, top - RADIUS), over=INSIDE)
    copy_point(ax, update, middle)
    wire(ax, (update, middle), (add - 0.45, middle))
    layer(ax, add, middle, "1 −", "white")
    wire(ax, (add, middle + 0.3), (add, high - RADIUS))
    operation(ax, add, high, "×")
    wire(ax, (add, high + RADIUS), (add, top - RADIUS))

    write(ax, {
        (0.45, top): ("$h_{t-1}$", "right"),
        (10.55, top): ("$h_t$", "left"),
        (9.32, 6.25): ("$h_t$", "left"),
        (join - 0.13, 0.35): ("$x_t$", "right"),
    })  # fmt: skip
    write(ax, {
        (reset + 0.14, gates + 0.48): ("$r_t$", "left"),
        (update + 0.14, gates + 0.48): ("$z_t$", "left"),
        (candidate + 0.6, high + 0.22): ("$g_t$", "left"),
    }, size=12)  # fmt: skip
    for part, x in {"reset": reset, "candidate": candidate, "update": update}.items():
        ax.text(x, 0.7, part, ha="center", va="center", fontsize=9.5)
    return ax
