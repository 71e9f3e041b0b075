"""How loud the microphone is from moment to moment, and what its silence means. Pure Python, and pure."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from voicecoach.listening.background import SILENT_POWER, STANDS_OUT

PATIENCE_NS: Final = 5_000_000_000
"""Nobody waits longer for a microphone that gives nothing before being told."""
GATED_PATIENCE_NS: Final = 30_000_000_000
"""The same for zeros, once they have been seen to pass by themselves."""
LEAST_POWER: Final = SILENT_POWER * STANDS_OUT
"""Mean square of 16-bit samples from which on the ears may hear something."""
_FULL_SCALE: Final = 32_768.0
QUIETEST_DB: Final = -90.0


@dataclass(frozen=True, slots=True)
class Loudness:
    """Of 20 ms of sound, against full scale."""

    level_db: float
    peak_db: float

    @property
    def is_zero(self) -> bool:
        """Whether there is no sound at all, as no microphone in the air gives."""
        return self.peak_db <= QUIETEST_DB

    @property
    def is_audible(self) -> bool:
        """Whether the ears would not take it for silence."""
        return self.level_db >= AUDIBLE_DB


def loudness(data: bytes) -> Loudness:
    """Return how loud 16-bit samples in the machine's own byte order are."""
    samples = array("h", data)
    if not samples:
        return Loudness(QUIETEST_DB, QUIETEST_DB)
    mean_square = sum(sample * sample for sample in samples) / len(samples)
    return Loudness(_decibels(math.sqrt(mean_square)), _decibels(max(map(abs, samples))))


def _decibels(amplitude: float) -> float:
    return max(QUIETEST_DB, 20 * math.log10(max(amplitude, 1e-9) / _FULL_SCALE))


AUDIBLE_DB: Final = _decibels(math.sqrt(LEAST_POWER))


class Silence(Enum):
    """Why a microphone is silent."""

    NOTHING = auto()
    """It gives no samples."""
    ZEROS = auto()
    """It gives nothing but zeros."""
    FAINT = auto()
    """All it has ever given is what the ears take for silence."""
    OVER = auto()
    """It was NOTHING or ZEROS, and is not any more."""


class SilenceWatch:
    """Notices a silence that lasts, once. Times are monotonic nanoseconds, given by the caller."""

    def __init__(self, now_ns: int) -> None:
        """Begin to wait for sound."""
        self._sound_ns = now_ns
        """When there were samples last."""
        self._zeros_since_ns: int | None = now_ns
        self._alive_since_ns = now_ns
        self._zeros_patience_ns = PATIENCE_NS
        self._was_audible = False
        self._told: Silence | None = None

    def hear(self, now_ns: int, loud: Loudness) -> None:
        """Take the next moment's loudness."""
        self._sound_ns = now_ns
        if loud.is_zero:
            self._zeros_since_ns = self._zeros_since_ns or now_ns
        elif self._zeros_since_ns is not None:
            self._zeros_since_ns, self._alive_since_ns = None, now_ns
        self._was_audible = self._was_audible or loud.is_audible

    def see(self, now_ns: int) -> Silence | None:
        """Return what has become of it, where that has changed."""
        silence = self._state(now_ns)
        if silence is self._told:
            return None
        before, self._told = self._told, silence
        if silence is not None:
            return silence
        if before is Silence.ZEROS:
            # Some microphones give zeros whenever it is quiet: said again and again, that would help nobody.
            self._zeros_patience_ns = GATED_PATIENCE_NS
        return None if before is Silence.FAINT else Silence.OVER

    def _state(self, now_ns: int) -> Silence | None:
        if now_ns - self._sound_ns >= PATIENCE_NS:
            return Silence.NOTHING
        if self._zeros_since_ns is not None:
            lasts = now_ns - self._zeros_since_ns >= self._zeros_patience_ns
            return Silence.ZEROS if lasts or self._told is Silence.ZEROS else None
        if not self._was_audible and now_ns - self._alive_since_ns >= PATIENCE_NS:
            return Silence.FAINT
        return None
