"""Diagrams of recurrent cells and networks, drawn with matplotlib from a few shared pieces.

Every diagram of a cell uses one language: the cell state runs along the top, the hidden state along
the bottom, time goes from left to right. A cell without a cell state, the GRU, has its hidden state
along the top, because there it is kept as the LSTM keeps its cell state. A coloured box is a learned
layer with its activation, or with the name of its weights if it has none; a white box is a function
without weights, a circle an operation on each element, a dot a copy of what flows there or the place
where two vectors come together. A wire that passes over another one leaves a gap in it.

In a diagram of a network one box is a whole cell, and boxes of one colour share their weights.
"""

from seqmodels.diagrams.cells import gru_cell, simple_cell
from seqmodels.diagrams.lstm import lstm_cell, multiplicative_cell, peephole_cell, residual_cell
from seqmodels.diagrams.networks import bidirectional, sequence_shapes, stacked, unrolled

__all__ = [
    "bidirectional",
    "gru_cell",
    "lstm_cell",
    "multiplicative_cell",
    "peephole_cell",
    "residual_cell",
    "sequence_shapes",
    "simple_cell",
    "stacked",
    "unrolled",
]
