"""A piece of sound, ready to be mixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from voicecoach.coaching.messages import CueTiming
from voicecoach.units import OUTPUT_RATE_HZ, ms_from_frames

Samples = npt.NDArray[np.float32]
"""Mono sound, shape (frames,), within -1.0 to 1.0."""


class Sentence(Protocol):
    """What can be said: the session needs its timing beforehand, its sound may still lie elsewhere."""

    @property
    def timing(self) -> CueTiming:
        """What the session is told of it."""
        ...

    @property
    def samples(self) -> Samples:
        """Its sound at 48 kHz. Getting it may take some milliseconds."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """The sound of one cue or tone at 48 kHz, trimmed and level-matched."""

    samples: Samples
    breaks_ms: tuple[int, ...] = ()
    """Places between words where it may be taken up again, ascending; found by the synthesizer's side from the
    sound."""

    @property
    def timing(self) -> CueTiming:
        """What the session is told of this clip. The length is rounded up to whole milliseconds."""
        return CueTiming(ms_from_frames(len(self.samples), OUTPUT_RATE_HZ), self.breaks_ms)
