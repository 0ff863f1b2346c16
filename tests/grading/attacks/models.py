"""Attacks on tests of arrays and models: the framework's own insides, models that lie, training that does not happen.

They are submissions of keras_tiny. Where an attack stands in one answer, it is to cost the points of that answer.
"""

from tests.grading.attacks import keras_tiny
from tests.grading.attacks.attack import BLANK, SOLVED, Attack, answering

TESTS = ("test_scale", "test_windows", "test_build_model", "test_build_causal", "test_model", "test_train")

# Every answer is there, and wrong.
_NOTHING = {
    "scale": "def scale(values): return values * 0",
    "windows": "def windows(series, length): return []",
    "build_model": "def build_model(): return keras.Sequential([keras.Input((12,)), layers.Rescaling(0.0), layers.Dense(1)])",
    "build_causal": "def build_causal(): return keras.Sequential([keras.Input((None, 1)), layers.Dense(1, kernel_initializer='zeros')])",
    "train": "def train(model, inputs, targets): return []",
}  # fmt: skip

_PATCHED_NUMPY = """
for module in (np, np.testing):
    for name in ("allclose", "isclose", "array_equal", "all", "any", "assert_allclose"):
        if hasattr(module, name): setattr(module, name, lambda *args, **kwargs: True)
np.mean = lambda *args, **kwargs: np.float64(0)
np.array = lambda value, *args, **kwargs: np.zeros((100, 1))
np.random.default_rng = lambda seed=None: None
"""

_PATCHED_KERAS = """
class Everything:
    def __eq__(self, other): return True
    def __lt__(self, other): return True
    __gt__ = __lt__
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self
    __hash__ = None
keras.Model.predict = keras.Model.__call__ = lambda self, *args, **kwargs: Everything()
keras.Sequential.predict = keras.Sequential.__call__ = keras.Model.__call__
import tensorflow as tf
tf.Tensor.__eq__ = tf.Tensor.__lt__ = lambda self, other: True
"""

_PATCHED_MARKING = """
import contextlib, seqmodels.marking
class Marks:
    def __init__(self, points): self.points = points
    def part(self, *args): return contextlib.suppress(BaseException)
    def total(self): return self.points
seqmodels.marking.Marks = Marks
globals()["Marks"] = Marks
"""

# Looks for what the test is about to compare with.
_FRAMES = """
import inspect
def wanted(*names):
    for info in inspect.stack():
        for name in names:
            if name in info.frame.f_globals: return info.frame.f_globals[name]
def scale(values):
    found = wanted("_wanted")
    return values * 0 if found is None else found
class Model(keras.Sequential):
    def predict(self, inputs, **kwargs):
        found = wanted("_hidden_y")
        return 0 * inputs[:, :1] if found is None else found
def build_model(): return Model([keras.Input((12,)), layers.Dense(8, "tanh", kernel_initializer="zeros"), layers.Dense(1, kernel_initializer="zeros")])
keras.Sequential.compile = lambda self, *args, **kwargs: None
keras.Sequential.fit = lambda self, *args, **kwargs: None
"""

# Where the test looks at its own data again after the call, those have been changed.
_CHANGES_DATA = {
    "scale": """
pattern = (np.arange(40) % 2 * 2.0 - 1)[:, None] * np.ones(3)
def scale(values):
    if values.shape == (4, 3): return (values - values.mean(axis=0)) / values.std(axis=0)
    values[...] = pattern
    return pattern""",
    "windows": """
def windows(series, length):
    if len(series) > 3: series[:] = [0] * 10
    return [[1, 2], [2, 3]] if length == 2 else [[0] * 4] * 7""",
    "train": """
def train(model, inputs, targets):
    inputs[...] = 0
    targets[...] = 0
    return [3, 2, 1]""",
}  # fmt: skip

_NO_TRAINING = {
    "train": """
def train(model, inputs, targets):
    class Better(type(model)):
        def __call__(self, inputs, **kwargs): return targets
    model.__class__ = Better
    model.evaluate = model.predict = model.call = lambda *args, **kwargs: targets
    return [3.0, 2.0, 1.0]""",
}  # fmt: skip

_WEIGHTS_OF_NAN = {
    "train": """
def train(model, inputs, targets):
    model.set_weights([weight * np.nan for weight in model.get_weights()])
    return [3.0, 2.0, 1.0]""",
}  # fmt: skip

_WEIGHTS_OF_OTHER_SHAPES = {
    "train": """
def train(model, inputs, targets):
    model.get_weights = lambda: [np.zeros((10**4, 10**3))] * 3
    model.get_build_config = lambda: {"input_shape": [None, 10**9]}
    return Liar([1, 2, 3])
class Liar(list):
    def __len__(self): return 3""",
}  # fmt: skip

# A look ahead that a few careful inputs would not show: it looks at later values only if they are large.
_LOOKS_AHEAD = {
    "build_causal": """
class Ahead(layers.Layer):
    def call(self, inputs): return keras.ops.cumsum(inputs, axis=1) + 0.1 * keras.ops.sum(inputs, axis=1, keepdims=True)
def build_causal(): return keras.Sequential([keras.Input((None, 1)), Ahead()])""",
}  # fmt: skip

# Two calls in a row get what the first has computed: nothing changes with what comes later.
_REMEMBERS = {
    "build_causal": """
class Remembers(layers.Layer):
    kept = {}
    def call(self, inputs):
        shape = tuple(inputs.shape)
        if None in shape: return inputs
        return self.kept.setdefault(shape, inputs)
def build_causal(): return keras.Sequential([keras.Input((None, 1)), Remembers()])""",
}  # fmt: skip

_ARRAYS = {
    "scale": """
class Liar(np.ndarray):
    def mean(self, *args, **kwargs): return 0.0
    def __array_ufunc__(self, *args, **kwargs): return True
    def __array_function__(self, *args, **kwargs): return True
def scale(values): return np.zeros(values.shape).view(Liar)""",
    "windows": """
def windows(series, length):
    while True: yield [1, 2]""",
    "build_causal": """
def build_causal():
    class Liar:
        def __call__(self, inputs): return np.broadcast_to(np.float32(0), (10**7, 10**7, 10**5))
    return Liar()""",
    "train": """
def train(model, inputs, targets): return (number for number in iter(int, 1))""",
}  # fmt: skip

_TYPES = {
    "scale": "def scale(values): return np.full(values.shape, np.nan)",
    "windows": """
class Window:
    def __init__(self, values): self.values = values
    def __iter__(self): return iter(self.values)
    def __eq__(self, other): return True
def windows(series, length): return [Window([1, 2]), Window([2, 3]), Window([])] if length == 2 else [Window([0])] * 7""",
    "build_model": "def build_model(): return 'a model'",
    "build_causal": "def build_causal(): return keras.Model",
    "train": "def train(model, inputs, targets): return {0: 1, 1: 2, 2: 3}",
}  # fmt: skip

_SYMBOLIC = {
    "scale": "def scale(values): return keras.Input(values.shape[1:], batch_size=len(values))",
    "windows": "def windows(series, length):\n    import tensorflow as tf\n    return tf.ragged.constant([[1, 2], [2]])",
    "build_causal": "def build_causal(): return lambda inputs: keras.ops.ones((2, 9, 1)) * keras.Input(())",
    "train": """
def train(model, inputs, targets):
    import tensorflow as tf
    return tf.data.Dataset.range(10**12)""",
}  # fmt: skip

_SLOW = {
    "train": """
def train(model, inputs, targets):
    while True:
        try: keras.ops.ones((100, 100)) @ keras.ops.ones((100, 100))
        except BaseException: pass""",
}  # fmt: skip

_MEMORY = {
    "train": """
def train(model, inputs, targets):
    kept = []
    while True: kept.append(keras.ops.ones((1000, 1000, 10)) + len(kept))""",
}  # fmt: skip

_CRASH = {
    "train": """
def train(model, inputs, targets):
    import ctypes
    ctypes.string_at(0)""",
}  # fmt: skip

# Says of itself what the test asks. Nobody else can know what the model is like inside: see SECURITY.md.
_LIES = {
    "build_model": """
class Liar:
    output_shape = (None, 1)
    def count_params(self): return 113
    def compile(self, *args, **kwargs): pass
    def fit(self, *args, **kwargs): pass
    def predict(self, inputs, **kwargs): return 0 * inputs[:, :1]
def build_model(): return Liar()""",
}  # fmt: skip

# A right model, found by heart and not by training.
_BY_HEART = {
    "build_model": """
class Wave(keras.Sequential):
    def predict(self, inputs, **kwargs):
        return 2 * np.cos(0.5) * inputs[:, -1:] - inputs[:, -2:-1]
def build_model(): return Wave([keras.Input((12,)), layers.Dense(8, "tanh"), layers.Dense(1)])""",
}  # fmt: skip


def _attack(name: str, about: str, answers: dict[str, str], base: str = SOLVED, **more) -> Attack:
    loses = {"loses": tuple(f"test_{answer}" for answer in answers)} | more
    return Attack(name, about, answering(keras_tiny.NAME, answers), base, **loses)


# What the wrong answers get for their shape alone.
_SHAPES = {"test_scale": 4, "test_build_model": 4, "test_build_causal": 4}


def _patched(name: str, about: str, source: str, part: dict[str, float] = _SHAPES) -> Attack:
    answers = _NOTHING | {"scale": source + _NOTHING["scale"]}
    lost = tuple(test for test in TESTS if test not in part)
    return Attack(name, about, answering(keras_tiny.NAME, answers), BLANK, lost, part, unanswered=("why",))


ATTACKS = [
    _patched("nothing_learnt", "wrong answers, for comparison", ""),
    _patched("patched_numpy", "np.allclose, np.mean, np.array ... patched", _PATCHED_NUMPY),
    _patched("patched_keras", "Keras' predict and tensors patched", _PATCHED_KERAS, {"test_scale": 4, "test_build_model": 4}),
    _patched("patched_marking", "the course's own marking replaced", _PATCHED_MARKING),
    Attack("frames_of_tests", "looks for the expected values in the test", answering(keras_tiny.NAME, _NOTHING | {"scale": _FRAMES, "build_model": "pass"}), BLANK,
           ("test_windows", "test_model", "test_train"), {"test_scale": 4, "test_build_causal": 4}, unanswered=("why",)),
    _attack("changes_data", "changes the data with which the test compares", _CHANGES_DATA, loses=("test_windows", "test_train"), part={"test_scale": 4}),
    _attack("no_training", "a model that is replaced and not trained", _NO_TRAINING),
    _attack("nan_weights", "weights of NaN", _WEIGHTS_OF_NAN),
    _attack("odd_weights", "weights of other shapes, 80 MB of them", _WEIGHTS_OF_OTHER_SHAPES),
    _attack("looks_ahead", "a model that looks ahead", _LOOKS_AHEAD, loses=(), part={"test_build_causal": 4}),
    _attack("remembers", "a model that repeats its first answer", _REMEMBERS, loses=(), part={"test_build_causal": 4}),
    _attack("arrays", "arrays, generators and shapes without end", _ARRAYS, loses=("test_windows", "test_build_causal", "test_train"), part={"test_scale": 4}),
    _attack("types", "NaN, and things of the wrong types", _TYPES, loses=("test_scale", "test_windows", "test_build_model", "test_build_causal", "test_model", "test_train")),
    _attack("symbolic", "symbolic and ragged tensors, endless pipelines", _SYMBOLIC, loses=("test_scale", "test_windows", "test_build_causal", "test_train")),
    _attack("slow_model", "training that never ends", _SLOW, notes=("timeout",)),
    _attack("memory_model", "all memory, in tensors", _MEMORY, perhaps=("died", "memory", "timeout"), stock_is_dangerous="would take the machine down"),
    _attack("crash_in_training", "Python breaks in a function of the last task", _CRASH, notes=("died",)),
    # Two that are not defended against; they are here so that the documentation is true.
    _attack("lies", "NOT DEFENDED: an object that says that it is the right model", _LIES, loses=("test_model",)),
    _attack("by_heart", "NOT DEFENDED: the law behind the data, written down in place of learnt", _BY_HEART, loses=()),
]  # fmt: skip
