"""What does not pass as a copy, on both sides of a channel.

From the student's side only references pass. The tests get a Reference, and use it like the object: call it, ask for
its attributes and items; every answer is a plain value or again a Reference. What is like an array has passed as a copy
of its numbers: a Reference is none, so that no answer has one shape when it is asked for that, and another when it is
compared.

From the tests' side pass, because tests hand them to a student's functions: Keras layers and models, as their
configuration and weights; tf.data pipelines, as their elements; NumPy's random generators, as their state and seed; and
functions, as references that the student's code can call. What becomes of them there stays there, with two exceptions
that a test has to ask for (seqmodels.marking): the weights of a model that a student's function is to train come
back, and that something was changed is noted.
"""

import array
import itertools
import json
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from seqmodels import marking
from seqmodels.grading.channel.codec import Reader, Writer
from seqmodels.grading.channel.frames import ProtocolError

MOST_ITEMS = 100_000  # that are taken from something without an end
_MOST_AT_ONCE = 64
_MOST_CHILDREN = 100_000  # that a call spawns from a random generator
MODEL = "model"


class Objects:
    """The objects of one side that the other side has references to, and what can be changed by a call."""

    def __init__(self):
        self._own: dict[int, Any] = {}

    def refer(self, value: Any, kind: str) -> list:
        """A reference to an object of this side."""
        number = id(value)
        self._own[number] = value  # kept, so that its number stays its own
        return ["remote", number, kind, type(value).__name__]

    def own(self, number: Any) -> Any:
        """The object of this side that a reference from the other side means."""
        if number not in self._own:
            raise ProtocolError("a reference to nothing")
        return self._own[number]

    def state(self, value: Any) -> Any:
        """Enough of something that was given to tell later whether it has been changed."""
        if isinstance(value, np.ndarray):
            return value.tobytes()
        if isinstance(value, list | dict):
            # What it holds, itself: a list in it has a state of its own.
            return _Held(value)
        return [weight.tobytes() for weight in value.get_weights()]

    def change(self, value: Any, writer: Writer) -> Any:
        """What has become of something that was given, for the other side."""
        if isinstance(value, np.ndarray | list | dict):
            return ["changed"]
        shape = value.get_build_config() or {}
        return ["weights", writer.write(value.get_weights()), writer.write(shape.get("input_shape"))]


class _Held:
    """What a list or dict holds, compared by identity."""

    def __init__(self, value: list | dict):
        items = value if isinstance(value, list) else itertools.chain.from_iterable(value.items())
        self._items = list(items)

    def __eq__(self, other: "_Held") -> bool:
        return len(self._items) == len(other._items) and all(map(_is, self._items, other._items))


def _is(a: Any, b: Any) -> bool:
    return a is b


class StudentsObjects(Objects):
    """In the process that runs the student's code."""

    def __init__(self, ask):
        """
        Args:
          ask: Peer.ask of this side.
        """
        super().__init__()
        self._ask = ask

    def write(self, value: Any, writer: Writer) -> Any:
        if _is_array(value):
            return writer.write(np.asarray(value))
        if isinstance(value, RemoteFunction):
            return ["local", value.number]
        return self.refer(value, MODEL if _is_a(value, "keras", "Model") else "object")

    def read(self, written: list, reader: Reader) -> Any:
        match written:
            case ["local", number]:
                return self.own(number)
            case ["remote", number, *_]:
                return RemoteFunction(self._ask, number)
            case ["generator", str(name), state, seed]:
                generator = np.random.Generator(getattr(np.random, name)(_seed(**seed)))
                generator.bit_generator.state = _numbers(state)
                return generator
            case ["layer", str(config), weights]:
                layer = _layer(json.loads(config), reader.read(weights))
                reader.containers.append(layer)
                return layer
            case ["dataset", signature, elements]:
                return _dataset(signature, reader.read(elements))
        raise ProtocolError("this is no value")


class RemoteFunction:
    """A function or a model of the tests, as the student's code sees it."""

    def __init__(self, ask, number: int):
        self._ask, self.number = ask, number

    def __call__(self, *arguments, **named):
        return self._ask("call", self, list(arguments), named)

    def predict(self, *arguments, **named):
        """What ``predict`` of a Keras model answers."""
        return self._ask("predict", self, list(arguments), named)


class TestersObjects(Objects):
    """In the process that runs the tests. What it reads may have been written by anybody."""

    __test__ = False  # pytest: this is no class of tests

    def __init__(self, ask):
        super().__init__()
        self._ask = ask

    def write(self, value: Any, writer: Writer) -> Any:
        if isinstance(value, Reference):
            return ["local", _number_of(value)]
        if isinstance(value, np.random.Generator):
            written = ["generator", type(value.bit_generator).__name__, *_state_of(value)]
            # Whatever the student's code draws from it, the tests go on elsewhere. As if it were unpickled: there
            # is no other way to give it a seed.
            value.bit_generator.__setstate__(_elsewhere(value.bit_generator))
            return written
        if _is_array(value):
            return writer.write(np.asarray(value))
        if _is_a(value, "keras", "Layer"):
            return self._layer(value, writer)
        if _is_a(value, "tensorflow.data", "Dataset"):
            elements = writer.write([_plain(element) for element in value])
            return ["dataset", _signature(value.element_spec), elements]
        if callable(value):
            return self.refer(value, "object")
        raise TypeError(f"a test cannot give a {type(value).__name__} to a student's function")

    def _layer(self, layer: Any, writer: Writer) -> Any:
        if not all(type(part).__module__.startswith("keras.") for part in layer._flatten_layers()):
            # A class of the test's own: it stays here, and is called from there.
            return self.refer(layer, "object")
        config = sys.modules["keras"].saving.serialize_keras_object(layer)
        text = json.dumps(config)
        weights = writer.write(tuple(layer.get_weights()))
        writer.containers.append(layer)
        return ["layer", text, weights]

    def read(self, written: list, reader: Reader) -> Any:
        match written:
            case ["local", number]:
                return self.own(number)
            case ["remote", int(number), str(kind), str(name)]:
                return Reference(self._ask, number, kind, name)
        raise ProtocolError("this is no value")

    def apply(self, original: Any, written: Any, reader: Reader) -> None:
        """Take note that something which was given has been changed.

        Only the weights of what a test wants to have trained are taken over. A test goes on with what it has given:
        it may compare with that, and would take what the student's side likes for true.
        """
        match original, written:
            case ((list() | dict() | np.ndarray()), ["changed"]):
                marking.report_change(original)
            case _, ["weights", weights, shape] if _is_a(original, "keras", "Layer"):
                if marking.is_in_training(original):
                    _set_weights(original, reader.read(weights), reader.read(shape))
            case _:
                raise ProtocolError("something was changed that cannot be changed")


class Reference:
    """An object of the student's process, as the tests see it.

    What it is asked for comes as a plain value, or as another Reference. It has no truth and is no number:
    a test that needs one fails.
    """

    def __init__(self, ask, number: int, kind: str, name: str):
        # Names that no attribute of the object will have.
        self._seqmodels_ask = ask
        self._seqmodels_number, self._seqmodels_kind, self._seqmodels_name = number, kind, name[:80]
        self._seqmodels_length: int | None = None  # once it has been asked for

    @property
    def __class__(self):
        """For isinstance(): a Keras model is one here too."""
        return sys.modules["keras"].Model if self._seqmodels_kind == MODEL and "keras" in sys.modules else Reference

    def __call__(self, *arguments, **named):
        return self._seqmodels_ask("call", self, list(arguments), named)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._seqmodels_ask("attribute", self, name)

    def __getitem__(self, key: Any) -> Any:
        return self._seqmodels_ask("item", self, key)

    def __len__(self) -> int:
        length = self._seqmodels_ask("length", self)
        if not isinstance(length, int) or isinstance(length, bool) or not 0 <= length <= sys.maxsize:
            raise ProtocolError("this is no length")
        self._seqmodels_length = length
        return length

    def __iter__(self) -> Iterator[Any]:
        number, taken, most = self._seqmodels_ask("begin", self), 0, 1
        while taken < MOST_ITEMS:
            # More and more at a time: what has many items would take long one by one.
            items = self._seqmodels_ask("next", number, most)
            if not isinstance(items, list) or len(items) > most:
                raise ProtocolError("these are no items")
            yield from items
            taken += len(items)
            if len(items) < most:
                if self._seqmodels_length not in (None, taken):
                    raise ValueError(f"its length is {self._seqmodels_length}, and it gives {taken} items")
                return
            most = min(2 * most, _MOST_AT_ONCE)
        raise ValueError(f"it gives more than {MOST_ITEMS:,} items: does it end?")

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        raise TypeError(f"a {self._seqmodels_name} is no array")

    # What an object says of itself is no comparison: that it is equal, or that it is not, may be all that it can say.
    def __eq__(self, other: Any) -> bool:
        raise TypeError(f"a {self._seqmodels_name} cannot be compared")

    __ne__ = __eq__
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError(f"True or False is wanted, not a {self._seqmodels_name}")

    def __repr__(self) -> str:
        return f"<{self._seqmodels_name}>"


def _number_of(reference: Reference) -> int:
    return reference._seqmodels_number


def _is_a(value: Any, module: str, name: str) -> bool:
    """Whether something is of a framework's class, without importing a framework that nobody has used yet."""
    found = sys.modules.get(module.partition(".")[0])
    for part in module.split(".")[1:]:
        found = getattr(found, part, None)
    kind = getattr(getattr(found, "layers", None), name, None) if name == "Layer" else getattr(found, name, None)
    # Not isinstance(), which asks the object.
    return kind is not None and kind in type(value).__mro__


def _is_array(value: Any) -> bool:
    """What is an array by another name: tensors, variables, columns and tables of pandas, and whatever has a method for it.

    Not what would need a choice to become one.
    """
    if _is_a(value, "keras", "KerasTensor"):
        return False  # a place for numbers in a model
    return isinstance(value, array.array | memoryview) or hasattr(type(value), "__array__")


def _layer(config: dict, weights: tuple) -> Any:
    import keras

    layer = keras.saving.deserialize_keras_object(config, safe_mode=False)
    if weights:
        layer.set_weights(list(weights))
    return layer


def _set_weights(layer: Any, weights: Any, shape: Any) -> None:
    if not (isinstance(weights, list) and all(isinstance(weight, np.ndarray) for weight in weights)):
        raise ProtocolError("these are no weights")
    if not layer.built and weights:
        layer.build(shape)
    layer.set_weights(weights)


def _state_of(generator: np.random.Generator) -> tuple[dict, dict]:
    """Where a generator is, and the seed from which it spawns others; both as JSON can hold them."""
    found = generator.bit_generator.state, generator.bit_generator.seed_seq.state
    return tuple(json.loads(json.dumps(found, default=lambda array: {"array": array.tolist()})))


def _elsewhere(generator: np.random.BitGenerator) -> tuple[dict, np.random.SeedSequence]:
    """A state and a seed with which other numbers and other children come."""
    seed = generator.seed_seq.state
    return generator.jumped().state, _seed(**seed | {"n_children_spawned": seed["n_children_spawned"] + _MOST_CHILDREN})


def _seed(spawn_key: list, **others: Any) -> np.random.SeedSequence:
    return np.random.SeedSequence(spawn_key=tuple(spawn_key), **others)


def _numbers(state: Any) -> Any:
    if isinstance(state, dict):
        return (
            np.array(state["array"], "uint64")
            if set(state) == {"array"}
            else {k: _numbers(v) for k, v in state.items()}
        )
    return state


def _plain(element: Any) -> Any:
    if isinstance(element, tuple):
        return tuple(_plain(part) for part in element)
    if isinstance(element, dict):
        return {name: _plain(part) for name, part in element.items()}
    return np.asarray(element)


def _signature(spec: Any) -> Any:
    """The shapes and types of a pipeline's elements, as JSON can hold them."""
    if isinstance(spec, tuple):
        return ["tuple", *(_signature(part) for part in spec)]
    if isinstance(spec, dict):
        return ["dict", *([name, _signature(part)] for name, part in spec.items())]
    return ["tensor", spec.dtype.name, spec.shape.as_list() if spec.shape.rank is not None else None]


def _dataset(signature: Any, elements: list) -> Any:
    import tensorflow as tf

    def spec(written):
        match written:
            case ["tuple", *parts]:
                return tuple(map(spec, parts))
            case ["dict", *parts]:
                return {name: spec(part) for name, part in parts}
            case ["tensor", dtype, shape]:
                return tf.TensorSpec(shape, dtype)
        raise ProtocolError("this is no pipeline")

    made = tf.data.Dataset.from_generator(lambda: iter(elements), output_signature=spec(signature))
    return made.apply(tf.data.experimental.assert_cardinality(len(elements)))
