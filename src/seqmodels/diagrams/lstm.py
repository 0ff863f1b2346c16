"""The LSTM cell and its variants."""

from matplotlib.axes import Axes

from seqmodels.diagrams.pieces import canvas, copy_point, frame, layer, operation, wire
from seqmodels.plotting import PART_COLOURS


def lstm_cell() -> Axes:
    """One step of an LSTM cell with a forget gate, after Gers, Schmidhuber and Cummins (2000).

    Returns:
      The axes of the diagram, 10.4 by 6 units.
    """
    ax = canvas(10.4, 6)
    frame(ax, 1.3, 0.95, 7.8, 4.1)
    top, bottom, gates = 4.5, 1.35, 2.15
    columns = {"forget": 2.4, "input": 3.8, "candidate": 5.0, "output": 6.4}
    symbols = {"forget": "$f_t$", "input": "$i_t$", "candidate": "$g_t$", "output": "$o_t$"}
    forget, gate_in, candidate, output = columns.values()
    add, read = 5.0, 7.6

    # The cell state: one product, one sum, and nothing else on its way.
    wire(ax, (0.5, top), (forget - 0.24, top), colour=PART_COLOURS["cell"])
    wire(ax, (forget + 0.24, top), (add - 0.24, top), colour=PART_COLOURS["cell"])
    wire(ax, (add + 0.24, top), (9.9, top), colour=PART_COLOURS["cell"])
    operation(ax, forget, top, "×")
    operation(ax, add, top, "+")

    # The input and the last hidden state feed all four layers.
    wire(ax, (0.5, bottom), (output, bottom), arrow=False)
    wire(ax, (1.75, 0.35), (1.75, bottom), arrow=False)
    copy_point(ax, 1.75, bottom)
    for part, x in columns.items():
        wire(ax, (x, bottom), (x, gates - 0.3))
        if part != "output":
            copy_point(ax, x, bottom)
        layer(ax, x, gates, "tanh" if part == "candidate" else "σ", PART_COLOURS[part])
        ax.text(x + 0.14, gates + 0.5, symbols[part], fontsize=12, ha="left", va="center")

    # Forget what was, write what is new.
    wire(ax, (forget, gates + 0.3), (forget, top - 0.24))
    product = 3.5
    wire(ax, (gate_in, gates + 0.3), (gate_in, product), (candidate - 0.24, product))
    wire(ax, (candidate, gates + 0.3), (candidate, product - 0.24))
    wire(ax, (candidate, product + 0.24), (add, top - 0.24))
    operation(ax, candidate, product, "×")

    # Read: the output gate lets part of the squashed cell state out.
    copy_point(ax, read, top)
    wire(ax, (read, top), (read, 3.8 + 0.3))
    layer(ax, read, 3.8, "tanh", "white")
    wire(ax, (read, 3.5), (read, 2.85 + 0.24))
    operation(ax, read, 2.85, "×")
    wire(ax, (output, gates + 0.3), (output, 2.85), (read - 0.24, 2.85))
    wire(ax, (read, 2.85 - 0.24), (read, bottom), (9.9, bottom), colour=PART_COLOURS["hidden"])
    copy_point(ax, 8.5, bottom)
    ax.plot([8.4, 8.6], [top, top], color="#F4F6F8", linewidth=6, zorder=1.5)  # a bridge: the wires do not meet
    wire(ax, (8.5, bottom), (8.5, 5.65), colour=PART_COLOURS["hidden"])

    labels = {
        (0.45, top): ("$c_{t-1}$", "right"),
        (9.95, top): ("$c_t$", "left"),
        (0.45, bottom): ("$h_{t-1}$", "right"),
        (9.95, bottom): ("$h_t$", "left"),
        (1.62, 0.35): ("$x_t$", "right"),
        (8.62, 5.6): ("$h_t$", "left"),
    }
    for (x, y), (text, side) in labels.items():
        ax.text(x, y, text, ha=side, va="center", fontsize=13)
    for part, x in columns.items():
        ax.text(x, 0.7, part, ha="center", va="center", fontsize=9.5)
    ax.text(3.7, top + 0.24, "cell state", fontsize=9.5, ha="center", color=PART_COLOURS["cell"])
    return ax
