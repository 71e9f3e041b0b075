"""Finds tones in sound by what they sound like, without knowing where they should be.

A matched filter, in the band that a tone has and speech has little of: 1.0 where the very waveform is, whatever its
level. What is found is taken out of the sound and the rest is searched again, so one tone may hide under another.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt
import scipy.fft

from voicecoach.audio.tones import tone_samples
from voicecoach.coaching.messages import Tone

FOUND = 0.65
"""Speech alone reaches 0.56; a tone in the middle of loud speech still has 0.75."""
_TONES_BY_BAND = {
    (900, 3600): tuple(tone for tone in Tone if tone is not Tone.NOT_UNDERSTOOD),
    (600, 1000): (Tone.NOT_UNDERSTOOD,),
}
"""From lowest to highest Hz."""
_RATE_HZ = 48_000
_LONGEST_FRAMES = max(len(tone_samples(tone)) for tone in Tone)
_SILENCE_FRAMES = _RATE_HZ // 3
_LOBE_FRAMES = _RATE_HZ // 100
"""What is closer together than this belongs to one peak."""

Floats = npt.NDArray[np.float32]
Spectrum = npt.NDArray[np.complex64]


def find_tones(sound: npt.NDArray[np.int16]) -> list[tuple[str, int]]:
    """Return every tone in 48 kHz sound, by its name and the frame at which it begins, in order of time."""
    found: list[tuple[int, str]] = []
    for first, piece in _pieces(sound):
        while tones := _without_likenesses(list(_candidates(piece))):
            for tone, frame in tones:
                found.append((first + frame, tone.value))
                samples = tone_samples(tone)[: len(piece) - frame]
                piece[frame : frame + len(samples)] -= samples
    return [(tone, frame) for frame, tone in sorted(found)]


def _pieces(sound: npt.NDArray[np.int16]) -> Iterator[tuple[int, Floats]]:
    """Yield everything but digital silence: where it begins, and its samples."""
    audible = np.flatnonzero(sound)
    for run in np.split(audible, np.flatnonzero(np.diff(audible) > _SILENCE_FRAMES) + 1):
        if len(run):
            yield int(run[0]), sound[run[0] : run[-1] + 1].astype(np.float32) / np.float32(32767.0)


def _candidates(piece: Floats) -> Iterator[tuple[float, int, Tone]]:
    size = scipy.fft.next_fast_len(len(piece) + _LONGEST_FRAMES, real=True)
    whole: Spectrum = scipy.fft.rfft(piece, size)
    for band, tones in _TONES_BY_BAND.items():
        spectrum = _banded(whole, band, size)
        energy = np.concatenate(([0.0], np.cumsum(scipy.fft.irfft(spectrum, size) ** 2, dtype=np.float64)))
        for tone in tones:
            wanted, own_energy = _wanted(tone, band, size)
            length = len(tone_samples(tone))
            around = energy[length : length + len(piece)] - energy[: len(piece)]
            product = scipy.fft.irfft(spectrum * wanted, size)[: len(piece)]
            # What is 30 dB below the tone is not it.
            least = FOUND * np.sqrt(np.maximum(around, own_energy * 1e-3) * own_energy)
            peaks = np.flatnonzero(product >= least)
            for run in np.split(peaks, np.flatnonzero(np.diff(peaks) > _LOBE_FRAMES) + 1):
                if len(run):
                    likeness = FOUND * product[run] / least[run]
                    yield float(likeness.max()), int(run[likeness.argmax()]), tone


@cache
def _wanted(tone: Tone, band: tuple[int, int], size: int) -> tuple[Spectrum, float]:
    spectrum = _banded(scipy.fft.rfft(tone_samples(tone), size), band, size)
    return np.conj(spectrum), float(np.sum(scipy.fft.irfft(spectrum, size) ** 2, dtype=np.float64))


def _banded(spectrum: Spectrum, band: tuple[int, int], size: int) -> Spectrum:
    kept = np.zeros_like(spectrum)
    bins = slice(*(round(hz * size / _RATE_HZ) for hz in band))
    kept[bins] = spectrum[bins]
    return kept


def _without_likenesses(candidates: list[tuple[float, int, Tone]]) -> list[tuple[Tone, int]]:
    """Keep the best of what was found in one place: a tone resembles itself, and others a little."""
    kept: list[tuple[Tone, int]] = []
    for _, frame, tone in sorted(candidates, reverse=True):
        taken = ((other, other + len(tone_samples(name))) for name, other in kept)
        if not any(begin - len(tone_samples(tone)) < frame < end for begin, end in taken):
            kept.append((tone, frame))
    return kept
