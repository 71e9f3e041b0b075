"""The one place where sounds are put into time: every clip and tone, to the frame.

A sound is scheduled for a frame and mixed exactly there, whatever the size of the blocks that are asked for. The
waveform does not depend on how it is cut into blocks. One thread at a time may use a mixer. It may sit behind an audio
callback: `render_into` reads no clock, takes no lock, logs nothing, opens nothing and keeps nothing but a bounded list
of reports.

Headroom is by design: speech clips peak at -6 dBFS or less and tones at -9 dBFS, so one of each never reaches full
scale at the usual volume. What does reach it is clipped and counted.
"""

from __future__ import annotations

import math
from bisect import insort
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np

from voicecoach.audio.clip import Samples
from voicecoach.units import OUTPUT_FRAMES_PER_MS

FADE_FRAMES: Final = 5 * OUTPUT_FRAMES_PER_MS
"""How long a cut sound takes to fall silent, and speech taken up in the middle to rise."""
GAIN_RAMP_FRAMES: Final = 20 * OUTPUT_FRAMES_PER_MS
"""How long a change of volume takes: too fast to notice, too slow to click."""
REPORTS_KEPT: Final = 4096
"""Reports that nobody takes are lost from here on, oldest first."""

_FADE_OUT: Final[Samples] = (0.5 + 0.5 * np.cos(np.pi * np.arange(1, FADE_FRAMES + 1) / (FADE_FRAMES + 1))).astype(
    np.float32
)
_FADE_IN: Final[Samples] = _FADE_OUT[::-1].copy()
_GAIN_RAMP: Final[Samples] = (np.arange(1, GAIN_RAMP_FRAMES + 1) / GAIN_RAMP_FRAMES).astype(np.float32)


class SoundKind(StrEnum):
    """What a sound is, so that speech can be cut while tones go on."""

    SPEECH = "speech"
    TONE = "tone"


@dataclass(frozen=True, slots=True)
class SoundStarted:
    """The first frame of a sound was mixed."""

    label: Hashable
    kind: SoundKind
    frame: int
    """Where, counted from the first frame ever rendered."""


@dataclass(frozen=True, slots=True)
class SoundEnded:
    """The last frame of a sound was mixed."""

    label: Hashable
    kind: SoundKind
    frame: int
    """The first frame without any of it."""
    cut: bool
    """True where it was stopped before its own end. Its fade-out is part of it."""


SoundReport = SoundStarted | SoundEnded


@dataclass(slots=True, order=True)
class _Sound:
    """A sound in its place. The order is the order of mixing, which must not depend on the blocks."""

    start: int
    number: int
    samples: Samples = field(compare=False)
    end: int = field(compare=False)
    """The first frame after it."""
    label: Hashable = field(compare=False)
    kind: SoundKind = field(compare=False)
    fade_in: bool = field(compare=False)
    fade_out: int | None = field(compare=False, default=None)
    """The frame at which a fade-out begins, where it was cut."""

    def delay(self, frames: int) -> None:
        self.start += frames
        self.end += frames
        if self.fade_out is not None:
            self.fade_out += frames

    def cut(self, at_frame: int) -> None:
        if at_frame < self.end and (self.fade_out is None or at_frame < self.fade_out):
            self.fade_out = at_frame
            self.end = min(self.end, at_frame + FADE_FRAMES)

    def mix_into(self, out: Samples, position: int) -> None:
        first = max(self.start, position)
        last = min(self.end, position + len(out))
        piece = self.samples[first - self.start : last - self.start]
        if self.fade_in and first < self.start + FADE_FRAMES:
            piece = _weighted(piece, first, _FADE_IN, self.start)
        if self.fade_out is not None and last > self.fade_out:
            piece = _weighted(piece, first, _FADE_OUT, self.fade_out)
        out[first - position : last - position] += piece


class Mixer:
    """Mixes scheduled sounds to mono at 48 kHz.

    Frames count from 0, the first frame ever rendered. Sound is float32 within -1.0 to 1.0.
    """

    def __init__(self) -> None:
        self._position = 0
        self._scheduled: list[_Sound] = []
        self._sounding: list[_Sound] = []
        self._numbers = 0
        self._reports: deque[SoundReport] = deque(maxlen=REPORTS_KEPT)
        self._overloads = 0
        self._gain_db = 0.0
        self._gain = np.float32(1.0)
        self._gain_before = np.float32(1.0)
        self._gain_changed = -GAIN_RAMP_FRAMES

    @property
    def position(self) -> int:
        """The frame that is rendered next."""
        return self._position

    @property
    def overloads(self) -> int:
        """How many frames had to be clipped so far."""
        return self._overloads

    @property
    def gain_db(self) -> float:
        """The volume of everything, in decibels against the usual one; at most +24. A change takes 20 ms."""
        return self._gain_db

    @gain_db.setter
    def gain_db(self, decibels: float) -> None:
        if not -math.inf < decibels <= 24.0:
            raise ValueError(f"a gain of {decibels} dB is not usable; give one of at most +24 dB")
        self._gain_before = self._gain_at(self._position)
        self._gain = np.float32(10 ** (decibels / 20))
        self._gain_changed = self._position
        self._gain_db = decibels

    def schedule(
        self, samples: Samples, at_frame: int, *, label: Hashable, kind: SoundKind, from_frame: int = 0
    ) -> None:
        """Place a sound so that its frame `from_frame` is mixed at `at_frame`.

        The samples (float32, one-dimensional) are kept, not copied: do not change them afterwards. Speech taken up in
        its middle (`from_frame` over 0) fades in over 5 ms. `label` comes back in the reports. Sounds may overlap.

        Raises `ValueError` for a frame that has been rendered already, and for sound that is empty or of another type.
        """
        if at_frame < self._position:
            raise ValueError(f"frame {at_frame} has been rendered; the next one is {self._position}")
        if samples.dtype != np.float32 or samples.ndim != 1:
            raise ValueError(f"sound must be mono float32, not {samples.dtype} with {samples.ndim} dimensions")
        if not 0 <= from_frame < len(samples):
            raise ValueError(f"there is no frame {from_frame} in a sound of {len(samples)} frames")
        insort(
            self._scheduled,
            _Sound(
                start=at_frame,
                number=self._numbers,
                samples=samples[from_frame:],
                end=at_frame + len(samples) - from_frame,
                label=label,
                kind=kind,
                fade_in=from_frame > 0 and kind is SoundKind.SPEECH,
            ),
        )
        self._numbers += 1

    def move(self, label: Hashable, at_frame: int) -> None:
        """Begin the sounds of that label at `at_frame` instead, where they have not begun.

        A frame that has been rendered already means at once.
        """
        at_frame = max(at_frame, self._position)
        for sound in [sound for sound in self._scheduled if sound.label == label]:
            self._scheduled.remove(sound)
            sound.delay(at_frame - sound.start)
            insort(self._scheduled, sound)

    def stop(self, at_frame: int, kind: SoundKind | None = None) -> None:
        """Silence all sounds, or those of one kind, from `at_frame` on.

        What sounds then begins a fade-out at `at_frame` and is silent 5 ms later; what would begin at or after it is
        forgotten, without a report. A frame that has been rendered already means at once. Sounds scheduled afterwards
        are not affected.
        """
        at_frame = max(at_frame, self._position)
        for sound in self._sounding:
            if kind is None or sound.kind is kind:
                sound.cut(at_frame)
        kept = []
        for sound in self._scheduled:
            if kind is None or sound.kind is kind:
                if sound.start >= at_frame:
                    continue
                sound.cut(at_frame)
            kept.append(sound)
        self._scheduled = kept

    def render(self, frames: int) -> Samples:
        """Return the next `frames` frames, and move `position` past them."""
        out = np.zeros(frames, dtype=np.float32)
        self._mix_into(out)
        return out

    def render_into(self, out: Samples) -> None:
        """Fill `out` (float32, one-dimensional) with the next `len(out)` frames, and move `position` past them."""
        out.fill(0.0)
        self._mix_into(out)

    def take_reports(self) -> list[SoundReport]:
        """Return what has begun and ended since the last call, in the order of the frames within each block."""
        if not self._reports:
            return []
        taken = list(self._reports)
        self._reports.clear()
        return taken

    def _mix_into(self, out: Samples) -> None:
        position, block_end = self._position, self._position + len(out)
        self._position = block_end
        if not self._sounding and (not self._scheduled or self._scheduled[0].start >= block_end):
            return
        reports: list[SoundReport] = []
        begun = 0
        while begun < len(self._scheduled) and self._scheduled[begun].start < block_end:
            sound = self._scheduled[begun]
            self._sounding.append(sound)
            reports.append(SoundStarted(sound.label, sound.kind, sound.start))
            begun += 1
        if begun:
            del self._scheduled[:begun]
        ended = False
        for sound in self._sounding:
            sound.mix_into(out, position)
            if sound.end <= block_end:
                ended = True
                reports.append(SoundEnded(sound.label, sound.kind, sound.end, cut=sound.fade_out is not None))
        if ended:
            self._sounding = [sound for sound in self._sounding if sound.end > block_end]
        if reports:
            reports.sort(key=lambda report: report.frame)
            self._reports.extend(reports)
        self._apply_gain(out, position)
        self._protect(out)

    def _gain_at(self, frame: int) -> np.float32:
        """Return the gain that the frame before `frame` was given."""
        ramped = frame - self._gain_changed
        if ramped >= GAIN_RAMP_FRAMES:
            return self._gain
        if ramped == 0:
            return self._gain_before
        return np.float32(self._gain_before + (self._gain - self._gain_before) * _GAIN_RAMP[ramped - 1])

    def _apply_gain(self, out: Samples, position: int) -> None:
        ramped = position - self._gain_changed
        ramping = max(0, min(len(out), GAIN_RAMP_FRAMES - ramped))
        if ramping:
            rise = self._gain - self._gain_before
            out[:ramping] *= self._gain_before + rise * _GAIN_RAMP[ramped : ramped + ramping]
        if ramping < len(out) and self._gain != 1.0:
            out[ramping:] *= self._gain

    def _protect(self, out: Samples) -> None:
        if out.max() > 1.0 or out.min() < -1.0:
            self._overloads += int(np.count_nonzero(np.abs(out) > 1.0))
            np.clip(out, -1.0, 1.0, out=out)


def _weighted(piece: Samples, first: int, weights: Samples, weights_start: int) -> Samples:
    """Return a copy of `piece`, which begins at frame `first`, multiplied by `weights` where they overlap."""
    overlap_first = max(first, weights_start)
    overlap_last = min(first + len(piece), weights_start + len(weights))
    if overlap_last <= overlap_first:
        return piece
    weighted = piece.copy()
    weighted[overlap_first - first : overlap_last - first] *= weights[
        overlap_first - weights_start : overlap_last - weights_start
    ]
    return weighted
