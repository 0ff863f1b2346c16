"""seqmodels.diagrams: a drawn cell, read wire by wire, computes what the layer computes.

``Drawing`` knows nothing of the functions that made a picture. It takes the lines, boxes, circles and
texts that are on it, finds out what is connected with what, and evaluates that on numbers.
"""

import itertools

import keras
import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle, FancyBboxPatch

from seqmodels import diagrams, layers
from seqmodels.diagrams.pieces import LINE
from seqmodels.plotting import PART_COLOURS, use_course_style

mpl.use("Agg")

NEAR = 0.02
FIGURES = {name: getattr(diagrams, name) for name in diagrams.__all__} | {
    "gru_cell, reset after": lambda: diagrams.gru_cell(reset_after=True)
}


@pytest.fixture(autouse=True)
def style():
    with mpl.rc_context():
        use_course_style()
        yield
    plt.close("all")


def distance(point, start, end):
    """From a point to a segment, and how far along the segment the nearest point is, from 0 to 1."""
    point, start, end = map(np.asarray, (point, start, end))
    along = np.clip(np.dot(point - start, end - start) / np.dot(end - start, end - start), 0, 1)
    return np.linalg.norm(point - start - along * (end - start)), along


def written(ax):
    """The texts on a picture; an arrow head is an annotation without one."""
    return [text for text in ax.texts if text.get_text()]


class Wire:
    def __init__(self, line):
        self.points = [tuple(map(float, point)) for point in line.get_xydata()]
        self.start, self.end = self.points[0], self.points[-1]
        self.colour = line.get_color()
        self.segments = list(itertools.pairwise(self.points))

    def place(self, point):
        """How far along the wire a point lies, in segments; None if it does not lie on it."""
        for number, segment in enumerate(self.segments):
            off, along = distance(point, *segment)
            if off < NEAR:
                return number + along
        return None

    def inner(self, point):
        """The place of a point that is on the wire and at neither of its ends."""
        place = self.place(point)
        return place if place is not None and NEAR < place < len(self.segments) - NEAR else None


class Node:
    """A box or a circle."""

    def __init__(self, patch, texts):
        self.box = patch.get_bbox() if isinstance(patch, FancyBboxPatch) else None
        self.centre = patch.center if self.box is None else (sum(self.box.intervalx) / 2, sum(self.box.intervaly) / 2)
        self.radius = None if self.box else patch.radius
        inside = [text.get_text() for text in texts if np.hypot(*np.subtract(text.get_position(), self.centre)) < NEAR]
        (self.text,) = inside
        colour = patch.get_facecolor()
        self.part = next((part for part, value in PART_COLOURS.items() if to_rgba(value) == colour), None)

    def touches(self, point):
        """Whether a point lies on the outline."""
        x, y = point
        if self.box is None:
            return abs(np.hypot(x - self.centre[0], y - self.centre[1]) - self.radius) < NEAR
        across = np.abs([x - self.box.x0, x - self.box.x1]).min() < NEAR and self.box.y0 <= y <= self.box.y1
        return across or (np.abs([y - self.box.y0, y - self.box.y1]).min() < NEAR and self.box.x0 <= x <= self.box.x1)


class Drawing:
    def __init__(self, ax):
        texts = written(ax)
        patches = [patch for patch in ax.patches if isinstance(patch, (Circle, FancyBboxPatch))]
        self.dots = [patch.center for patch in patches if isinstance(patch, Circle) and patch.radius < 0.1]
        boxes = [p for p in patches if not (isinstance(p, Circle) and p.radius < 0.1) and p.get_zorder() > 0]
        self.nodes = [Node(patch, texts) for patch in boxes]
        self.wires = [Wire(line) for line in ax.lines if line.get_linewidth() == LINE]
        self.gaps = [line.get_xydata() for line in ax.lines if line.get_linewidth() > 3]
        self.labels = [(text.get_text(), text.get_position()) for text in texts]

    def label(self, point):
        """The text at the loose end of a wire; None if there is none."""
        off, text = min((np.hypot(*np.subtract(place, point)), text) for text, place in self.labels)
        return text if off < 0.36 else None

    def source(self, wire):
        """The node, or else the wire, from which a wire comes."""
        for node in self.nodes:
            if node.touches(wire.start):
                return node
        for other in self.wires:
            if (other.place(wire.start) or 0) > NEAR:
                return other
        return None

    def sink(self, wire):
        """The node into which a wire goes, or else the wire that it joins or that goes on from its end."""
        for node in self.nodes:
            if node.touches(wire.end):
                return node
        for other in self.wires:
            if other is not wire and (other.place(wire.end) is not None):
                return other
        return None

    def evaluate(self, known, layer):
        """The values at the labels where wires end, given those at the labels where wires begin.

        A value is a list of vectors with their names, because two that meet are not added but go on side by
        side. ``layer(node, vectors)`` is what a box says.
        """
        memory = {}

        def on(wire, place):
            """What flows on a wire at a place: what came in at its start, and what has joined since."""
            source = self.source(wire)
            if source is None:
                name = self.label(wire.start)
                flow = [(name, known[name])]
            elif isinstance(source, Node):
                flow = [("cell state" if wire.colour == PART_COLOURS["cell"] else "", out(source))]
            else:
                flow = on(source, source.place(wire.start))
            for other in self.wires:
                joined = wire.inner(other.end)
                if joined is not None and joined < place and self.sink(other) is wire:
                    flow = flow + on(other, len(other.segments))
            return flow

        def out(node):
            if node not in memory:
                coming = [on(wire, len(wire.segments)) for wire in self.wires if node.touches(wire.end)]
                if node.box is None:
                    (first,), (second,) = coming
                    memory[node] = first[1] * second[1] if node.text == "×" else first[1] + second[1]
                else:
                    memory[node] = layer(node, [vector for flow in coming for vector in flow])
            return memory[node]

        found = {}
        for wire in self.wires:
            if self.sink(wire) is None:
                ((_, value),) = on(wire, len(wire.segments))
                found.setdefault(self.label(wire.end), []).append(value)
        return found


# How the figures are drawn


@pytest.fixture(params=FIGURES)
def figure(request):
    return FIGURES[request.param]


def test_no_wire_has_a_loose_end(figure):
    drawing = Drawing(figure())
    for wire in drawing.wires:
        assert drawing.source(wire) or drawing.label(wire.start), wire.start
        assert drawing.sink(wire) or drawing.label(wire.end), wire.end


def test_wires_meet_at_a_dot_and_cross_with_a_gap(figure):
    drawing = Drawing(figure())
    for one, other in itertools.permutations(drawing.wires, 2):
        for point in (one.start, one.end):
            if other.inner(point) is not None:
                assert any(np.hypot(*np.subtract(point, dot)) < NEAR for dot in drawing.dots), f"no dot at {point}"
        for (a, b), (c, d) in itertools.product(one.segments, other.segments):
            if a[0] == b[0] and c[1] == d[1]:  # a upright, c level
                crossing = (a[0], c[1])
                if one.inner(crossing) is None or other.inner(crossing) is None:
                    continue
                assert not any(np.hypot(*np.subtract(crossing, dot)) < NEAR for dot in drawing.dots)
                pairs = [pair for gap in drawing.gaps for pair in itertools.pairwise(gap)]
                assert any(distance(crossing, *pair)[0] < NEAR for pair in pairs), f"no gap at {crossing}"


def test_everything_lies_on_the_canvas(figure):
    ax = figure()
    ax.figure.canvas.draw()
    renderer = ax.figure.canvas.get_renderer()
    width, height = ax.figure.canvas.get_width_height()
    for text in written(ax):
        box = text.get_window_extent(renderer)
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, text


def test_no_two_texts_overlap(figure):
    ax = figure()
    ax.figure.canvas.draw()
    renderer = ax.figure.canvas.get_renderer()
    boxes = [(text.get_text(), text.get_window_extent(renderer).shrunk(0.9, 0.8)) for text in written(ax)]
    for (one, first), (other, second) in itertools.combinations(boxes, 2):
        assert not first.overlaps(second), (one, other)


# What the cells compute

UNITS = FEATURES = 3


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


class Boxes:
    """What the boxes of a cell say, with the weights of a Keras cell.

    Which weights an incoming vector meets follows from where it comes from: the input meets the kernel, the
    cell state the peepholes, and everything else the recurrent kernel.
    """

    named = {
        "$W_m$": "multiplicative_kernel",
        "$U_m$": "multiplicative_recurrent_kernel",
        "$W_p$": "projection_kernel",
        "$W_s$": "shortcut_kernel",
    }

    def __init__(self, cell, parts):
        self.weights = {weight.name: weight.numpy() for weight in cell.trainable_weights}
        self.parts = parts

    def block(self, name, part):
        return np.split(self.weights[name], len(self.parts), axis=-1)[self.parts.index(part)]

    def product(self, name, vector, part):
        if name == "$x_t$":
            return vector @ self.block("kernel", part)
        if name not in ("cell state", "$c_{t-1}$"):
            return vector @ self.block("recurrent_kernel", part)
        if part == "output" and "output_peephole_kernel" in self.weights:
            return vector @ self.weights["output_peephole_kernel"]
        own = ["input", "forget", "output"].index(part)
        return vector * self.weights["peephole_kernel"].reshape(-1, UNITS)[own]

    def __call__(self, node, vectors):
        if node.text in self.named:
            ((_, vector),) = vectors
            return vector @ self.weights[self.named[node.text]]
        if node.part is None:
            ((_, vector),) = vectors
            return {"tanh": np.tanh, "1 −": lambda a: 1 - a}[node.text](vector)
        total = sum(self.product(name, vector, node.part) for name, vector in vectors)
        bias = self.block("bias", node.part)
        if node.text in ("$W$", "$U$"):  # a GRU that resets after the product has a bias in each
            return total + bias[("$W$", "$U$").index(node.text)]
        return {"σ": sigmoid, "tanh": np.tanh}[node.text](total + bias.reshape(-1, UNITS).sum(axis=0))


LSTM_PARTS = ["input", "forget", "candidate", "output"]
GRU_PARTS = ["forget", "output", "candidate"]  # the colours of the update gate, the reset gate and the candidate
CELLS = {
    "simple_cell": (keras.layers.SimpleRNNCell(UNITS, dtype="float64"), ["candidate"]),
    "gru_cell": (keras.layers.GRUCell(UNITS, reset_after=False, dtype="float64"), GRU_PARTS),
    "gru_cell, reset after": (keras.layers.GRUCell(UNITS, reset_after=True, dtype="float64"), GRU_PARTS),
    "lstm_cell": (keras.layers.LSTMCell(UNITS, dtype="float64"), LSTM_PARTS),
    "peephole_cell": (layers.PeepholeLSTMCell(UNITS, dtype="float64"), LSTM_PARTS),
    "multiplicative_cell": (layers.MultiplicativeLSTMCell(UNITS, dtype="float64"), LSTM_PARTS),
    "residual_cell": (layers.ResidualLSTMCell(UNITS, shortcut="linear", dtype="float64"), LSTM_PARTS),
}


def test_every_cell_is_drawn():
    assert {name for name in FIGURES if "cell" in name} == CELLS.keys()


@pytest.mark.parametrize("name", CELLS)
def test_a_drawn_cell_computes_what_the_layer_computes(name):
    cell, parts = CELLS[name]
    rng = np.random.default_rng(0)
    x, *states = rng.normal(size=(3, 4, UNITS))
    states = states if len(parts) == 4 else states[:1]
    cell.build((None, FEATURES))
    cell.set_weights([rng.normal(size=weight.shape) for weight in cell.trainable_weights])
    _, expected = cell(x, states)

    known = dict(zip(("$x_t$", "$h_{t-1}$", "$c_{t-1}$"), (x, *states), strict=False))
    found = Drawing(FIGURES[name]()).evaluate(known, Boxes(cell, parts))
    assert found.keys() == ({"$h_t$", "$c_t$"} if len(states) == 2 else {"$h_t$"})
    assert len(found["$h_t$"]) == 2  # to the next step and to the layer above
    for label, state in zip(("$h_t$", "$c_t$"), expected, strict=False):
        for value in found[label]:
            assert np.abs(value - state).max() < 1e-12


# What the networks let through


def reach(name):
    """Which inputs each output depends on, and through which cells, told apart by their colours."""
    names = {text.get_text() for text in written(FIGURES[name]())}
    known = {text: frozenset() if text == "$0$" or "_0" in text else frozenset({text}) for text in names}

    def layer(node, vectors):
        inputs = frozenset().union(*(inputs for _, inputs in vectors))
        return (
            frozenset({f"{node.part}: {text}" if text in names else text for text in inputs}) if node.part else inputs
        )

    return Drawing(FIGURES[name]()).evaluate(known, layer)


def through(part, *names):
    return {f"{part}: ${name}$" for name in names}


def test_the_cells_of_a_bidirectional_network_read_from_both_ends():
    found = reach("bidirectional")
    assert len(found) == 4
    for t in range(1, 5):
        ahead = through("hidden", *(f"x_{s}" for s in range(1, t + 1)))
        behind = through("candidate", *(f"x_{s}" for s in range(t, 5)))
        assert found[f"$h_{t}$"] == [ahead | behind]


def test_a_stacked_network_reads_through_both_layers():
    found = reach("stacked")
    assert found == {f"$h^{{(2)}}_{t}$": [through("hidden", *(f"x_{s}" for s in range(1, t + 1)))] for t in range(1, 5)}


def test_the_five_kinds_of_problems_read_what_they_should():
    read, decoder = through("hidden", "x_1", "x_2", "x_3"), "candidate: "
    assert reach("sequence_shapes") == {
        "$y$": [through("hidden", "x"), read],
        "$y_1$": [through("hidden", "x"), through("hidden", "x_1"), read | {decoder + "start"}],
        "$y_2$": [
            through("hidden", "x"),
            through("hidden", "x_1", "x_2"),
            read | {decoder + "start", decoder + "$y_1$"},
        ],
        "$y_3$": [through("hidden", "x"), read],
    }
