"""Recurrent networks unrolled over time: one box is a cell, boxes of one colour share their weights."""

import itertools

from matplotlib.axes import Axes

from seqmodels.diagrams.pieces import canvas, copy_point, layer, wire, write
from seqmodels.plotting import ORANGE, PART_COLOURS, SKY

HIDDEN = PART_COLOURS["hidden"]
PAPER = "white"


def _row(ax: Axes, xs: list[float], y: float, colour: str, text: str = "cell", width: float = 0.9) -> None:
    """Cells side by side, each handing its state to the next in ``xs``, to the right or to the left."""
    for x in xs:
        layer(ax, x, y, text, colour, width)
    for here, there in itertools.pairwise(xs):
        half = width / 2 if here < there else -width / 2
        wire(ax, (here + half, y), (there - half, y))


def unrolled() -> Axes:
    """A recurrent network as a loop, and the same network unrolled over time.

    Returns:
      The axes of the diagram, 11 by 4.2 units.
    """
    ax = canvas(11, 4.2)
    low, cell, high = 0.75, 2.0, 3.2

    loop = 1.3
    wire(ax, (loop, low), (loop, cell - 0.3))
    wire(ax, (loop, cell + 0.3), (loop, high))
    layer(ax, loop, cell, "cell", HIDDEN)
    back = cell + 0.75
    copy_point(ax, loop, back)
    wire(ax, (loop, back), (loop + 0.95, back), (loop + 0.95, cell), (loop + 0.45, cell))
    write(ax, {(loop, low - 0.25): ("$x_t$", "center"), (loop, high + 0.25): ("$h_t$", "center")})
    ax.text(3.05, cell, "=", ha="center", va="center", fontsize=20)

    steps = {"1": 4.9, "2": 6.5, "3": 8.1, "T": 10.2}
    first, _, third, last = steps.values()
    wire(ax, (4.0, cell), (first - 0.45, cell))
    _row(ax, [first, steps["2"], third], cell, HIDDEN)
    wire(ax, (third + 0.45, cell), (third + 0.75, cell), arrow=False)
    ax.text((third + last) / 2, cell, "…", ha="center", va="center", fontsize=16)
    wire(ax, (last - 0.75, cell), (last - 0.45, cell))
    layer(ax, last, cell, "cell", HIDDEN)
    for name, x in steps.items():
        wire(ax, (x, low), (x, cell - 0.3))
        wire(ax, (x, cell + 0.3), (x, high))
        write(ax, {(x, low - 0.25): (f"$x_{name}$", "center"), (x, high + 0.25): (f"$h_{name}$", "center")})
    write(ax, {(3.95, cell): ("$h_0$", "right")})
    write(ax, {((first + last) / 2, 3.95): ("the same weights at every step", "center")}, size=9.5)
    return ax


def stacked() -> Axes:
    """Two recurrent layers, the upper one reading every hidden state of the lower one.

    Returns:
      The axes of the diagram, 9.6 by 5 units.
    """
    ax = canvas(9.6, 5)
    xs = [2.6, 4.4, 6.2, 8.0]
    low, one, two, high = 0.7, 1.8, 3.2, 4.3
    for y, colour, number in ((one, SKY, 1), (two, ORANGE, 2)):
        wire(ax, (1.45, y), (xs[0] - 0.45, y))
        _row(ax, xs, y, colour)
        write(ax, {(1.4, y): (f"$h^{{({number})}}_0$", "right")})
        write(ax, {(9.5, y): (f"layer {number}", "right")}, size=9.5)
    for number, x in enumerate(xs, start=1):
        wire(ax, (x, low), (x, one - 0.3))
        wire(ax, (x, one + 0.3), (x, two - 0.3))
        wire(ax, (x, two + 0.3), (x, high))
        write(ax, {
            (x, low - 0.25): (f"$x_{number}$", "center"),
            (x + 0.1, (one + two) / 2): (f"$h^{{(1)}}_{number}$", "left"),
            (x, high + 0.3): (f"$h^{{(2)}}_{number}$", "center"),
        })  # fmt: skip
    return ax


def bidirectional() -> Axes:
    """A bidirectional network, after Schuster and Paliwal (1997): two cells that read in opposite directions.

    Returns:
      The axes of the diagram, 12 by 6.1 units.
    """
    ax = canvas(12, 6.1)
    steps = [2.4, 4.8, 7.2, 9.6]
    forward, backward = [x - 0.6 for x in steps], [x + 0.6 for x in steps]
    low, split, ahead, behind, merge, high = 0.7, 1.1, 2.0, 3.3, 4.55, 5.4

    # One cell starts before the first step, the other one behind the last.
    wire(ax, (0.75, ahead), (forward[0] - 0.45, ahead))
    _row(ax, forward, ahead, SKY)
    wire(ax, (11.5, behind), (backward[-1] + 0.45, behind))
    _row(ax, backward[::-1], behind, ORANGE)

    for number, (x, first, second) in enumerate(zip(steps, forward, backward, strict=True), start=1):
        # The input goes to both cells, and what they say is joined.
        wire(ax, (x, low), (x, split), arrow=False)
        copy_point(ax, x, split)
        wire(ax, (x, split), (first, split), (first, ahead - 0.3))
        wire(ax, (x, split), (second, split), (second, behind - 0.3), over=PAPER)
        wire(ax, (first, ahead + 0.3), (first, merge - 0.3), over=PAPER)
        wire(ax, (second, behind + 0.3), (second, merge - 0.3))
        layer(ax, x, merge, "concat", PAPER, width=1.8)
        wire(ax, (x, merge + 0.3), (x, high))
        write(ax, {
            (x, low - 0.25): (f"$x_{number}$", "center"),
            (x, high + 0.3): (f"$h_{number}$", "center"),
            (first - 0.1, behind + 0.5): (rf"$\overrightarrow{{h}}_{number}$", "right"),
            (second + 0.1, behind + 0.62): (rf"$\overleftarrow{{h}}_{number}$", "left"),
        })  # fmt: skip
    write(ax, {(0.7, ahead): ("$0$", "right"), (11.55, behind): ("$0$", "left")})
    write(ax, {(0.3, ahead - 0.4): ("forward", "left"), (11.95, behind - 0.4): ("backward", "right")}, size=9.5)
    return ax


def sequence_shapes() -> Axes:
    """The five kinds of sequence problems, by the steps at which something is read and something is said.

    The layer that turns a hidden state into a prediction is left out.

    Returns:
      The axes of the diagram, 11.4 by 7.4 units.
    """
    ax = canvas(11.4, 7.4)
    _problem(ax, 0.9, 4.7, "one-to-one", ["$x$"], ["$y$"], text="layer")
    _problem(ax, 3.2, 4.7, "one-to-many", ["$x$", "", ""], ["$y_1$", "$y_2$", "$y_3$"])
    _problem(ax, 7.9, 4.7, "many-to-one", ["$x_1$", "$x_2$", "$x_3$"], ["", "", "$y$"])
    _problem(ax, 0.9, 1.0, "many-to-many, aligned", ["$x_1$", "$x_2$", "$x_3$"], ["$y_1$", "$y_2$", "$y_3$"])
    inputs, outputs = ["$x_1$", "$x_2$", "$x_3$", "start", "$y_1$"], ["", "", "", "$y_1$", "$y_2$"]
    _problem(ax, 5.4, 1.0, "many-to-many, encoder–decoder", inputs, outputs, decoder=3)
    return ax


def _problem(
    ax: Axes,
    x: float,
    y: float,
    title: str,
    inputs: list[str],
    outputs: list[str],
    text: str = "cell",
    decoder: int | None = None,
) -> None:
    """One kind of problem, with its first cell above (x, y).

    Args:
      inputs: What each step reads; an empty text where it reads nothing.
      outputs: What each step says, likewise.
      decoder: The first step of a second cell, which goes on from the state of the first one.
    """
    xs = [x + 1.3 * step for step in range(len(inputs))]
    _row(ax, xs[:decoder], y + 0.7, SKY, text)
    if decoder:
        _row(ax, xs[decoder:], y + 0.7, ORANGE, text)
        wire(ax, (xs[decoder - 1] + 0.45, y + 0.7), (xs[decoder] - 0.45, y + 0.7))
    for here, read, said in zip(xs, inputs, outputs, strict=True):
        if read:
            wire(ax, (here, y - 0.2), (here, y + 0.4))
            write(ax, {(here, y - 0.45): (read, "center")})
        if said:
            wire(ax, (here, y + 1.0), (here, y + 1.6))
            write(ax, {(here, y + 1.85): (said, "center")})
    ax.text(x - 0.45, y + 2.35, title, ha="left", va="center", fontsize=11, fontweight="bold")
