"""The sounds of a kitchen and a café, made of noise, hum and struck crockery by recipes of our own. Seeded.

Steady ones change little from one second to the next; unsteady ones are made of events. They are told apart because
what helps against the one hurts with the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from voicecoach.audio.clip import Samples
from voicecoach.units import INPUT_RATE_HZ

_Floats = npt.NDArray[np.float64]
_Random = np.random.Generator

Recipe = Callable[[_Random, int], _Floats]
"""Makes so many frames of a noise, of any level."""


def noise(name: str, seconds: float, seed: int) -> Samples:
    """Return a noise of `STEADY` or `UNSTEADY` by name, mono at 16 kHz with a peak of 0.5. Same seed, same noise."""
    frames = round(seconds * INPUT_RATE_HZ)
    sound = _RECIPES[name](np.random.default_rng([seed, *name.encode()]), frames)
    return np.asarray(sound * (0.5 / np.abs(sound).max()), dtype=np.float32)


def coloured(random: _Random, frames: int, points: Mapping[float, float]) -> _Floats:
    """Return noise with a spectrum through points of hertz and decibels, straight between them on a log scale."""
    hertz = np.maximum(np.fft.rfftfreq(frames, 1 / INPUT_RATE_HZ), 1.0)
    decibels = np.interp(np.log(hertz), np.log(list(points)), list(points.values()))
    sound = np.fft.irfft(np.fft.rfft(random.standard_normal(frames)) * 10 ** (decibels / 20), frames)
    return np.asarray(sound / np.sqrt(np.mean(np.square(sound))))


def _slowly(random: _Random, frames: int, per_second: float, depth_db: float) -> _Floats:
    """Return a gain that wanders about 1."""
    points = random.standard_normal(max(4, int(frames / INPUT_RATE_HZ * per_second) + 4)) * depth_db
    return np.asarray(10 ** (np.interp(np.linspace(0, len(points) - 1, frames), np.arange(len(points)), points) / 20))


def _hum(random: _Random, frames: int, base_hz: float, weights: tuple[float, ...]) -> _Floats:
    time = np.arange(frames) / INPUT_RATE_HZ
    base_hz *= random.uniform(0.995, 1.005)
    parts = [
        weight * np.sin(2 * np.pi * base_hz * number * time + random.uniform(0, 6.28))
        for number, weight in enumerate(weights, start=1)
    ]
    return np.asarray(np.sum(parts, axis=0))


def _hood(random: _Random, frames: int) -> _Floats:
    air = coloured(random, frames, {20: -20, 100: 0, 400: -3, 1500: -10, 5000: -22, 8000: -30})
    return air * _slowly(random, frames, 0.5, 0.4) + 0.5 * _hum(random, frames, 50.0, (0.2, 1.0, 0.2, 0.5, 0.1, 0.3))


def _fridge(random: _Random, frames: int) -> _Floats:
    compressor = _hum(random, frames, 50.0, (0.3, 1.0, 0.4, 0.6, 0.2, 0.3, 0.1, 0.2)) * _slowly(random, frames, 2, 0.5)
    return compressor + 0.4 * coloured(random, frames, {20: -10, 200: 0, 1000: -14, 8000: -36})


def _water(random: _Random, frames: int) -> _Floats:
    stream = coloured(random, frames, {20: -30, 300: -12, 900: 0, 3000: -1, 6000: -6, 8000: -10})
    basin = coloured(random, frames, {20: -30, 150: -6, 350: 0, 700: -12, 8000: -40})
    return stream * _slowly(random, frames, 4, 0.7) + 0.5 * basin * _slowly(random, frames, 8, 2.0)


def _sizzle(random: _Random, frames: int) -> _Floats:
    fat = coloured(random, frames, {20: -50, 1000: -20, 3000: -3, 6000: 0, 8000: 0})
    crackles = np.zeros(frames)
    at = random.integers(0, frames, frames * 150 // INPUT_RATE_HZ)
    crackles[at] = random.exponential(1.0, len(at)) * random.choice((-1.0, 1.0), len(at))
    ring = np.exp(-np.arange(80) / 12.0) * np.sin(np.arange(80) * 1.9)
    return fat + np.convolve(crackles, ring)[:frames]


def _strike(random: _Random) -> _Floats:
    """Return the sound of one plate, cup or spoon that is struck: a handful of modes that die away."""
    lowest = random.uniform(700, 3200)
    long_s = random.uniform(0.02, 0.16)
    time = np.arange(int(6 * long_s * INPUT_RATE_HZ)) / INPUT_RATE_HZ
    sound = np.zeros(len(time))
    for ratio in np.cumprod(np.concatenate(([1.0], random.uniform(1.15, 1.6, 6)))):
        if lowest * ratio < 7600:
            sound += random.uniform(0.2, 1.0) * np.exp(-time * ratio / long_s) * np.sin(6.283 * lowest * ratio * time)
    click = random.standard_normal(len(time)) * np.exp(-time / 0.002)
    return np.asarray(sound + 0.5 * click)


def _strikes(random: _Random, frames: int, handlings_a_second: float) -> _Floats:
    """Return crockery being handled: groups of one to five strikes, of very different force."""
    sound = np.zeros(frames)
    for _ in range(random.poisson(frames / INPUT_RATE_HZ * handlings_a_second)):
        at = int(random.integers(0, frames))
        force = 10 ** (random.normal(0, 6) / 20)
        for _ in range(int(random.integers(1, 6))):
            strike = _strike(random)[: max(0, frames - at)]
            sound[at : at + len(strike)] += force * random.uniform(0.4, 1.0) * strike
            at += int(random.uniform(0.03, 0.25) * INPUT_RATE_HZ)
    return sound


def _dishes(random: _Random, frames: int) -> _Floats:
    return _strikes(random, frames, 1.2) + 0.05 * _fridge(random, frames)


def _cooking(random: _Random, frames: int) -> _Floats:
    """Return a cook at work: crockery, a tap that is opened and closed, something in the pan, steps."""
    tap = np.repeat(random.random(frames // (2 * INPUT_RATE_HZ) + 1) < 0.35, 2 * INPUT_RATE_HZ)[:frames].astype(float)
    edge = np.ones(INPUT_RATE_HZ // 5) / (INPUT_RATE_HZ // 5)
    opened = np.convolve(tap, edge, mode="same")
    steps = np.zeros(frames)
    thud = np.exp(-np.arange(2400) / 400.0) * np.sin(np.arange(2400) * 0.035)
    at = int(random.integers(0, INPUT_RATE_HZ))
    while at < frames - len(thud):
        steps[at : at + len(thud)] += random.uniform(0.3, 1.0) * thud
        at += int(random.uniform(0.5, 0.7) * INPUT_RATE_HZ) if random.random() < 0.85 else 3 * INPUT_RATE_HZ
    return (
        0.5 * _strikes(random, frames, 0.5) + 0.15 * opened * _water(random, frames) + 0.05 * _sizzle(random, frames)
    ) + 0.3 * steps


def _music(random: _Random, frames: int) -> _Floats:
    """Return a band without a singer: chords, a bass, a beat, and a tune on top."""
    beat = INPUT_RATE_HZ * 60 // int(random.integers(84, 132))
    sound = np.zeros(frames + 8 * beat)
    root = random.uniform(98, 150)
    chords = ((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14))
    scale = (12, 14, 16, 19, 21, 24)
    for number in range(frames // beat + 1):
        at = number * beat
        chord = chords[number // 4 % 4]
        notes = [(note, 0.12, 1.0) for note in chord] + [(chord[0] - 12, 0.4, 1.0)]
        notes.append((int(random.choice(scale)), 0.25, float(random.choice((0.5, 1.0)))))
        for note, level, beats in notes:
            time = np.arange(int(beat * beats)) / INPUT_RATE_HZ
            hertz = root * 2 ** (note / 12)
            tone = sum(np.sin(6.283 * hertz * part * time) / part**1.5 for part in range(1, 9) if hertz * part < 7600)
            sound[at : at + len(time)] += level * tone * np.exp(-time * 2.5) * np.minimum(1.0, time * 200)
        drum = np.arange(beat // 2) / INPUT_RATE_HZ
        hit = (
            np.sin(6.283 * 60 * drum) * np.exp(-drum * 25)
            if number % 2 == 0
            else (random.standard_normal(len(drum)) * np.exp(-drum * 30))
        )
        sound[at : at + len(drum)] += 0.5 * hit
    return sound[:frames]


STEADY: Final = ("hood", "fridge", "water", "sizzle")
UNSTEADY: Final = ("dishes", "cooking", "music")

_RECIPES: Final[dict[str, Recipe]] = {
    "hood": _hood,
    "fridge": _fridge,
    "water": _water,
    "sizzle": _sizzle,
    "dishes": _dishes,
    "cooking": _cooking,
    "music": _music,
}
