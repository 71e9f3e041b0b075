"""What is in the file of Moonshine's encoder, and where: numbers that it has learnt, by the names that it has for them.

Reads ONNX Runtime's own format with the bindings that come with `onnxruntime`, which nobody needs who only listens.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from onnxruntime.tools.ort_format_model.ort_flatbuffers_py.fbs.InferenceSession import InferenceSession

from voicecoach.listening.adaptation import Floats, Product, matrix_of
from voicecoach.listening.moonshine import encoder_model


class MoonshineFile:
    """The encoder's file, read once."""

    def __init__(self) -> None:
        """Read it. Raises as `encoder_model`."""
        self._model = encoder_model()
        self._graph: Any = InferenceSession.GetRootAs(self._model, 0).Model().Graph()
        begin = np.frombuffer(self._model, np.uint8).ctypes.data
        tensors = map(self._graph.Initializers, range(self._graph.InitializersLength()))
        self._values: dict[str, npt.NDArray[np.uint8]] = {
            tensor.Name().decode(): tensor.RawDataAsNumpy() for tensor in tensors if tensor.RawDataLength()
        }
        self._places = {name: values.ctypes.data - begin for name, values in self._values.items()}

    def vector(self, name: str) -> Floats:
        """Return numbers that are kept as they are, in the order in which they are kept."""
        return self._values[name].copy().view(np.float32)

    def vector_at(self, name: str) -> int:
        """Return the byte where they begin."""
        return self._places[name]

    def matrix(self, name: str, shape: tuple[int, int]) -> Floats:
        """Return a matrix."""
        nothing = np.zeros((shape[0], 0), np.float32), np.zeros((0, shape[1]), np.float32)
        return matrix_of(self._model, self.product(name, *nothing))

    def product(self, name: str, narrow: Floats, wide: Floats) -> Product:
        """Return what is to be added to a matrix together with its place."""
        return Product(narrow, wide, *(self._places[f"{name}_{part}"] for part in ("quantized", "scale", "zero_point")))

    def matrices(self, kinds: tuple[str, ...]) -> dict[tuple[int, str], str]:
        """Return the names of the layers' matrices by the layer and the kind that they are used for."""
        names = {}
        for node in map(self._graph.Nodes, range(self._graph.NodesLength())):
            for name in (node.Inputs(number).decode() for number in range(node.InputsLength())):
                if name.endswith("_quantized") and name in self._values:
                    _, layer, *path = node.Outputs(0).decode().split("/")
                    kind = next(kind for kind in path if kind in kinds)
                    names[int(layer.removeprefix("layers.")), kind] = name.removesuffix("_quantized")
        return names
