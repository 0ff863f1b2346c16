"""The LSTM with peephole connections."""

from keras import initializers, ops, saving

from seqmodels.layers._lstm import VariantCell, VariantLayer


@saving.register_keras_serializable(package="seqmodels")
class PeepholeLSTMCell(VariantCell):
    """One step of an LSTM whose gates see the cell state, after Gers and Schmidhuber (2000).

    With the input x of (batch, features) and the states h and c of (batch, units),

        i_t = sigmoid(x_t W_i + h_{t-1} U_i + p_i * c_{t-1} + b_i)
        f_t = sigmoid(x_t W_f + h_{t-1} U_f + p_f * c_{t-1} + b_f)
        g_t = tanh(x_t W_g + h_{t-1} U_g + b_g)
        c_t = f_t * c_{t-1} + i_t * g_t
        o_t = sigmoid(x_t W_o + h_{t-1} U_o + p_o * c_t + b_o)
        h_t = o_t * tanh(c_t)

    Each unit's gates see the state of that unit alone: the peephole weights p are vectors of (units,),
    and their products are taken element by element. The input and the forget gate decide before the cell
    state is renewed and see the old one; the output gate comes later and sees the new one. The authors,
    who show what this is good for in Gers, Schraudolph and Schmidhuber (2002), leave out the last tanh; it
    stays here, as in Greff and others (2017), so that nothing but the peepholes differs from ``keras.layers.LSTM``.

    Args:
      units: Width of the hidden state and of the cell state.
      peephole_initializer: Of the peephole weights. With zeros the layer begins as a plain LSTM.
      **kwargs: ``kernel_initializer``, ``recurrent_initializer``, ``bias_initializer`` and
        ``unit_forget_bias`` as in ``keras.layers.LSTMCell``, and those of ``keras.layers.Layer``.

    Raises:
      ValueError: If ``units`` is not a whole number of at least one.
    """

    def __init__(self, units, peephole_initializer="zeros", **kwargs):
        super().__init__(units, **kwargs)
        self.peephole_initializer = initializers.get(peephole_initializer)

    def build(self, input_shape):
        super().build(input_shape)
        self.peephole_kernel = self.add_weight(
            shape=(3 * self.units,), initializer=self.peephole_initializer, name="peephole_kernel"
        )

    def call(self, inputs, states):
        hidden, cell_state = states
        z_i, z_f, z_g, z_o = self.before_activation(inputs, hidden)
        p_i, p_f, p_o = ops.split(self.peephole_kernel, 3)
        i = ops.sigmoid(z_i + p_i * cell_state)
        f = ops.sigmoid(z_f + p_f * cell_state)
        cell_state = f * cell_state + i * ops.tanh(z_g)
        o = ops.sigmoid(z_o + p_o * cell_state)  # the new cell state
        hidden = o * ops.tanh(cell_state)
        return hidden, [hidden, cell_state]

    def get_config(self):
        return super().get_config() | {"peephole_initializer": initializers.serialize(self.peephole_initializer)}


@saving.register_keras_serializable(package="seqmodels")
class PeepholeLSTM(VariantLayer):
    """Reads (batch, time, features) with a ``PeepholeLSTMCell``.

    Takes the arguments of ``PeepholeLSTMCell`` and of ``keras.layers.RNN``, and returns what
    ``keras.layers.LSTM`` returns.
    """

    cell_class = PeepholeLSTMCell
