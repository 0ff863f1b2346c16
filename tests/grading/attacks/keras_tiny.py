"""A small assignment with Keras, for the attacks that need it: arrays, models, training and hidden data."""

from pathlib import Path

from nbformat import NotebookNode

from tests.grading import small

NAME = "keras_tiny"
WRITTEN = ("why",)

_SETUP = """import keras
import numpy as np
from keras import layers

from seqmodels.marking import Marks, as_numbers, close, may_train, when_solved

keras.utils.set_random_seed(7)"""

_DATA = """def waves(rng, number):
    # Pieces of sine waves, twelve values of each, and the value that comes next.
    starts = rng.uniform(0, 6, size=(number, 1))
    values = np.sin(starts + 0.5 * np.arange(13)).astype("float32")
    return values[:, :12], values[:, 12:]


train_x, train_y = waves(np.random.default_rng(1), 256)"""

_SCALE = '''def scale(values):
    """Each column less its mean, divided by its standard deviation."""
    ### BEGIN SOLUTION
    return (values - values.mean(axis=0)) / values.std(axis=0)
    ### END SOLUTION'''

_TEST_SCALE = """marks = Marks(10)
with marks.part(4, "the shape"):
    values = np.arange(12.0).reshape(4, 3) ** 2
    scaled = as_numbers(scale(values))
    assert scaled.shape == (4, 3), "the shape has changed"
with marks.part(6, "the values"):
    assert np.abs(scaled.mean(axis=0)).max() < 1e-6, "the mean of a column is not 0"
    ### BEGIN HIDDEN TESTS
    _hidden_values = np.random.default_rng(4711).normal(3, 5, size=(40, 3))
    _found = scale(_hidden_values)
    _wanted = (_hidden_values - _hidden_values.mean(axis=0)) / _hidden_values.std(axis=0)
    assert close(_found, _wanted), "a value is wrong"
    ### END HIDDEN TESTS
marks.total()"""

_WINDOWS = '''def windows(series, length):
    """The pieces of `length` values of a series that follow one another, one after the other."""
    ### BEGIN SOLUTION
    for start in range(len(series) - length + 1):
        yield series[start : start + length]
    ### END SOLUTION'''

_TEST_WINDOWS = """marks = Marks(10)
with marks.part(10, "the windows"):
    found = [list(window) for window in windows([1, 2, 3], 2)]
    assert found == [[1, 2], [2, 3]], "the windows of 1 2 3 are wrong"
    ### BEGIN HIDDEN TESTS
    _hidden_series = list(range(50, 30, -2))
    _found = [list(window) for window in windows(_hidden_series, 4)]
    assert _found == [_hidden_series[start : start + 4] for start in range(7)], "the windows are wrong"
    ### END HIDDEN TESTS
marks.total()"""

_BUILD_MODEL = '''def build_model():
    """A model from twelve values to one: eight units with tanh, and one without. It is not compiled."""
    ### BEGIN SOLUTION
    return keras.Sequential([keras.Input((12,)), layers.Dense(8, "tanh"), layers.Dense(1)])
    ### END SOLUTION'''

_TEST_BUILD_MODEL = """marks = Marks(10)
with marks.part(4, "the shape"):
    assert build_model().output_shape == (None, 1), "the model gives one value"
with marks.part(6, "the parameters"):
    ### BEGIN HIDDEN TESTS
    _counted = build_model().count_params()
    assert _counted == 12 * 8 + 8 + 8 + 1, "the number of parameters is wrong"
    ### END HIDDEN TESTS
    pass
marks.total()"""

_BUILD_CAUSAL = '''def build_causal():
    """A model for sequences of any length with one value, which looks at the last three values, not at later ones."""
    ### BEGIN SOLUTION
    return keras.Sequential([keras.Input((None, 1)), layers.Conv1D(4, 3, padding="causal"), layers.Dense(1)])
    ### END SOLUTION'''

_TEST_BUILD_CAUSAL = """marks = Marks(10)
with marks.part(4, "the shape"):
    causal = build_causal()
    before = as_numbers(causal(np.ones((2, 9, 1), "float32")))
    assert before.shape == (2, 9, 1), "the shape is wrong"
with marks.part(6, "no look ahead"):
    ### BEGIN HIDDEN TESTS
    _model = build_causal()
    _hidden_input = np.random.default_rng(4712).normal(size=(3, 11, 1)).astype("float32")
    _changed = _hidden_input.copy()
    _changed[:, 6:] += 1
    _before, _after = as_numbers(_model(_hidden_input)), as_numbers(_model(_changed))
    assert _before.shape == _after.shape == (3, 11, 1), "the shape is wrong"
    assert close(_before[:, :6], _after[:, :6], atol=1e-5), "an output changes with a later input"
    assert not close(_before[:, 6:], _after[:, 6:], atol=1e-5), "the outputs do not depend on the input"
    ### END HIDDEN TESTS
    pass
marks.total()"""

_TRAINING = """with when_solved("Task 3"):
    model = build_model()
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mse")
    model.fit(train_x, train_y, epochs=10, batch_size=32, verbose=0)"""

_TEST_MODEL = """marks = Marks(10)
with marks.part(10, "the error on waves that the model has not seen"):
    ### BEGIN HIDDEN TESTS
    _hidden_x, _hidden_y = waves(np.random.default_rng(4713), 100)
    _predicted = as_numbers(model.predict(_hidden_x, verbose=0))
    assert _predicted.shape == _hidden_y.shape, "the shape of the predictions is wrong"
    assert np.mean((_predicted - _hidden_y) ** 2) < 0.05, "the error is too large"
    ### END HIDDEN TESTS
    pass
marks.total()"""

_TRAIN = '''def train(model, inputs, targets):
    """Train a model for three epochs, and return the loss of each as a list: Adam with 0.02, mean squared error."""
    ### BEGIN SOLUTION
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mse")
    return model.fit(inputs, targets, epochs=3, batch_size=16, verbose=0).history["loss"]
    ### END SOLUTION'''

_TEST_TRAIN = """marks = Marks(10)
with marks.part(10, "the training"):
    ### BEGIN HIDDEN TESTS
    _model = keras.Sequential([keras.Input((12,)), layers.Dense(1)])
    _hidden_x, _hidden_y = waves(np.random.default_rng(4714), 64)
    _error_before = np.mean((np.array(_model(_hidden_x)) - _hidden_y) ** 2)
    with may_train(_model):
        _losses = train(_model, _hidden_x, _hidden_y)
    _error_after = np.mean((np.array(_model(_hidden_x)) - _hidden_y) ** 2)
    assert len(_losses) == 3, "there is no loss for each epoch"
    assert _error_after < _error_before, "the model is no better than before"
    ### END HIDDEN TESTS
    pass
marks.total()"""

_WHY = """**Why?** In your own words.

### BEGIN SOLUTION
Because waves repeat themselves.
### END SOLUTION"""


def notebook() -> NotebookNode:
    """The source of the assignment: 70 points, 60 of them autograded."""
    return small.notebook(
        [
            small.given("setup", _SETUP),
            small.given("data", _DATA),
            small.answer("scale", _SCALE),
            small.test("scale", _TEST_SCALE),
            small.answer("windows", _WINDOWS),
            small.test("windows", _TEST_WINDOWS),
            small.answer("build_model", _BUILD_MODEL),
            small.test("build_model", _TEST_BUILD_MODEL),
            small.answer("build_causal", _BUILD_CAUSAL),
            small.test("build_causal", _TEST_BUILD_CAUSAL),
            small.given("training", _TRAINING),
            small.test("model", _TEST_MODEL),
            small.answer("train", _TRAIN),
            small.test("train", _TEST_TRAIN),
            small.written("why", _WHY),
        ]
    )


def write(course: Path) -> Path:
    """Write the source notebook into a course folder and return its path."""
    return small.write(course, NAME, notebook())
