"""One look for every figure of the course.

Figures are drawn on white and shown on a white card in the dark theme. The colours are those of
Okabe and Ito (2008), which people with the common forms of colour blindness can tell apart; line
styles and markers differ too, so that a grey print can be read.
"""

import matplotlib as mpl
from cycler import cycler

INK = "#333333"
BLUE, ORANGE, GREEN, RED, PURPLE, SKY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"

# A part of a gated cell has the same colour in every diagram and every plot.
PART_COLOURS = {
    "forget": RED,
    "input": GREEN,
    "candidate": ORANGE,
    "output": PURPLE,
    "cell": BLUE,
    "hidden": SKY,
}


def use_course_style() -> None:
    """Set matplotlib's defaults to the course's style."""
    mpl.rcParams.update(
        {
            "figure.figsize": (7.0, 3.4),
            "figure.dpi": 90,
            "figure.facecolor": "white",
            "figure.constrained_layout.use": True,
            "savefig.facecolor": "white",
            "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, RED, PURPLE, SKY])
            + cycler(linestyle=["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1))]),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "axes.titlesize": 11,
            "axes.titlelocation": "left",
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#DDDDDD",
            "grid.linewidth": 0.6,
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "legend.frameon": False,
            "image.cmap": "cividis",
        }
    )
