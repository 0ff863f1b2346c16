"""seqmodels.layers: against their equations in plain loops, and as citizens of Keras."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqmodels.layers import MultiplicativeLSTM, PeepholeLSTM, ResidualLSTM, ResidualLSTMCell

BATCH, TIME, FEATURES = 3, 5, 3


# The equations, one number at a time. A weight is looked up by its part and its unit, and nothing is taken
# from the layers but the order of the parts.

INPUT, FORGET, CANDIDATE, OUTPUT = range(4)


def sigmoid(a):
    return 1 / (1 + math.exp(-a))


def weighted(vector, matrix, column):
    return sum(number * row[column] for number, row in zip(vector, matrix, strict=True))


def sums(x, h, w, part, cells, width):
    """What a part of ``width`` units gets from the input ``x``, the state ``h`` and its bias."""
    start = part * cells
    return [
        weighted(x, w["kernel"], start + j) + weighted(h, w["recurrent_kernel"], start + j) + w["bias"][start + j]
        for j in range(width)
    ]


def peephole_step(x, h, c, w):
    n = len(c)
    p = w["peephole_kernel"]
    i = [sigmoid(a + p[j] * c[j]) for j, a in enumerate(sums(x, h, w, INPUT, n, n))]
    f = [sigmoid(a + p[n + j] * c[j]) for j, a in enumerate(sums(x, h, w, FORGET, n, n))]
    g = [math.tanh(a) for a in sums(x, h, w, CANDIDATE, n, n)]
    new = [f[j] * c[j] + i[j] * g[j] for j in range(n)]
    o = [sigmoid(a + p[2 * n + j] * new[j]) for j, a in enumerate(sums(x, h, w, OUTPUT, n, n))]
    return [o[j] * math.tanh(new[j]) for j in range(n)], new


def multiplicative_step(x, h, c, w):
    n = len(c)
    m = [
        weighted(x, w["multiplicative_kernel"], j) * weighted(h, w["multiplicative_recurrent_kernel"], j)
        for j in range(n)
    ]
    i = [sigmoid(a) for a in sums(x, m, w, INPUT, n, n)]
    f = [sigmoid(a) for a in sums(x, m, w, FORGET, n, n)]
    g = [math.tanh(a) for a in sums(x, m, w, CANDIDATE, n, n)]
    o = [sigmoid(a) for a in sums(x, m, w, OUTPUT, n, n)]
    new = [f[j] * c[j] + i[j] * g[j] for j in range(n)]
    return [o[j] * math.tanh(new[j]) for j in range(n)], new


def residual_step(x, h, c, w):
    n, units = len(c), len(h)
    p = w["peephole_kernel"]
    i = [sigmoid(a + p[j] * c[j]) for j, a in enumerate(sums(x, h, w, INPUT, n, n))]
    f = [sigmoid(a + p[n + j] * c[j]) for j, a in enumerate(sums(x, h, w, FORGET, n, n))]
    g = [math.tanh(a) for a in sums(x, h, w, CANDIDATE, n, n)]
    new = [f[j] * c[j] + i[j] * g[j] for j in range(n)]
    hidden = []
    for k, a in enumerate(sums(x, h, w, OUTPUT, n, units)):
        o = sigmoid(a + weighted(new, w["output_peephole_kernel"], k))
        m = weighted([math.tanh(number) for number in new], w["projection_kernel"], k)
        shortcut = weighted(x, w["shortcut_kernel"], k) if "shortcut_kernel" in w else x[k]
        hidden.append(o * (m + shortcut))
    return hidden, new


class Case:
    """A layer, its arguments, and its equations."""

    def __init__(self, layer, step, units, cells=None, **arguments):
        self.layer, self.step, self.units, self.arguments = layer, step, units, arguments
        self.cells = cells or units

    def make(self, dtype="float64", seed=0, **arguments):
        """A built layer with all weights drawn at random, also those that begin at zero."""
        layer = self.layer(self.units, dtype=dtype, **self.arguments, **arguments)
        layer.build((BATCH, TIME, FEATURES))
        rng = np.random.default_rng(seed)
        layer.set_weights([rng.normal(size=weight.shape) * 0.6 for weight in layer.trainable_weights])
        return layer

    def reference(self, inputs, weights, hidden, cell_state):
        """Hidden states, (batch, time, units), and the last cell states, (batch, cells)."""
        everything, last = [], []
        for sequence, h, c in zip(inputs, hidden, cell_state, strict=True):
            states = []
            for x in sequence:
                h, c = self.step(list(x), list(h), list(c), weights)
                states.append(h)
            everything.append(states)
            last.append(c)
        return np.array(everything), np.array(last)


CASES = {
    "peephole": Case(PeepholeLSTM, peephole_step, units=2),
    "multiplicative": Case(MultiplicativeLSTM, multiplicative_step, units=2),
    "residual": Case(ResidualLSTM, residual_step, units=FEATURES),
    "residual, narrow and linear": Case(
        ResidualLSTM, residual_step, units=2, cells=4, cell_units=4, shortcut="linear"
    ),
}  # fmt: skip


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


@pytest.fixture
def inputs():
    return np.random.default_rng(1).normal(size=(BATCH, TIME, FEATURES))


def states(case, batch=BATCH):
    rng = np.random.default_rng(2)
    return [rng.normal(size=(batch, case.units)), rng.normal(size=(batch, case.cells))]


def arrays(layer):
    return {weight.name: weight.numpy() for weight in layer.trainable_weights}


def difference(ours, theirs):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    return np.abs(ours - theirs).max()


# The equations


def test_the_layer_computes_its_equations(case, inputs):
    layer = case.make(return_sequences=True, return_state=True)
    initial = states(case)
    sequence, hidden, cell_state = layer(inputs, initial_state=initial)
    expected, expected_cell_state = case.reference(inputs, arrays(layer), *initial)
    assert difference(sequence, expected) < 1e-12
    assert difference(hidden, expected[:, -1]) < 1e-12
    assert difference(cell_state, expected_cell_state) < 1e-12


def test_gradients_agree_with_finite_differences_of_the_equations(case, inputs):
    layer = case.make(return_sequences=True, return_state=True)
    inputs, initial = inputs[:2, :3], [state[:2] for state in states(case)]
    rng = np.random.default_rng(3)
    seen, kept = rng.normal(size=(2, 3, case.units)), rng.normal(size=(2, case.cells))

    names = ["inputs", "hidden", "cell_state", *arrays(layer)]
    values = [inputs, *initial, *arrays(layer).values()]

    def loss(values):
        inputs, hidden, cell_state, *weights = values
        sequence, last = case.reference(inputs, dict(zip(names[3:], weights, strict=True)), hidden, cell_state)
        return (sequence * seen).sum() + (last * kept).sum()

    with tf.GradientTape() as tape:
        tensors = [tf.constant(value) for value in values[:3]]
        tape.watch(tensors)
        sequence, _, last = layer(tensors[0], initial_state=tensors[1:])
        total = tf.reduce_sum(sequence * seen) + tf.reduce_sum(last * kept)
    assert difference(total, loss(values)) < 1e-12
    gradients = tape.gradient(total, [*tensors, *(weight.value for weight in layer.trainable_weights)])

    step = 1e-5
    for name, value, gradient in zip(names, values, gradients, strict=True):
        numeric = np.empty_like(value)
        for index in np.ndindex(value.shape):
            original = value[index]
            value[index] = original + step
            above = loss(values)
            value[index] = original - step
            below = loss(values)
            value[index] = original
            numeric[index] = (above - below) / (2 * step)
        assert np.abs(numeric).max() > 1e-3, f"nothing depends on {name}"
        assert difference(gradient, numeric) < 1e-8, name


# Special cases


def keras_lstm(units, weights):
    layer = keras.layers.LSTM(units, return_sequences=True, return_state=True, dtype="float64")
    layer.build((BATCH, TIME, FEATURES))
    layer.set_weights([weights[name] for name in ("kernel", "recurrent_kernel", "bias")])
    return layer


def set_arrays(layer, **values):
    for weight in layer.trainable_weights:
        weight.assign(values.get(weight.name, weight))


def test_without_its_peepholes_a_peephole_lstm_is_an_lstm(inputs):
    layer = CASES["peephole"].make(return_sequences=True, return_state=True)
    plain = keras_lstm(2, arrays(layer))
    assert difference(layer(inputs)[0], plain(inputs)[0]) > 1e-2
    set_arrays(layer, peephole_kernel=np.zeros(6))
    for ours, theirs in zip(layer(inputs), plain(inputs), strict=True):
        assert difference(ours, theirs) < 1e-12


def test_a_new_peephole_lstm_begins_as_an_lstm(inputs):
    layer = PeepholeLSTM(4, dtype="float64")
    layer(inputs)
    assert difference(layer(inputs), keras_lstm(4, arrays(layer))(inputs)[0][:, -1]) < 1e-12


def test_a_multiplicative_lstm_whose_factor_is_one_is_an_lstm(inputs):
    layer = CASES["multiplicative"].make(return_sequences=True, return_state=True)
    inputs[..., 0] = 1  # the factor of h is then the first row of the kernel
    one, same = np.zeros((FEATURES, 2)), np.eye(2)
    one[0] = 1
    plain = keras_lstm(2, arrays(layer))
    assert difference(layer(inputs)[0], plain(inputs)[0]) > 1e-2
    set_arrays(layer, multiplicative_kernel=one, multiplicative_recurrent_kernel=same)
    for ours, theirs in zip(layer(inputs), plain(inputs), strict=True):
        assert difference(ours, theirs) < 1e-12


def test_a_residual_lstm_without_shortcut_and_projection_is_a_peephole_lstm(inputs):
    peephole = CASES["peephole"].make(return_sequences=True, return_state=True)
    weights = arrays(peephole)
    p_i, p_f, p_o = np.split(weights.pop("peephole_kernel"), 3)
    layer = ResidualLSTM(2, shortcut="linear", return_sequences=True, return_state=True, dtype="float64")
    layer.build(inputs.shape)
    own = {"peephole_kernel": np.concatenate([p_i, p_f]), "output_peephole_kernel": np.diag(p_o)}
    set_arrays(layer, **weights, **own, projection_kernel=np.eye(2))
    assert difference(layer(inputs)[0], peephole(inputs)[0]) > 1e-2
    set_arrays(layer, shortcut_kernel=np.zeros((FEATURES, 2)))
    for ours, theirs in zip(layer(inputs), peephole(inputs), strict=True):
        assert difference(ours, theirs) < 1e-12


def test_a_residual_lstm_with_a_closed_memory_and_an_open_output_passes_its_input_on(inputs):
    layer = CASES["residual"].make(return_sequences=True)
    bias = np.concatenate([np.full(FEATURES, -40.0), np.zeros(2 * FEATURES), np.full(FEATURES, 40.0)])
    zeros = {name: np.zeros_like(value) for name, value in arrays(layer).items()}
    set_arrays(layer, **zeros | {"bias": bias})
    assert difference(layer(inputs), inputs) < 1e-12


# Citizens of Keras


def test_the_last_output_and_the_states_are_those_of_the_sequence(case, inputs):
    whole, hidden, cell_state = case.make(return_sequences=True, return_state=True)(inputs)
    assert whole.shape == (BATCH, TIME, case.units)
    assert cell_state.shape == (BATCH, case.cells)
    assert difference(case.make()(inputs), whole[:, -1]) == 0
    assert difference(case.make(return_sequences=True)(inputs), whole) == 0
    last, *final = case.make(return_state=True)(inputs)
    assert difference(last, whole[:, -1]) == difference(final[0], hidden) == difference(final[1], cell_state) == 0


def test_a_symbolic_layer_says_its_shapes(case):
    outputs = case.layer(case.units, return_sequences=True, return_state=True, **case.arguments)(
        keras.Input((None, FEATURES))
    )
    assert [tuple(output.shape) for output in outputs] == [
        (None, None, case.units), (None, case.units), (None, case.cells)
    ]  # fmt: skip


def test_a_padded_batch_says_what_its_sequences_say_alone(case, inputs):
    layer = case.make(return_state=True)
    lengths = (5, 2, 3)
    mask = np.arange(TIME) < np.array(lengths)[:, None]
    alone = [layer(inputs[n : n + 1, :length]) for n, length in enumerate(lengths)]
    expected = [np.concatenate(parts) for parts in zip(*alone, strict=True)]
    for ours, theirs in zip(layer(inputs, mask=mask), expected, strict=True):
        assert difference(ours, theirs) < 1e-12
    assert difference(layer(inputs)[0], expected[0]) > 1e-2
    # A mask that comes from a layer below.
    padded = np.where(mask[..., None], inputs, 0)
    masked = keras.layers.Masking(dtype="float64")(padded)
    for ours, theirs in zip(layer(masked), expected, strict=True):
        assert difference(ours, theirs) < 1e-12


def test_going_backwards_is_reading_the_reversed_sequence(case, inputs):
    backwards = case.make(return_sequences=True, go_backwards=True)(inputs)
    assert difference(backwards, case.make(return_sequences=True)(inputs[:, ::-1])) < 1e-12
    assert difference(backwards, case.make(return_sequences=True)(inputs)) > 1e-2


def test_a_stateful_layer_goes_on_where_it_stopped(case, inputs):
    layer = case.make(return_sequences=True, stateful=True)
    whole = case.make(return_sequences=True)(inputs)
    halves = [layer(inputs[:, :2]), layer(inputs[:, 2:])]
    assert difference(np.concatenate(halves, axis=1), whole) < 1e-12
    assert difference(layer(inputs), whole) > 1e-2
    layer.reset_state()
    assert difference(layer(inputs), whole) < 1e-12


def test_an_unrolled_layer_computes_the_same(case, inputs):
    assert difference(case.make(unroll=True)(inputs), case.make()(inputs)) < 1e-12


@pytest.mark.parametrize("merge", ["concat", "sum"])
def test_bidirectional_reads_both_ways(case, inputs, merge):
    both = keras.layers.Bidirectional(case.make(return_sequences=True), merge_mode=merge, dtype="float64")
    both(inputs)
    forward, backward = case.make(seed=4, return_sequences=True), case.make(seed=5, return_sequences=True)
    both.forward_layer.set_weights(forward.get_weights())
    both.backward_layer.set_weights(backward.get_weights())
    ahead, behind = forward(inputs).numpy(), backward(inputs[:, ::-1]).numpy()[:, ::-1]
    expected = ahead + behind if merge == "sum" else np.concatenate([ahead, behind], axis=-1)
    assert difference(both(inputs), expected) < 1e-12


def test_a_model_is_loaded_as_it_was_saved(case, inputs, tmp_path):
    model = keras.Sequential(
        [
            keras.Input((None, FEATURES)),
            keras.layers.Masking(),
            case.layer(FEATURES, return_sequences=True, **case.arguments),
            keras.layers.Bidirectional(case.layer(case.units, return_sequences=True, **case.arguments)),
            keras.layers.RNN(case.layer.cell_class(case.units * 2, **case.arguments)),
        ]
    )
    rng = np.random.default_rng(6)
    model.set_weights([rng.normal(size=weight.shape) * 0.5 for weight in model.weights])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert [type(layer) for layer in loaded.layers] == [type(layer) for layer in model.layers]
    assert difference(loaded(inputs), model(inputs)) == 0


def test_every_argument_survives_a_round_trip():
    cell = {
        "units": 3, "kernel_initializer": keras.initializers.RandomNormal(stddev=0.3, seed=1),
        "recurrent_initializer": "glorot_normal", "bias_initializer": "ones", "unit_forget_bias": False,
    }  # fmt: skip
    shared = {
        "return_sequences": True, "return_state": True, "go_backwards": True, "stateful": True, "unroll": True,
        "zero_output_for_mask": True, "activity_regularizer": "l2", "name": "some", "trainable": False,
        "dtype": "mixed_bfloat16",
    }  # fmt: skip
    own = {
        PeepholeLSTM: {"peephole_initializer": "ones"},
        MultiplicativeLSTM: {},
        ResidualLSTM: {"peephole_initializer": "ones", "cell_units": 7, "shortcut": "linear"},
    }
    for kind, arguments in own.items():
        layer = kind(**cell, **shared, **arguments)
        again = kind.from_config(layer.get_config())
        assert again.get_config() == layer.get_config()
        assert again.cell.get_config() | {"name": None} == layer.cell.get_config() | {"name": None}
        plain = kind(3).get_config()
        changed = {name for name, value in layer.get_config().items() if value != plain.get(name)}
        assert changed == (cell.keys() | shared.keys() | arguments.keys()) - {"units"}


def test_compiled_it_computes_the_same_gradients(case, inputs):
    layer = case.make()
    mask = np.arange(TIME) < np.array([5, 2, 3])[:, None]

    def gradients():
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(layer(inputs, mask=mask) ** 2)
        return tape.gradient(total, [weight.value for weight in layer.trainable_weights])

    for compiled, plain in zip(tf.function(gradients, jit_compile=True)(), gradients(), strict=True):
        assert np.abs(plain).max() > 1e-3
        assert difference(compiled, plain) < 1e-10


def losses(case, jit_compile):
    """The losses of a small model that learns to say what the first step showed."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(7)
    inputs = rng.normal(size=(64, 6, FEATURES)).astype("float32")
    targets = inputs[:, 0, :1]
    inputs[:32, 4:] = 0  # padding
    layer = case.layer(8, **case.arguments | ({"shortcut": "linear"} if case.layer is ResidualLSTM else {}))
    model = keras.Sequential([keras.Input((6, FEATURES)), keras.layers.Masking(), layer, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.03), "mse", jit_compile=jit_compile)
    return model.fit(inputs, targets, batch_size=64, epochs=30, verbose=0).history["loss"]


def test_training_lowers_the_loss(case):
    history = losses(case, jit_compile=False)
    assert history[-1] < 0.5 * history[0]


def test_training_is_the_same_when_it_is_compiled():
    case = CASES["peephole"]
    assert np.allclose(losses(case, jit_compile=True)[:10], losses(case, jit_compile=False)[:10], rtol=1e-3)


def test_mixed_precision_keeps_weights_in_full_and_computes_in_half(case, inputs):
    layer = case.make(dtype="mixed_bfloat16", return_sequences=True)
    half = layer(inputs.astype("float32"))
    assert half.dtype == tf.bfloat16
    assert {weight.dtype for weight in layer.weights} == {"float32"}
    assert difference(tf.cast(half, "float64"), case.make(return_sequences=True)(inputs)) < 0.1


def test_the_number_of_weights(case):
    n, m, k = FEATURES, case.units, case.cells
    expected = {
        PeepholeLSTM: 4 * (n * m + m * m + m) + 3 * m,
        MultiplicativeLSTM: 4 * (n * m + m * m + m) + n * m + m * m,
        ResidualLSTM: (3 * k + m) * (n + m + 1) + 2 * k + 2 * k * m + (n * m if n != m else 0),
    }
    assert case.make().count_params() == expected[case.layer]


def test_the_forget_gate_begins_open(case):
    for open_, expected in ((True, 1), (False, 0)):
        layer = case.layer(case.units, unit_forget_bias=open_, **case.arguments)
        layer.build((None, TIME, FEATURES))
        bias = layer.cell.bias.numpy()
        assert (bias[case.cells : 2 * case.cells] == expected).all()
        assert (np.delete(bias, np.s_[case.cells : 2 * case.cells]) == 0).all()


# Mistakes


@pytest.mark.parametrize("units", [0, -1, 2.5, "3", True, None])
def test_units_must_be_a_positive_whole_number(case, units):
    with pytest.raises(ValueError, match=r"^units must be a whole number of at least 1, not "):
        case.layer(units)


def test_a_residual_lstm_says_what_does_not_fit(inputs):
    with pytest.raises(ValueError, match="3 features and the layer 2 units: they cannot be added"):
        ResidualLSTM(2)(inputs)
    with pytest.raises(ValueError, match="shortcut must be 'identity' or 'linear', not 'conv'"):
        ResidualLSTM(2, shortcut="conv")
    with pytest.raises(ValueError, match="cell_units must be a whole number of at least 1, not 0"):
        ResidualLSTMCell(2, cell_units=0)


def test_a_layer_wants_batch_time_and_features(case, inputs):
    with pytest.raises(ValueError, match="expected ndim=3, found ndim=2"):
        case.layer(case.units, **case.arguments)(inputs[:, 0])


def test_an_unknown_argument_is_refused(case):
    with pytest.raises((TypeError, ValueError), match="dropuot"):
        case.layer(case.units, dropuot=0.5)
