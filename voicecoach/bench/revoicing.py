"""Makes other people of those who speak: another pitch, body, breath and pace, by a vocoder. Needs pyworld-prebuilt.

    said = revoiced(said, random.Random(number))

WORLD takes speech apart into pitch, spectral envelope and breath, each of which is changed by itself, and puts it
together again. So there are more kinds of voices than there are synthesizers: monotonous ones, buzzing ones, such as
whisper, and high voices of large bodies. Only `scripts/train-phrases` asks for it.
"""

from __future__ import annotations

import random
from typing import Final

import numpy as np
import numpy.typing as npt

from voicecoach.audio.clip import Samples
from voicecoach.bench.rendering import PEAK
from voicecoach.units import INPUT_RATE_HZ

REMEDY: Final = ".venv/bin/python -m pip install pyworld-prebuilt"
"""The same module as pyworld's, which wants `pkg_resources`; setuptools has that no more."""
_FRAME_S: Final = 0.005
_PITCHES_HZ: Final = (65.0, 420.0)
_HIGHER: Final = 0.4
"""At most, as the natural logarithm of a ratio: half as high again, or a third lower."""
_MELODIES: Final = ((0.0, 0.0), (0.2, 0.8), (0.8, 1.7))
"""How far pitch moves, against how far it did: not at all, as some synthesizers', less, or more. Each as often."""
_FORMANTS: Final = (0.85, 1.18)
_SHARPNESS: Final = (0.75, 1.2)
"""How far formants stand out, against how far they did."""
_BUZZING: Final = 0.2
_BREATHY: Final = 0.15
_WHISPERING: Final = 0.03
"""Shares of what is said so."""
_BUZZ: Final = 0.01
_BREATH: Final = (0.3, 0.7)
"""Exponents of the share of noise."""
_PACES: Final = 0.3
"""As the logarithm of a ratio: within an utterance one part is up to a third faster, another slower."""
_PACE: Final = 0.2
"""The same, of all of it."""
_PART_S: Final = 0.15

Floats = npt.NDArray[np.float64]


def revoiced(said: Samples, chance: random.Random) -> Samples:
    """Return speech at 16 kHz, mono, as somebody else may say it: a peak of 0.5, at most 1.7 times as long or as short.

    `chance` decides everything. What WORLD makes nothing of is returned as it is. Raises `ModuleNotFoundError` where
    pyworld-prebuilt is not installed; `REMEDY` would bring it.
    """
    import pyworld as world

    sound = said.astype(np.float64)
    pitch, times = world.dio(sound, INPUT_RATE_HZ, frame_period=1000 * _FRAME_S)
    pitch = world.stonemask(sound, pitch, times, INPUT_RATE_HZ)
    envelope = np.log(world.cheaptrick(sound, pitch, times, INPUT_RATE_HZ))
    noise = world.d4c(sound, pitch, times, INPUT_RATE_HZ)
    pitch = _sung(pitch, chance)
    envelope, noise = _of_another_body(envelope, noise, chance)
    pitch, noise = _breathed(pitch, noise, chance)
    frames = _paced(len(pitch), chance)
    made = world.synthesize(
        np.ascontiguousarray(pitch[frames]),
        np.ascontiguousarray(np.exp(envelope[frames])),
        np.ascontiguousarray(noise[frames]),
        INPUT_RATE_HZ,
        1000 * _FRAME_S,
    )
    peak = float(np.abs(made).max()) if len(made) else 0.0
    return np.asarray(made * (PEAK / peak), np.float32) if peak > 0.0 else said


def _sung(pitch: Floats, chance: random.Random) -> Floats:
    """Change how high a voice is, and how far it goes up and down. Where pitch is 0 there is no voice."""
    voiced = pitch > 0.0
    logs = np.log(np.where(voiced, pitch, 1.0))
    mean = logs[voiced].mean() if voiced.any() else 0.0
    moved = mean + chance.uniform(-_HIGHER, _HIGHER) + chance.uniform(*chance.choice(_MELODIES)) * (logs - mean)
    return np.where(voiced, np.clip(np.exp(moved), *_PITCHES_HZ), 0.0)


def _of_another_body(envelope: Floats, noise: Floats, chance: random.Random) -> tuple[Floats, Floats]:
    """Move formants up or down, and make them sharper or blunter; both have the shape (frames, bins)."""
    bins = np.arange(envelope.shape[1])
    places = np.clip(bins / chance.uniform(*_FORMANTS), 0.0, bins[-1])
    below = places.astype(int)
    above = np.minimum(below + 1, bins[-1])
    share = places - below
    envelope, noise = (part[:, below] * (1.0 - share) + part[:, above] * share for part in (envelope, noise))
    mean = envelope.mean(axis=1, keepdims=True)
    return mean + chance.uniform(*_SHARPNESS) * (envelope - mean), np.clip(noise, 1e-3, 1.0)


def _breathed(pitch: Floats, noise: Floats, chance: random.Random) -> tuple[Floats, Floats]:
    how = chance.random()
    if how < _BUZZING:
        return pitch, np.full_like(noise, _BUZZ)
    if how < _BUZZING + _BREATHY:
        return pitch, noise ** chance.uniform(*_BREATH)
    if how < _BUZZING + _BREATHY + _WHISPERING:
        return np.zeros_like(pitch), noise
    return pitch, noise


def _paced(count: int, chance: random.Random) -> npt.NDArray[np.int64]:
    """Return which of so many frames to play, one after the other: some twice, some not at all."""
    parts = max(2, int(count * _FRAME_S / _PART_S) + 1)
    paces = [chance.uniform(-_PACES, _PACES) for _ in range(parts)]
    pace = np.exp(np.interp(np.arange(count), np.linspace(0, count - 1, parts), paces) + chance.uniform(-_PACE, _PACE))
    places = np.cumsum(1.0 / pace)
    played = np.interp(np.arange(int(places[-1])), places, np.arange(count))
    return np.clip(np.round(played), 0, count - 1).astype(np.int64)
