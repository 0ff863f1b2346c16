"""What the variants of the LSTM share: the weights of the four parts, and the layer around a cell."""

import operator

import keras
from keras import initializers, ops


def positive(name: str, value: int) -> int:
    """``value`` as an int.

    Raises:
      ValueError: If it is not a whole number of at least one.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if number < 1 or isinstance(value, bool):
        raise ValueError(f"{name} must be a whole number of at least 1, not {value!r}.")
    return number


class VariantCell(keras.layers.Layer):
    """A cell with the input gate, forget gate, candidate and output gate of an LSTM.

    Their weights lie side by side in this order, i, f, g, o, as in Keras.

    Args:
      units: Width of the hidden state, which is what the cell puts out.
      kernel_initializer: Of the weights of the input.
      recurrent_initializer: Of the weights of the hidden state.
      bias_initializer: Of the biases.
      unit_forget_bias: Begin with a bias of 1 in the forget gate, whatever ``bias_initializer`` is.
    """

    def __init__(
        self,
        units,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        unit_forget_bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units = positive("units", units)
        self.cells = self.units  # width of the cell state; a subclass may choose another one
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.unit_forget_bias = unit_forget_bias

    @property
    def state_size(self):
        return [self.units, self.cells]

    @property
    def output_size(self):
        return self.units

    def build(self, input_shape):
        width = 3 * self.cells + self.units
        self.kernel = self.add_weight(
            shape=(input_shape[-1], width), initializer=self.kernel_initializer, name="kernel"
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, width), initializer=self.recurrent_initializer, name="recurrent_kernel"
        )
        self.bias = self.add_weight(shape=(width,), initializer=self._initial_bias, name="bias")

    def _initial_bias(self, shape, dtype=None):
        if not self.unit_forget_bias:
            return self.bias_initializer(shape, dtype=dtype)
        rest = shape[0] - 2 * self.cells
        return ops.concatenate(
            [
                self.bias_initializer((self.cells,), dtype=dtype),
                ops.ones((self.cells,), dtype=dtype),
                self.bias_initializer((rest,), dtype=dtype),
            ]
        )

    def before_activation(self, inputs, recurrent):
        """What goes into the four activations: i, f, g of (batch, cells), o of (batch, units)."""
        z = ops.matmul(inputs, self.kernel) + ops.matmul(recurrent, self.recurrent_kernel) + self.bias
        return ops.split(z, [self.cells, 2 * self.cells, 3 * self.cells], axis=-1)

    def get_config(self):
        return super().get_config() | {
            "units": self.units,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "recurrent_initializer": initializers.serialize(self.recurrent_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "unit_forget_bias": self.unit_forget_bias,
        }


class VariantLayer(keras.layers.RNN):
    """A layer that runs the cell of its ``cell_class`` over the steps of a sequence.

    Args:
      units: Width of the hidden state.
      **kwargs: Those of ``keras.layers.RNN`` and of ``keras.layers.Layer``; the rest are the cell's.
    """

    cell_class = None

    def __init__(
        self,
        units,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        zero_output_for_mask=False,
        activity_regularizer=None,
        name=None,
        trainable=True,
        dtype=None,
        **cell_arguments,
    ):
        cell = self.cell_class(units, trainable=trainable, dtype=dtype, **cell_arguments)
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            zero_output_for_mask=zero_output_for_mask,
            activity_regularizer=activity_regularizer,
            name=name,
            trainable=trainable,
            dtype=dtype,
        )
        self.input_spec = keras.layers.InputSpec(ndim=3)

    @property
    def units(self):
        return self.cell.units

    def get_config(self):
        config = super().get_config()
        del config["cell"]
        cell = self.cell.get_config()
        return config | {name: value for name, value in cell.items() if name not in ("name", "trainable", "dtype")}

    @classmethod
    def from_config(cls, config):
        return cls(**config)
