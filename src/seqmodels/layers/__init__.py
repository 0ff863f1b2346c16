"""The recurrent layers that Keras lacks, each with its cell, built as Keras' own ``LSTM`` is.

Every layer takes the arguments of ``keras.layers.RNN`` beside those of its cell, works inside
``keras.layers.Bidirectional``, and is saved and loaded with the model that it is part of.
"""

from seqmodels.layers.multiplicative import MultiplicativeLSTM, MultiplicativeLSTMCell
from seqmodels.layers.peephole import PeepholeLSTM, PeepholeLSTMCell
from seqmodels.layers.residual import ResidualLSTM, ResidualLSTMCell

__all__ = [
    "MultiplicativeLSTM",
    "MultiplicativeLSTMCell",
    "PeepholeLSTM",
    "PeepholeLSTMCell",
    "ResidualLSTM",
    "ResidualLSTMCell",
]
