"""From what a synthesizer gives to a clip: cut to the sound, of one loudness whatever the voice, and 16-bit exact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

from voicecoach.audio.clip import Clip, Samples
from voicecoach.units import OUTPUT_FRAMES_PER_MS, OUTPUT_RATE_HZ

ACTIVE_RMS: Final = 10 ** (-20 / 20)
"""The loudness of every clip where somebody speaks: -20 dBFS."""
PEAK: Final = 10 ** (-6 / 20)
"""No clip has a higher peak: -6 dBFS leaves room for a tone."""
MARGIN_MS: Final = 10
"""The silence that is left before and after the sound."""
EDGE_MS: Final = 5
SHORTEST_BREAK_MS: Final = 100
"""Less than this before or after a break is not worth taking a sentence up for."""

_SILENT: Final = 10 ** (-50 / 20)
"""Against the loudest."""
_ACTIVE: Final = 10 ** (-30 / 20)
_STEP_MS: Final = 5
_DIP_MS: Final = 30

_Levels = npt.NDArray[np.float32]


def shaped(sound: Samples, rate_hz: int, words_ms: Sequence[int] = ()) -> Clip:
    """Return a clip of rendered speech (mono float32 at any rate).

    `words_ms` has the start of each word in `sound`, where the synthesizer tells; else breaks are looked for where it
    is quiet.

    Raises `ValueError` where nothing can be heard.
    """
    if rate_hz != OUTPUT_RATE_HZ:
        sound = soxr.resample(sound, rate_hz, OUTPUT_RATE_HZ, quality="HQ")
    loudest = float(np.abs(sound).max(initial=0.0))
    if not loudest > 0.001:
        raise ValueError("it is silent")
    heard = np.flatnonzero(np.abs(sound) > loudest * _SILENT)
    margin = MARGIN_MS * OUTPUT_FRAMES_PER_MS
    first = max(0, int(heard[0]) - margin)
    sound = _levelled(sound[first : int(heard[-1]) + 1 + margin])
    edge = np.linspace(0.0, 1.0, EDGE_MS * OUTPUT_FRAMES_PER_MS, dtype=np.float32)[: len(sound)]
    sound[: len(edge)] *= edge
    sound[-len(edge) :] *= edge[::-1]
    # On the grid of 16 bits: a clip from the cache is the same clip.
    sound = (np.rint(sound * 32768.0) / 32768.0).astype(np.float32)
    starts = [start - first // OUTPUT_FRAMES_PER_MS for start in words_ms]
    return Clip(sound, _breaks_ms(sound, starts))


def _levelled(sound: Samples) -> Samples:
    levels = _levels(sound, 20)
    active = levels[levels > levels.max() * _ACTIVE]
    return _limited(sound * np.float32(ACTIVE_RMS / np.sqrt(np.mean(active**2))))


def _limited(sound: Samples) -> Samples:
    """Turn the sound down around each peak that is too high, for some milliseconds, without bending the wave."""
    blocks = -(-len(sound) // OUTPUT_FRAMES_PER_MS)
    padded = np.zeros(blocks * OUTPUT_FRAMES_PER_MS, dtype=np.float32)
    padded[: len(sound)] = np.abs(sound)
    peaks = padded.reshape(blocks, OUTPUT_FRAMES_PER_MS).max(axis=1)
    # 0.999: interpolation and 16 bits round either way.
    wanted = np.minimum(1.0, 0.999 * PEAK / np.maximum(peaks, 1e-9))
    # The lowest of 9 ms, smoothed over 5 and joined by lines, is nowhere above what that place wants.
    lowest = np.lib.stride_tricks.sliding_window_view(np.pad(wanted, 4, mode="edge"), 9).min(axis=1)
    smooth = np.convolve(np.pad(lowest, 2, mode="edge"), np.full(5, 0.2), "valid")
    middles = (np.arange(blocks) + 0.5) * OUTPUT_FRAMES_PER_MS
    return (sound * np.interp(np.arange(len(sound)), middles, smooth)).astype(np.float32)


def _breaks_ms(sound: Samples, starts_ms: Sequence[int]) -> tuple[int, ...]:
    levels = _levels(sound, _STEP_MS)
    places = [_quietest_near(levels, start) for start in starts_ms] if starts_ms else _ends_of_dips(levels)
    length_ms = len(sound) // OUTPUT_FRAMES_PER_MS
    return tuple(sorted({at for at in places if SHORTEST_BREAK_MS <= at <= length_ms - SHORTEST_BREAK_MS}))


def _quietest_near(levels: _Levels, at_ms: int) -> int:
    """Return the last of the quietest places from 60 ms before to 20 ms after the start of a word."""
    first = max(0, (at_ms - 60) // _STEP_MS)
    window = levels[first : max(first + 1, (at_ms + 20) // _STEP_MS)]
    if not len(window):
        return at_ms
    return int(first + len(window) - 1 - np.argmin(window[::-1])) * _STEP_MS


def _ends_of_dips(levels: _Levels) -> list[int]:
    """Return where the sound comes back after it was quiet for 30 ms or more."""
    quiet = levels < levels.max() * _ACTIVE
    edges = np.flatnonzero(np.diff(np.concatenate(([False], quiet, [False])).astype(np.int8)))
    return [
        int(end - 1) * _STEP_MS
        for begin, end in zip(edges[::2], edges[1::2], strict=True)
        if (end - begin) * _STEP_MS >= _DIP_MS
    ]


def _levels(sound: Samples, step_ms: int) -> _Levels:
    """Return the RMS of each step of the sound; the last step may be filled up with silence."""
    step = step_ms * OUTPUT_FRAMES_PER_MS
    padded = np.zeros(-(-len(sound) // step) * step, dtype=np.float32)
    padded[: len(sound)] = sound
    levels: _Levels = np.sqrt(np.mean(padded.reshape(-1, step) ** 2, axis=1))
    return levels
