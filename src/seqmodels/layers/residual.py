"""The residual LSTM."""

from keras import initializers, ops, saving

from seqmodels.layers._lstm import VariantCell, VariantLayer, positive


@saving.register_keras_serializable(package="seqmodels")
class ResidualLSTMCell(VariantCell):
    """One step of a residual LSTM, after Kim, El-Khamy and Lee (2017).

    With the input x of (batch, features), which is what the layer below puts out, the hidden state h of
    (batch, units) and the cell state c of (batch, cell_units),

        i_t = sigmoid(x_t W_i + h_{t-1} U_i + p_i * c_{t-1} + b_i)
        f_t = sigmoid(x_t W_f + h_{t-1} U_f + p_f * c_{t-1} + b_f)
        g_t = tanh(x_t W_g + h_{t-1} U_g + b_g)
        c_t = f_t * c_{t-1} + i_t * g_t
        o_t = sigmoid(x_t W_o + h_{t-1} U_o + c_t P_o + b_o)
        m_t = tanh(c_t) W_p
        h_t = o_t * (m_t + x_t)             or, with shortcut="linear",
        h_t = o_t * (m_t + x_t W_s)

    The shortcut goes around the memory but not around the output gate, which serves both. The output gate
    and the hidden state have the same width, and the cell state may have another one; so the peephole of
    the output gate is a matrix P_o of (cell_units, units), while those of the other two gates are vectors
    of (cell_units,). W_p is the projection, (cell_units, units).

    Args:
      units: Width of the hidden state, which is what the cell puts out.
      cell_units: Width of the cell state; as ``units`` if it is None. The paper has twice as many.
      shortcut: "identity" adds the input as it is, for which it must have ``units`` features;
        "linear" multiplies it with weights W_s of (features, units) first.
      peephole_initializer: Of p_i, p_f and P_o. With zeros the gates begin as those of a plain LSTM.
      **kwargs: ``kernel_initializer``, ``recurrent_initializer``, ``bias_initializer`` and
        ``unit_forget_bias`` as in ``keras.layers.LSTMCell``, and those of ``keras.layers.Layer``. The first
        is used for W_p and W_s too.

    Raises:
      ValueError: If ``units`` or ``cell_units`` is not a whole number of at least one, or ``shortcut`` is
        something else; when the cell is built, if an identity meets another number of features than units.
    """

    def __init__(self, units, cell_units=None, shortcut="identity", peephole_initializer="zeros", **kwargs):
        super().__init__(units, **kwargs)
        if shortcut not in ("identity", "linear"):
            raise ValueError(f"shortcut must be 'identity' or 'linear', not {shortcut!r}.")
        if cell_units is not None:
            self.cells = positive("cell_units", cell_units)
        self.shortcut = shortcut
        self.peephole_initializer = initializers.get(peephole_initializer)

    def build(self, input_shape):
        features = input_shape[-1]
        if self.shortcut == "identity" and features != self.units:
            raise ValueError(
                f"The input has {features} features and the layer {self.units} units: they cannot be added. "
                "Give them the same width, or use shortcut='linear'."
            )
        super().build(input_shape)
        self.peephole_kernel = self.add_weight(
            shape=(2 * self.cells,), initializer=self.peephole_initializer, name="peephole_kernel"
        )
        self.output_peephole_kernel = self.add_weight(
            shape=(self.cells, self.units), initializer=self.peephole_initializer, name="output_peephole_kernel"
        )
        self.projection_kernel = self.add_weight(
            shape=(self.cells, self.units), initializer=self.kernel_initializer, name="projection_kernel"
        )
        if self.shortcut == "linear":
            self.shortcut_kernel = self.add_weight(
                shape=(features, self.units), initializer=self.kernel_initializer, name="shortcut_kernel"
            )

    def call(self, inputs, states):
        hidden, cell_state = states
        z_i, z_f, z_g, z_o = self.before_activation(inputs, hidden)
        p_i, p_f = ops.split(self.peephole_kernel, 2)
        i = ops.sigmoid(z_i + p_i * cell_state)
        f = ops.sigmoid(z_f + p_f * cell_state)
        cell_state = f * cell_state + i * ops.tanh(z_g)
        o = ops.sigmoid(z_o + ops.matmul(cell_state, self.output_peephole_kernel))  # the new cell state
        m = ops.matmul(ops.tanh(cell_state), self.projection_kernel)
        around = inputs if self.shortcut == "identity" else ops.matmul(inputs, self.shortcut_kernel)
        hidden = o * (m + around)
        return hidden, [hidden, cell_state]

    def get_config(self):
        return super().get_config() | {
            "cell_units": self.cells,
            "shortcut": self.shortcut,
            "peephole_initializer": initializers.serialize(self.peephole_initializer),
        }


@saving.register_keras_serializable(package="seqmodels")
class ResidualLSTM(VariantLayer):
    """Reads (batch, time, features) with a ``ResidualLSTMCell``.

    Takes the arguments of ``ResidualLSTMCell`` and of ``keras.layers.RNN``, and returns what
    ``keras.layers.LSTM`` returns; of its two states the second one has ``cell_units`` columns.
    """

    cell_class = ResidualLSTMCell
