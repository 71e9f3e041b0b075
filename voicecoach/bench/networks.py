"""Teaches the network that tells the phrases apart (`listening/phrase_classifier.py`). Needs jax and optax.

    examples = Examples.of(heard)
    network = teach(examples, epochs=12, seed=SEED, tell=print)

`bench/adapting.py` goes on with what this has made. `scripts/train-phrases` calls both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

LONGEST: Final = 125
"""Frames of 24 ms: nearly all phrases take less than a hundred, with the silence around them."""
TRAITS: Final = 288
WIDTH: Final = 64
LAYERS: Final = 2
KERNEL: Final = 5
HEADS: Final = 4
HIDDEN: Final = 96
_DROPPED: Final = 0.2
BLURRED: Final = 0.3
"""Standard deviations of noise that is added to each frame, and again to all frames of an utterance alike: speakers
differ by more than these few."""
_SMOOTHED: Final = 0.05
BATCH: Final = 64
_NEIGHBOURS: Final = 40
"""So many batches are made together, of utterances as long as each other, to spare most of what is filled up."""
_STEP: Final = 25
"""Lengths are filled up to multiples of this, so that there are few to compile for."""
_GAP: Final = 5.0
"""Up to so many frames of each utterance are taken out: a cough, a dish."""
_FASTEST: Final = 2e-3
_FASTEST_GOING_ON: Final = 1e-3
DECAY: Final = 1e-2

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
Indices = npt.NDArray[np.int64]
Batch = tuple[Halves, Indices, Indices]
Network = dict[str, Any]
"""The parts of a network by their names in the classifier's file."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One utterance: what Moonshine makes of it, and what it was."""

    begun: Halves
    """What the encoder's convolutions make of it: shape (frames, TRAITS)."""
    encoded: Halves
    """What its layers make of that, as they come."""
    said: int
    """Which way to say something; their number for what is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Many utterances, their frames one after the other."""

    begun: Halves
    encoded: Halves
    lengths: Indices
    said: Indices

    @classmethod
    def of(cls, heard: Sequence[Heard]) -> Examples:
        """Take these together."""
        return cls(
            np.concatenate([one.begun for one in heard]),
            np.concatenate([one.encoded for one in heard]),
            np.array([len(one.begun) for one in heard]),
            np.array([one.said for one in heard]),
        )

    def batches(self, frames: Halves, chance: np.random.Generator) -> Iterator[Batch]:
        """Yield all of them once, in any order: `frames`, filled up, their lengths, and what was said.

        `frames` are `begun` or `encoded`. Those that are left over when all batches are full wait for the next time.
        """
        starts = np.cumsum(self.lengths) - self.lengths
        order = chance.permutation(len(self.said))
        for first in range(0, len(order), BATCH * _NEIGHBOURS):
            near = order[first : first + BATCH * _NEIGHBOURS]
            near = near[np.argsort(self.lengths[near], kind="stable")]
            batches = [near[start : start + BATCH] for start in range(0, len(near) - BATCH + 1, BATCH)]
            chance.shuffle(batches)
            for these in batches:
                lengths = self.lengths[these]
                filled = np.zeros((BATCH, -(-int(lengths.max()) // _STEP) * _STEP, TRAITS), np.float16)
                for place, (start, length) in enumerate(zip(starts[these], lengths, strict=True)):
                    filled[place, :length] = frames[start : start + length]
                yield filled, lengths, self.said[these]

    def batches_of_epochs(self, frames: Halves, epochs: float, seed: int) -> Iterator[tuple[int, Batch]]:
        """Yield batches with their numbers until they have been there so often."""
        chance, number, count = np.random.default_rng(seed), 0, self.batch_count(epochs)
        while True:
            for batch in self.batches(frames, chance):
                if number == count:
                    return
                yield number, batch
                number += 1

    def batch_count(self, epochs: float) -> int:
        """Return how many batches there are in so many epochs. Raises `ValueError` where there are too few examples."""
        if len(self.said) < BATCH:
            raise ValueError(f"{len(self.said)} utterances are not enough to teach with; at least {BATCH} are.")
        return int(epochs * (len(self.said) // BATCH))

    def mean_and_spread(self) -> tuple[Floats, Floats]:
        """Return both for each trait of `encoded`."""
        some = self.encoded[::20].astype(np.float32)
        return some.mean(axis=0), some.std(axis=0) + np.float32(1e-3)


def teach(
    examples: Examples, epochs: float, seed: int, tell: Callable[[str], None], earlier: Network | None = None
) -> Network:
    """Return a network that knows these, told by `encoded`; `tell` gets a line about how far it is, now and then.

    Goes on with `earlier`, where there is one.
    """
    import jax
    import jax.numpy as jnp
    import optax

    mean, spread = examples.mean_and_spread()
    steps = examples.batch_count(epochs)

    def wrong(network: Network, batch: Batch, key: Any) -> Any:
        frames, lengths, said = batch
        key_gap, key_loss = jax.random.split(key)
        frames = (jnp.asarray(frames, jnp.float32) - mean) / spread * there_of(frames, lengths, key_gap)
        return loss(network, frames, lengths, said, key_loss)

    fastest = _FASTEST if earlier is None else _FASTEST_GOING_ON
    network = descend(
        _beginning(int(examples.said.max()) + 1, seed)
        if earlier is None
        else {name: jnp.asarray(values) for name, values in unfolded(earlier, mean, spread).items()},
        wrong,
        optax.adamw(optax.cosine_onecycle_schedule(steps, fastest), weight_decay=DECAY),
        examples.batches_of_epochs(examples.encoded, epochs, seed),
        key=jax.random.PRNGKey(seed + 1),
        telling=Telling(steps, tell),
    )
    return folded(network, mean, spread)


def read_network(file: Path) -> Network:
    """Return the network of a classifier's file."""
    with np.load(file, allow_pickle=False) as parts:
        names = [name for name in parts if name.startswith("network/")]
        return {name.removeprefix("network/"): parts[name].astype(np.float32) for name in names}


def grown(network: Network, known: Sequence[str], ways: Sequence[str], seed: int) -> Network:
    """Return a network for these ways to say something, of which it has been taught those that are `known`."""
    fresh = np.random.default_rng(seed).standard_normal((HIDDEN, len(ways) + 1)) * np.sqrt(0.5 / HIDDEN)
    matrix, bias = fresh.astype(np.float32), np.full(len(ways) + 1, network["way_bias"].min(), np.float32)
    for place, way in enumerate([*ways, None]):
        if way is None or way in known:
            before = len(known) if way is None else known.index(way)
            matrix[:, place], bias[place] = network["way"][:, before], network["way_bias"][before]
    return network | {"way": matrix, "way_bias": bias}


def descend(
    taught: Any,
    wrong: Callable[[Any, Batch, Any], Any],
    optimizer: Any,
    batches: Iterator[tuple[int, Batch]],
    *,
    key: Any,
    telling: Telling,
) -> Any:
    """Return what is taught after these batches, each of which makes it a little less wrong."""
    import jax
    import optax

    def step(taught: Any, state: Any, batch: Batch, key: Any) -> Any:
        value, slope = jax.value_and_grad(wrong)(taught, batch, key)
        change, state = optimizer.update(slope, state, taught)
        return optax.apply_updates(taught, change), state, value

    quick_step, state = jax.jit(step), optimizer.init(taught)
    for number, batch in batches:
        taught, state, value = quick_step(taught, state, batch, jax.random.fold_in(key, number))
        telling.step(number, float(value))
    return taught


def there_of(frames: Any, lengths: Any, key: Any) -> Any:
    """Return 1 for each frame that is there, else 0, as in a random gap: shape (utterances, frames, 1)."""
    import jax
    import jax.numpy as jnp

    keys = jax.random.split(key)
    places = jnp.arange(frames.shape[1])[None]
    gap = jax.random.uniform(keys[0], (len(frames), 1)) * lengths[:, None]
    gone = (places >= gap) & (places < gap + _GAP * jax.random.uniform(keys[1], (len(frames), 1)))
    return ((places < lengths[:, None]) & ~gone).astype(jnp.float32)[..., None]


def loss(network: Network, frames: Any, lengths: Any, said: Any, key: Any) -> Any:
    """Return how wrong a network is about utterances whose traits have a mean of 0 and a spread of 1."""
    import jax
    import jax.numpy as jnp

    keys = jax.random.split(key, 3)
    there = (jnp.arange(frames.shape[1])[None] < lengths[:, None]).astype(jnp.float32)[..., None]
    frames += jax.random.normal(keys[0], frames.shape) * BLURRED
    frames += jax.random.normal(keys[1], (len(frames), 1, TRAITS)) * BLURRED
    chances = jax.nn.log_softmax(_sums(network, frames * there, there, keys[2]))
    return -(1 - _SMOOTHED) * chances[jnp.arange(len(said)), said].mean() - _SMOOTHED * chances.mean()


def folded(network: Network, mean: Floats, spread: Floats) -> Network:
    """Return the network for frames as they are, in place of such with a mean of 0 and a spread of 1."""
    made = {name: np.asarray(values, np.float32) for name, values in network.items()}
    made["frame"] = made["frame"] / spread[:, None]
    made["frame_bias"] = made["frame_bias"] - mean @ made["frame"]
    return made


def unfolded(network: Network, mean: Floats, spread: Floats) -> Network:
    """Return what `folded` was given."""
    frame = network["frame"]
    return network | {"frame": frame * spread[:, None], "frame_bias": network["frame_bias"] + mean @ frame}


class Telling:
    """Says how teaching goes, ten times."""

    def __init__(self, steps: int, tell: Callable[[str], None]) -> None:
        self._steps = steps
        self._tell = tell
        self._values: list[float] = []

    def step(self, number: int, value: float) -> None:
        """Take the loss of one more step."""
        self._values.append(value)
        if len(self._values) >= max(1, self._steps // 10):
            self._tell(f"  step {number + 1} of {self._steps}: loss {np.mean(self._values):.3f}")
            self._values.clear()


def _beginning(classes: int, seed: int) -> Network:
    import jax
    import jax.numpy as jnp

    keys = iter(jax.random.split(jax.random.PRNGKey(seed), 16))

    def normal(*shape: int, gain: float = 2.0) -> Any:
        return jax.random.normal(next(keys), shape) * np.sqrt(gain / np.prod(shape[:-1]))

    network: Network = {"frame": normal(TRAITS, WIDTH), "frame_bias": jnp.zeros(WIDTH)}
    for number in range(LAYERS):
        network |= {f"layer{number}": normal(KERNEL, WIDTH, WIDTH), f"layer{number}_bias": jnp.zeros(WIDTH)}
    return network | {
        "attention": normal(WIDTH, HEADS, gain=1.0),
        "summary": normal(WIDTH * (HEADS + 2), HIDDEN),
        "summary_bias": jnp.zeros(HIDDEN),
        "way": normal(HIDDEN, classes, gain=0.5),
        "way_bias": jnp.zeros(classes),
    }


def _sums(network: Network, frames: Any, there: Any, key: Any) -> Any:
    import jax
    import jax.numpy as jnp

    key_frames, key_summary = jax.random.split(key)
    frames = jax.nn.relu(frames @ network["frame"] + network["frame_bias"]) * there
    frames = _dropped(frames, (len(frames), 1, WIDTH), key_frames)
    for number in range(LAYERS):
        convolved = jax.lax.conv_general_dilated(
            frames,
            network[f"layer{number}"],
            (1,),
            "SAME",
            rhs_dilation=(number + 1,),
            dimension_numbers=("NWC", "WIO", "NWC"),
        )
        frames = (frames + jax.nn.relu(convolved + network[f"layer{number}_bias"])) * there
    attention = jax.nn.softmax(jnp.where(there > 0, frames @ network["attention"], -1e9), axis=1)
    attended = jnp.einsum("nth,ntd->nhd", attention, frames).reshape(len(frames), -1)
    summary = jnp.concatenate([attended, frames.sum(axis=1) / there.sum(axis=1), frames.max(axis=1)], axis=1)
    summary = _dropped(summary, summary.shape, key_summary)
    summary = jax.nn.relu(summary @ network["summary"] + network["summary_bias"])
    return summary @ network["way"] + network["way_bias"]


def _dropped(values: Any, shape: tuple[int, ...], key: Any) -> Any:
    import jax

    return values * jax.random.bernoulli(key, 1 - _DROPPED, shape) / (1 - _DROPPED)
