"""Teaches Moonshine's encoder itself a little, together with the network on top of it. Needs jax and optax.

What the encoder's convolutions make of a sound stays as it is; in each of its six layers after them a product of two
narrow matrices is added to each matrix, and something to each bias and gain (`listening/adaptation.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.special import erf

from voicecoach.bench.moonshine_file import MoonshineFile
from voicecoach.bench.networks import (
    DECAY,
    TRAITS,
    Batch,
    Examples,
    Floats,
    Network,
    Telling,
    descend,
    folded,
    loss,
    there_of,
    unfolded,
)
from voicecoach.listening.adaptation import Adaptation, Sum
from voicecoach.listening.moonshine import prepared
from voicecoach.listening.recognizer import Pcm

RANK: Final = 8
_LAYERS: Final = 6
_HEADS: Final = 8
_ROTATED: Final = 32
"""Of the 36 traits of a head: these say at which frame they are."""
_MATRICES: Final = {
    **dict.fromkeys(("q_proj", "k_proj", "v_proj", "o_proj"), (TRAITS, TRAITS)),
    "fc1": (TRAITS, 4 * TRAITS),
    "fc2": (4 * TRAITS, TRAITS),
}
_VECTORS: Final = ("input_layernorm.weight", "post_attention_layernorm.weight", "mlp.fc1.bias", "mlp.fc2.bias")
_LAST: Final = "layer_norm.weight"
_VECTOR_NAMES: Final = (*(f"layers.{layer}.{name}" for layer in range(_LAYERS) for name in _VECTORS), _LAST)
_EPSILON: Final = 1e-5
_FASTEST: Final = 1.5e-3
_FASTEST_GOING_ON: Final = 8e-4
_FASTEST_OF_NETWORK: Final = 5e-4
"""It has been taught already."""
_STEEPEST: Final = 2.0

Parts = Mapping[str, Any]


class Beginning:
    """The encoder's convolutions."""

    def __init__(self) -> None:
        """Read them. Raises `ModelError` where Moonshine is missing."""
        file = MoonshineFile()
        self._kernels = [
            file.vector(f"{name}.weight_add_tensor").reshape(shape).transpose(2, 1, 0).reshape(-1, len_out)
            for name, shape, len_out in (
                ("conv1", (TRAITS, 1, 127), TRAITS),
                ("conv2", (2 * TRAITS, TRAITS, 7), 2 * TRAITS),
                ("conv3", (TRAITS, 2 * TRAITS, 3), TRAITS),
            )
        ]
        self._biases = [file.vector(f"{name}.bias") for name in ("conv2", "conv3")]
        self._gain, self._offset = file.vector("onnx::Mul_2080"), file.vector("onnx::Add_2081")

    def take_in(self, utterance: Pcm) -> Floats:
        """Return what they make of an utterance: shape (frames of 24 ms, TRAITS)."""
        frames = np.tanh(_strided(prepared(utterance)[:, None], 127, 64) @ self._kernels[0])
        frames = (frames - frames.mean()) / np.sqrt(frames.var() + _EPSILON) * self._gain + self._offset
        frames = _gelu(_strided(frames, 7, 3) @ self._kernels[1] + self._biases[0])
        return _gelu(_strided(frames, 3, 2) @ self._kernels[2] + self._biases[1])


@dataclass(frozen=True, slots=True)
class Layers:
    """The encoder's layers after its convolutions, for jax."""

    file: MoonshineFile
    parts: Parts
    """Matrices and vectors by the file's names."""
    matrices: Mapping[tuple[int, str], str]
    """The names of the matrices by layer and kind."""
    turns: Floats
    """By how much each pair of traits is turned from frame to frame."""

    @classmethod
    def read(cls) -> Layers:
        """Read them. Raises `ModelError` where Moonshine is missing."""
        file = MoonshineFile()
        matrices = file.matrices(tuple(_MATRICES))
        parts: dict[str, Any] = {name: file.matrix(name, _MATRICES[kind]) for (_, kind), name in matrices.items()}
        parts |= {name: file.vector(name) for name in _VECTOR_NAMES}
        return cls(file, parts, matrices, file.vector("onnx::Expand_202"))

    def unchanged(self, seed: int) -> dict[str, Any]:
        """Return what can be taught, so that nothing is changed yet."""
        import jax
        import jax.numpy as jnp

        key = jax.random.PRNGKey(seed)
        changes: dict[str, Any] = {name: jnp.zeros_like(self.parts[name]) for name in _VECTOR_NAMES}
        for number, ((_, kind), name) in enumerate(self.matrices.items()):
            traits_in, traits_out = _MATRICES[kind]
            narrow = jax.random.normal(jax.random.fold_in(key, number), (traits_in, RANK)) / np.sqrt(traits_in)
            changes[name] = narrow, jnp.zeros((RANK, traits_out))
        return changes

    def placed(self, changes: Parts) -> Adaptation:
        """Return changes with where they belong."""
        return Adaptation(
            [self.file.product(name, *changes[name]) for name in self.matrices.values()],
            [Sum(changes[name], self.file.vector_at(name)) for name in _VECTOR_NAMES],
        )

    def named(self, changes: Adaptation) -> Parts:
        """Return what `placed` was given."""
        products = zip(self.matrices.values(), changes.products, strict=True)
        named: dict[str, Any] = {name: (product.narrow, product.wide) for name, product in products}
        return named | {name: each.more for name, each in zip(_VECTOR_NAMES, changes.sums, strict=True)}

    def encode(self, changes: Parts, frames: Any, lengths: Any) -> Any:
        """Return what they make of `Beginning`'s frames, shape (utterances, frames, TRAITS), with some changes."""
        import jax
        import jax.numpy as jnp

        count, longest, _ = frames.shape
        hidden = jnp.where(jnp.arange(longest)[None] < lengths[:, None], 0.0, -1e9)[:, None, None]
        angles = jnp.arange(longest)[:, None] * self.turns[None]
        cos, sin = jnp.cos(angles)[None, :, None], jnp.sin(angles)[None, :, None]

        def product(layer: int, kind: str, values: Any) -> Any:
            name = self.matrices[layer, kind]
            narrow, wide = changes[name]
            return values @ self.parts[name] + values @ narrow @ wide

        def part(name: str) -> Any:
            return self.parts[name] + changes[name]

        def turned(values: Any) -> Any:
            even, odd = values[..., 0:_ROTATED:2], values[..., 1:_ROTATED:2]
            pairs = jnp.stack([even * cos - odd * sin, odd * cos + even * sin], axis=-1)
            return jnp.concatenate([pairs.reshape(*even.shape[:-1], _ROTATED), values[..., _ROTATED:]], axis=-1)

        def heads(values: Any) -> Any:
            return values.reshape(count, longest, _HEADS, -1)

        for layer in range(_LAYERS):
            gain, gain_after, bias, bias_after = (part(f"layers.{layer}.{vector}") for vector in _VECTORS)
            given = _normal(frames, gain)
            query, key, value = (heads(product(layer, kind, given)) for kind in ("q_proj", "k_proj", "v_proj"))
            likeness = jnp.einsum("nqhd,nkhd->nhqk", turned(query), turned(key)) / np.sqrt(TRAITS // _HEADS)
            attention = jax.nn.softmax(likeness + hidden, axis=-1)
            attended = jnp.einsum("nhqk,nkhd->nqhd", attention, value).reshape(count, longest, TRAITS)
            frames = frames + product(layer, "o_proj", attended)
            wider = product(layer, "fc1", _normal(frames, gain_after)) + bias
            frames = frames + product(layer, "fc2", jax.nn.gelu(wider, approximate=False)) + bias_after
        return _normal(frames, part(_LAST))


def adapt(
    network: Network,
    examples: Examples,
    epochs: float,
    seed: int,
    tell: Callable[[str], None],
    *,
    earlier: Adaptation | None = None,
) -> tuple[Network, Adaptation]:
    """Go on teaching a network that knows these examples, and the encoder's layers with it, told by their `begun`.

    Where the layers have been changed already, as for `encoded`, `earlier` says how, and less is changed further.
    `tell` gets a line about how far it is, now and then: a step takes nearly two seconds on two cores.
    """
    import jax
    import jax.numpy as jnp
    import optax

    layers = Layers.read()
    mean, spread = examples.mean_and_spread()
    taught: dict[str, Any] = {
        "network": {name: jnp.asarray(values) for name, values in unfolded(network, mean, spread).items()},
        "changes": layers.unchanged(seed) if earlier is None else layers.named(earlier),
    }
    steps = examples.batch_count(epochs)
    each = {
        name: optax.adamw(optax.cosine_onecycle_schedule(steps, fastest), weight_decay=DECAY)
        for name, fastest in (
            ("network", _FASTEST_OF_NETWORK),
            ("changes", _FASTEST if earlier is None else _FASTEST_GOING_ON),
        )
    }

    def wrong(taught: Any, batch: Batch, key: Any) -> Any:
        frames, lengths, said = batch
        key_gap, key_loss = jax.random.split(key)
        frames = jnp.asarray(frames, jnp.float32) * there_of(frames, lengths, key_gap)
        frames = (layers.encode(taught["changes"], frames, lengths) - mean) / spread
        return loss(taught["network"], frames, lengths, said, key_loss)

    taught = descend(
        taught,
        wrong,
        optax.chain(optax.clip_by_global_norm(_STEEPEST), optax.multi_transform(each, {name: name for name in each})),
        examples.batches_of_epochs(examples.begun, epochs, seed),
        key=jax.random.PRNGKey(seed + 1),
        telling=Telling(steps, tell),
    )
    changes = jax.tree.map(lambda values: np.asarray(values, np.float32), taught["changes"])
    return folded(taught["network"], mean, spread), layers.placed(changes)


def encoded_with(changes: Adaptation, examples: Examples) -> Iterator[tuple[Floats, int]]:
    """Yield what the encoder makes of each utterance with some changes, and what was said; in any order."""
    import jax

    layers = Layers.read()
    named = layers.named(changes)
    encode = jax.jit(lambda begun, lengths: layers.encode(named, begun.astype(np.float32), lengths))
    for begun, lengths, said in examples.batches(examples.begun, np.random.default_rng(0)):
        for frames, length, what in zip(np.asarray(encode(begun, lengths)), lengths, said, strict=True):
            yield frames[:length], int(what)


def _normal(frames: Any, gain: Any) -> Any:
    import jax.numpy as jnp

    off = frames - frames.mean(axis=-1, keepdims=True)
    return off / jnp.sqrt((off**2).mean(axis=-1, keepdims=True) + _EPSILON) * gain


def _strided(frames: Floats, width: int, stride: int) -> Floats:
    """Return what a kernel of this width sees at each place: shape (places, width * traits)."""
    seen = np.lib.stride_tricks.sliding_window_view(frames, width, axis=0)[::stride]
    return np.ascontiguousarray(seen.transpose(0, 2, 1)).reshape(len(seen), -1)


def _gelu(values: Floats) -> Floats:
    return np.asarray(values * (0.5 + 0.5 * erf(values / np.sqrt(2.0))), np.float32)
