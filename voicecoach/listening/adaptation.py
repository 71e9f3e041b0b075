"""Small changes to Moonshine's encoder, with which it hears the phrases better than as it was taught. Pure arithmetic.

Whoever transcribes has to tell everything that anybody might say; a coach has to tell 59 things from the rest, in a
kitchen, three metres away. So a product of two narrow matrices is added to each matrix of the encoder, and a vector to
each of its biases and gains: 3 % as many numbers as it has. They are written into the bytes of the model before it is
loaded, so hearing takes no longer. `scripts/train-phrases` finds them, and where in the file they belong: they are
worth nothing for any other file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from voicecoach.errors import ModelError

HIGHEST: Final = 255
"""Matrices are kept as whole numbers from 0 to this, less another one, times a scale."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Product:
    """What is added to a matrix."""

    narrow: Floats
    """Shape (traits in, rank)."""
    wide: Floats
    """Shape (rank, traits out)."""
    matrix_at: int
    """The byte of the file where the matrix begins, row by row; `scale_at` and `zero_at` tell where these are."""
    scale_at: int
    zero_at: int


@dataclass(frozen=True, slots=True)
class Sum:
    """What is added to a vector."""

    more: Floats
    vector_at: int


@dataclass(frozen=True, slots=True)
class Adaptation:
    """All that is different from the encoder as it comes."""

    products: Sequence[Product]
    sums: Sequence[Sum]


def adapted(model: bytes, changes: Adaptation) -> bytes:
    """Return the bytes of a model with these changes. Raises `ModelError` where it is too short for them."""
    changed = bytearray(model)
    try:
        for product in changes.products:
            _add_product(changed, product)
        for each in changes.sums:
            vector = np.frombuffer(changed, np.float32, len(each.more), each.vector_at)
            vector += each.more
    except ValueError as error:
        raise ModelError(f"Moonshine's encoder is not the one that voicecoach knows ({error}).") from None
    return bytes(changed)


def matrix_of(model: bytes | bytearray, product: Product) -> Floats:
    """Return the matrix that something is added to. Raises `ValueError` where the model is too short."""
    steps, scale, zero = _parts(model, product)
    return np.asarray((steps.astype(np.float32) - np.float32(zero[0])) * scale, np.float32)


def _add_product(model: bytearray, product: Product) -> None:
    values = matrix_of(model, product) + product.narrow @ product.wide
    lowest, highest = min(0.0, float(values.min())), max(0.0, float(values.max()))
    steps, scale, zero = _parts(model, product)
    scale[0] = (highest - lowest) / HIGHEST
    zero[0] = round(-lowest / float(scale[0]))
    steps[:] = np.clip(np.round(values / scale[0]) + zero[0], 0, HIGHEST)


def _parts(model: bytes | bytearray, product: Product) -> tuple[npt.NDArray[np.uint8], Floats, npt.NDArray[np.uint8]]:
    shape = len(product.narrow), product.wide.shape[1]
    steps: npt.NDArray[Any] = np.frombuffer(model, np.uint8, shape[0] * shape[1], product.matrix_at)
    scale = np.frombuffer(model, np.float32, 1, product.scale_at)
    return steps.reshape(shape), scale, np.frombuffer(model, np.uint8, 1, product.zero_at)
