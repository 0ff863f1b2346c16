"""Copying weights from a file into the layers of a model, with nothing left over."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from keras import layers


class Weights:
    """The arrays of a file of weights, each to be used once.

    Files of PyTorch's tradition keep the matrix of a dense layer as (outputs, inputs); Keras has (inputs, outputs).

    Args:
      path: the file, for messages.
      arrays: name in the file -> array.
    """

    def __init__(self, path: Path, arrays: Mapping[str, np.ndarray]):
        self._path = path
        self._arrays = arrays
        self._used = set()

    def dense(self, layer: layers.Dense, name: str) -> None:
        self._assign(layer.kernel, f"{name}.weight", transpose=True)
        if layer.use_bias:
            self._assign(layer.bias, f"{name}.bias")

    def embedding(self, layer: layers.Embedding, name: str) -> None:
        self._assign(layer.embeddings, f"{name}.weight")

    def norm(self, layer: layers.LayerNormalization, name: str) -> None:
        self._assign(layer.gamma, f"{name}.weight")
        self._assign(layer.beta, f"{name}.bias")

    def scale(self, layer: layers.Layer, name: str) -> None:
        self._assign(layer.scale, f"{name}.weight")

    def all_used(self, except_for: list[str] = ()) -> None:
        """Raise ValueError if an array was left over that is not in ``except_for``."""
        left = sorted(set(self._arrays) - self._used - set(except_for))
        if left:
            raise ValueError(f"{self._path}: {len(left)} arrays are in no layer of the model: {', '.join(left[:5])}")

    def _assign(self, variable, name: str, transpose: bool = False) -> None:
        if name not in self._arrays:
            raise ValueError(f"{self._path} has no array '{name}'")
        array = self._arrays[name]
        shape = tuple(variable.shape)[::-1] if transpose else tuple(variable.shape)
        if array.shape != shape:
            raise ValueError(f"{self._path}: '{name}' has the shape {array.shape}, but {variable.path} needs {shape}")
        variable.assign(array.T if transpose else array)
        self._used.add(name)
