"""Numbers from sound: how loud a microphone is, and where in it a chirp that was played comes back.

The chirp is a glide through the band that small loudspeakers and the ears are both good in. Correlating with it (a
matched filter) finds it far below the noise of a room: a glide of T seconds through B hertz gains by a factor of T x B,
31 dB here. Correlating with a complex glide gives the envelope, so that the phase of the echo does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from voicecoach.audio.clip import Samples
from voicecoach.units import INPUT_RATE_HZ, OUTPUT_RATE_HZ

CHIRP_MS: Final = 400
CHIRP_PEAK: Final = 10 ** (-12 / 20)
"""As loud as a tone of a session, or a little less: `voicecoach.audio.tones.PEAK` is -9 dB."""
LONGEST_ECHO_MS: Final = 1_000
"""Where an echo is looked for. Bluetooth takes 150 to 300 ms, and nothing in a session could use more than this."""
LEAST_ABOVE_NOISE_DB: Final = 15.0
"""Among the 3,000 independent places of a second, noise reaches 9 dB above its mean power, and 12 dB once in 10,000
seconds."""
WAKING_MS: Final = 2_000
"""How long the falling tone is that tells what a loudspeaker swallows when it wakes. Most swallow 0.5 to 1.5 s."""
_PIECE_MS: Final = 25
"""It is looked for in pieces of this: each gains 19 dB against noise."""
_PIECES_OF_WHOLE: Final = 4
"""What is there has so many pieces in a row, but for one."""
_PIECE_DB: Final = -20.0
"""Pieces are this much softer than the middle one at the most: small loudspeakers differ by that over the band."""
_NOISE_FACTOR: Final = 4.0
FULL_SCALE: Final = 0.999
"""From here on a sample is as large as it can be: 16-bit sound reaches 0.99997."""
QUIETEST_DB: Final = -120.0
_LOW_HZ: Final = 500.0
_HIGH_HZ: Final = 3_500.0
_EDGE_MS: Final = 20
_FRAME_MS: Final = 20
_NEAR_S: Final = 1.0

Marks = Sequence[tuple[int, int]]
"""Numbers of frames, with the monotonic nanoseconds at which a device had asked for or given so many."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What a stretch of a microphone's sound is like. Decibels are against full scale."""

    frames: int
    rate_hz: int
    peak_db: float
    floor_db: float
    """What nine of ten moments (20 ms) are louder than: the room."""
    loud_db: float
    """What one of twenty moments is louder than: a voice, if there was one."""
    offset: float
    """The mean, which should be 0, as a part of full scale."""
    clipped: float
    """Which part of the samples is as large as it can be."""
    is_stuck: bool
    """Whether all samples have one value."""


@dataclass(frozen=True, slots=True)
class Echo:
    """A chirp that came back."""

    delay_ms: float
    gain_db: float
    """How loud the microphone has it, against what was played; -20 dB is a loss of 20 dB."""
    above_noise_db: float


def levels(sound: Samples, rate_hz: int) -> Levels:
    """Return what mono sound is like; frames 0 for none."""
    if not len(sound):
        return Levels(0, rate_hz, QUIETEST_DB, QUIETEST_DB, QUIETEST_DB, 0.0, 0.0, is_stuck=True)
    values = sound.astype(np.float64)
    offset = float(values.mean())
    size = rate_hz * _FRAME_MS // 1000
    whole = values[: len(values) - len(values) % size] if len(values) >= size else values
    moments = ((whole - offset).reshape(-1, min(size, len(whole))) ** 2).mean(axis=1)
    floor, loud = np.quantile(moments, (0.1, 0.95))
    return Levels(
        frames=len(values),
        rate_hz=rate_hz,
        peak_db=_db(float(np.abs(values).max())),
        floor_db=_db(float(np.sqrt(floor))),
        loud_db=_db(float(np.sqrt(loud))),
        offset=round(offset, 5),
        clipped=round(float((np.abs(values) >= FULL_SCALE).mean()), 6),
        is_stuck=bool(np.ptp(values) == 0.0),
    )


def chirp_sound() -> Samples:
    """Return the chirp as it is played, at 48 kHz."""
    sound: Samples = (_glide(OUTPUT_RATE_HZ).real * CHIRP_PEAK).astype(np.float32)
    return sound


def echo_gains(sound: Samples) -> npt.NDArray[np.float64]:
    """Return for each frame of mono sound at 16 kHz how loud a chirp begins there, against what was played."""
    glide = _glide(INPUT_RATE_HZ)
    size = 1 << (len(sound) + len(glide)).bit_length()
    matched = np.fft.ifft(np.fft.fft(sound, size) * np.conj(np.fft.fft(glide, size)))[: len(sound)]
    # A glide that is real, as the played one, gives half of its energy.
    own = CHIRP_PEAK * float((np.abs(glide) ** 2).sum()) / 2
    gains: npt.NDArray[np.float64] = np.abs(matched) / own
    return gains


def find_echo(gains: npt.NDArray[np.float64], played_at: int, quiet: slice) -> Echo | None:
    """Return where the chirp that was handed to the loudspeaker at frame `played_at` came back, if it did.

    `quiet` are frames at which no chirp can have begun: what is there is noise.
    """
    window = gains[max(0, played_at) : max(0, played_at + LONGEST_ECHO_MS * INPUT_RATE_HZ // 1000)]
    if not len(window) or not window.any():
        return None
    at = int(window.argmax())
    noise = max(float(np.sqrt((gains[quiet] ** 2).mean())) if len(gains[quiet]) else 0.0, float(np.median(window)))
    above_db = min(-QUIETEST_DB, _db(float(window[at])) - _db(noise))
    if above_db < LEAST_ABOVE_NOISE_DB:
        return None
    delay_ms = 1000 * (at + max(0, -played_at)) / INPUT_RATE_HZ
    return Echo(round(delay_ms, 1), _db(float(window[at])), round(above_db, 1))


def waking_sound() -> Samples:
    """Return the falling tone as it is played, at 48 kHz. Its pitch tells which moment of it is heard."""
    sound: Samples = (_fall(OUTPUT_RATE_HZ).real * CHIRP_PEAK).astype(np.float32)
    return sound


def swallowed_ms(sound: Samples, quiet: Samples) -> float | None:
    """Return how much of the falling tone is missing at its beginning, in mono sound at 16 kHz that it was played into.

    `quiet` is what was heard before. None where the tone cannot be found: all of it is missing, or it is too noisy.
    """
    fall = _fall(INPUT_RATE_HZ)
    size = 1 << (len(sound) + len(fall)).bit_length()
    matched = np.abs(np.fft.ifft(np.fft.fft(sound, size) * np.conj(np.fft.fft(fall, size)))[: max(1, len(sound))])
    at = int(matched.argmax())
    if _db(float(matched[at])) - _db(float(np.median(matched))) < LEAST_ABOVE_NOISE_DB:
        return None
    piece = INPUT_RATE_HZ * _PIECE_MS // 1000
    pieces = np.conj(fall[: len(fall) // piece * piece].reshape(-1, piece))
    heard = np.pad(sound[at : at + pieces.size], (0, max(0, pieces.size - len(sound[at:])))).reshape(pieces.shape)
    gains = np.abs((heard * pieces).sum(axis=1))
    before = np.abs(quiet[: len(quiet) // piece * piece].reshape(-1, piece) @ pieces.T)
    noise = _NOISE_FACTOR * float(np.sqrt((before**2).mean())) if before.size else 0.0
    loud = gains[gains > noise]
    if not len(loud):
        return None
    is_there = gains > max(noise, float(np.median(loud)) * 10 ** (_PIECE_DB / 20))
    runs = np.lib.stride_tricks.sliding_window_view(is_there, _PIECES_OF_WHOLE).sum(axis=1)
    whole = np.flatnonzero(is_there[: len(runs)] & (runs >= _PIECES_OF_WHOLE - 1))
    return float(whole[0] * _PIECE_MS) if len(whole) else None


def moment_ns(marks: Marks, frame: int, rate_hz: int) -> float:
    """Return when a device asked for a frame, or gave it, were it always on time.

    It comes in bursts and sometimes late, but never early: what counts is the furthest it had got, around that frame.
    Raises `ValueError` where nothing is known of the time around it.
    """
    near = [(count, at_ns) for count, at_ns in marks if abs(count - frame) <= _NEAR_S * rate_hz]
    if not near:
        raise ValueError("nothing is known of the time around that frame")
    # Against the first mark, because nanoseconds since the start of the machine have too many digits for a float.
    since_ns = near[0][1]
    lead_ns = max(count * 1e9 / rate_hz - (at_ns - since_ns) for count, at_ns in near)
    return since_ns + frame * 1e9 / rate_hz - lead_ns


@cache
def _glide(rate_hz: int) -> npt.NDArray[np.complex128]:
    return _tone(rate_hz, CHIRP_MS, _LOW_HZ, _HIGH_HZ)


@cache
def _fall(rate_hz: int) -> npt.NDArray[np.complex128]:
    return _tone(rate_hz, WAKING_MS, _HIGH_HZ, _LOW_HZ)


def _tone(rate_hz: int, ms: int, from_hz: float, to_hz: float) -> npt.NDArray[np.complex128]:
    frames = rate_hz * ms // 1000
    seconds = np.arange(frames) / rate_hz
    rise = (to_hz - from_hz) / (ms / 1000)
    edge = rate_hz * _EDGE_MS // 1000
    weights = np.ones(frames)
    weights[:edge] = 0.5 - 0.5 * np.cos(np.pi * (np.arange(edge) + 0.5) / edge)
    weights[-edge:] = weights[:edge][::-1]
    return np.asarray(weights * np.exp(2j * np.pi * (from_hz * seconds + rise / 2 * seconds**2)))


def _db(amplitude: float) -> float:
    return round(max(QUIETEST_DB, 20 * float(np.log10(max(amplitude, 1e-9)))), 1)
