"""What the diagrams are made of."""

from collections.abc import Mapping

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyBboxPatch

from seqmodels.plotting import INK

LINE = 1.6
INSIDE = "#F4F6F8"  # what lies inside a cell
RADIUS = 0.24  # of an operation


def canvas(width: float, height: float, left: float = 0, bottom: float = 0) -> Axes:
    """Empty axes of ``width`` by ``height`` units from (left, bottom), with equal units and no frame."""
    _, ax = plt.subplots(figsize=(0.66 * width, 0.66 * height))
    ax.set(xlim=(left, left + width), ylim=(bottom, bottom + height), aspect="equal")
    ax.axis("off")
    return ax


def frame(ax: Axes, x: float, y: float, width: float, height: float) -> None:
    """The outline of a cell, with its lower left corner at (x, y)."""
    box = FancyBboxPatch(
        (x, y), width, height, boxstyle="round,pad=0,rounding_size=0.3",
        facecolor=INSIDE, edgecolor="#9AA5B1", linewidth=1.2, zorder=0,
    )  # fmt: skip
    ax.add_patch(box)


def wire(
    ax: Axes,
    *points: tuple[float, float],
    colour: str = INK,
    arrow: bool = True,
    style: str = "-",
    over: str | None = None,
) -> None:
    """A line through ``points``, with an arrow head at its last point unless ``arrow`` is false.

    Where the wire crosses others that it does not meet, give ``over`` the colour of what they lie on:
    it passes over them, and they get a gap there.
    """
    xs, ys = zip(*points, strict=True)
    level = 1 if over is None else 2.2
    if over is not None:
        ax.plot(xs, ys, color=over, linewidth=6, solid_capstyle="butt", linestyle="-", zorder=2.1)
    ax.plot(xs, ys, color=colour, linewidth=LINE, linestyle=style, solid_capstyle="round", zorder=level)
    if arrow:
        head = {"arrowstyle": "-|>", "color": colour, "linewidth": LINE, "linestyle": style, "mutation_scale": 13}
        head |= {"shrinkA": 0, "shrinkB": 0}
        ax.annotate("", xy=points[-1], xytext=points[-2], arrowprops=head, zorder=max(2, level))


def layer(ax: Axes, x: float, y: float, text: str, colour: str, width: float = 0.9) -> None:
    """A layer, or with a white ``colour`` a function without weights, centred at (x, y)."""
    box = FancyBboxPatch(
        (x - width / 2, y - 0.3), width, 0.6, boxstyle="round,pad=0,rounding_size=0.12",
        facecolor=colour, edgecolor=INK, linewidth=1.1, zorder=3,
    )  # fmt: skip
    ax.add_patch(box)
    ax.text(x, y, text, ha="center", va="center", fontsize=12, fontweight="bold", color="black", zorder=4)


def operation(ax: Axes, x: float, y: float, text: str) -> None:
    """An operation on each element, centred at (x, y), such as a product or a sum."""
    ax.add_patch(Circle((x, y), RADIUS, facecolor="white", edgecolor=INK, linewidth=1.4, zorder=3))
    ax.text(x, y, text, ha="center", va="center", fontsize=11, zorder=4)


def copy_point(ax: Axes, x: float, y: float) -> None:
    """The place where a wire splits into two that carry the same values, or where two vectors come together."""
    ax.add_patch(Circle((x, y), 0.07, facecolor=INK, edgecolor=INK, zorder=3))


def write(ax: Axes, labels: Mapping[tuple[float, float], tuple[str, str]], size: float = 13) -> None:
    """Texts, given as {(x, y): (text, horizontal alignment)}."""
    for (x, y), (text, side) in labels.items():
        ax.text(x, y, text, ha=side, va="center", fontsize=size)
