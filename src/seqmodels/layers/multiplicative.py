"""The multiplicative LSTM."""

from keras import ops, saving

from seqmodels.layers._lstm import VariantCell, VariantLayer


@saving.register_keras_serializable(package="seqmodels")
class MultiplicativeLSTMCell(VariantCell):
    """One step of a multiplicative LSTM, after Krause, Lu, Murray and Renals (2016).

    With the input x of (batch, features) and the states h and c of (batch, units),

        m_t = (x_t W_m) * (h_{t-1} U_m)
        i_t = sigmoid(x_t W_i + m_t U_i + b_i)
        f_t = sigmoid(x_t W_f + m_t U_f + b_f)
        g_t = tanh(x_t W_g + m_t U_g + b_g)
        o_t = sigmoid(x_t W_o + m_t U_o + b_o)
        c_t = f_t * c_{t-1} + i_t * g_t
        h_t = o_t * tanh(c_t)

    The intermediate state m_t of (batch, units) takes the place of the last hidden state in all four parts
    (equation 18 of the paper), so that each input has its own way of passing the state on: m_t is h_{t-1}
    times the matrix U_m diag(x_t W_m).

    The paper adds this to a slightly different LSTM, which has no tanh around its candidate and the output
    gate inside the last one, h_t = tanh(o_t * c_t). Here it is added to the LSTM of the course and of Keras,
    as by Radford, Jozefowicz and Sutskever (2017), so that m_t is all that differs. Not to be confused with
    the mLSTM of xLSTM (Beck and others, 2024), whose memory is a matrix.

    Args:
      units: Width of the hidden state, the cell state and the intermediate state.
      **kwargs: ``kernel_initializer``, ``recurrent_initializer``, ``bias_initializer`` and
        ``unit_forget_bias`` as in ``keras.layers.LSTMCell``, and those of ``keras.layers.Layer``. The first
        two are used for W_m and U_m too.

    Raises:
      ValueError: If ``units`` is not a whole number of at least one.
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.multiplicative_kernel = self.add_weight(
            shape=(input_shape[-1], self.units), initializer=self.kernel_initializer, name="multiplicative_kernel"
        )
        self.multiplicative_recurrent_kernel = self.add_weight(
            shape=(self.units, self.units),
            initializer=self.recurrent_initializer,
            name="multiplicative_recurrent_kernel",
        )

    def call(self, inputs, states):
        hidden, cell_state = states
        m = ops.matmul(inputs, self.multiplicative_kernel) * ops.matmul(hidden, self.multiplicative_recurrent_kernel)
        z_i, z_f, z_g, z_o = self.before_activation(inputs, m)
        cell_state = ops.sigmoid(z_f) * cell_state + ops.sigmoid(z_i) * ops.tanh(z_g)
        hidden = ops.sigmoid(z_o) * ops.tanh(cell_state)
        return hidden, [hidden, cell_state]


@saving.register_keras_serializable(package="seqmodels")
class MultiplicativeLSTM(VariantLayer):
    """Reads (batch, time, features) with a ``MultiplicativeLSTMCell``.

    Takes the arguments of ``MultiplicativeLSTMCell`` and of ``keras.layers.RNN``, and returns what
    ``keras.layers.LSTM`` returns.
    """

    cell_class = MultiplicativeLSTMCell
