"""What was played, waiting until as much has been heard.

Loudspeaker and microphone may be different devices with different clocks. What waits too long is dropped while it is
silent, when that harms nothing, until the echo shows where to take it, and at which pace (`audio/echo_delay.py`).
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from voicecoach.audio.clip import Samples
from voicecoach.units import INPUT_FRAMES_PER_MS

_AHEAD_FRAMES: Final = 40 * INPUT_FRAMES_PER_MS
"""The reference may wait for the microphone by this much: the canceller finds the rest of the delay itself."""
_FAR_AHEAD_FRAMES: Final = 300 * INPUT_FRAMES_PER_MS
"""More than this is beyond the canceller, and is put right at once."""
_SCARCE_FRAMES: Final = 5 * INPUT_FRAMES_PER_MS
"""Less than this waits only where a loudspeaker has next to no buffer."""
_SPARE_FRAMES: Final = 20 * INPUT_FRAMES_PER_MS
"""For the next minutes of speech: where it is the clocks that differ, more is played than is heard, too."""
_WINDOW_BLOCKS: Final = 100
"""The devices ask and give in bursts: how far ahead the reference is shows only over some time."""
_FIRST_WINDOW_BLOCKS: Final = 10
"""The same before anything has been played: put right then, it never disturbs the canceller."""
_TAPS: Final = 32
_BEFORE: Final = _TAPS // 2 - 1
"""How many frames before the place between frames a sound depends on."""
_PLACES: Final = 512
"""Between two frames: the nearest is at most 1/1024 away, which is an error of -50 dB at 4 kHz."""


class Reference:
    """Frames at 16 kHz, taken in blocks of one length. One thread uses it."""

    def __init__(self, block_frames: int) -> None:
        """Hold nothing yet."""
        self._block_frames = block_frames
        self.ratio = 1.0
        """How many frames to take for each frame of a block."""
        self.ahead = 0.0
        """How many frames have been taken or dropped so far, less those of the blocks."""
        self._begin()

    def _begin(self) -> None:
        self._sound = np.zeros(_BEFORE, np.float32)
        self._between = 0.0
        self._least_ahead, self._blocks, self._has_played = _FAR_AHEAD_FRAMES, 0, False
        self._usual_ahead, self._stays, self._owed = _AHEAD_FRAMES, False, 0

    def add(self, sound: Samples) -> None:
        """Take what was played next: any number of frames."""
        self._has_played = self._has_played or bool(sound.any())
        self._sound = np.concatenate((self._sound, sound))

    def stay(self, room: int) -> None:
        """Take that the echo is where it should be: from now on only what is far ahead is dropped.

        The echo may come `room` frames sooner. Where the microphone's clock is the slower one and next to nothing waits
        that could be taken faster, some of that is given away.
        """
        self._stays = True
        if self.ratio > 1.0 and self._waiting < _SCARCE_FRAMES and room > 0:
            self._owed = min(_SPARE_FRAMES, room)

    def move(self, frames: int) -> None:
        """Leave out so many frames at once or, where negative, put as much silence before the next silence."""
        if frames > 0:
            self._drop(min(frames, self._waiting))
        elif frames < 0:
            self._owed = -frames

    def begin_anew(self) -> None:
        """Forget what waits. What is added from now on is paired anew."""
        self._begin()

    def take(self) -> Samples:
        """Return the next block, with silence where there is nothing more."""
        self._put_right()
        if self._owed and not self._sound.any():
            self._be_silent(self._owed)
        # Silence in between would be worse than an echo that comes a little sooner.
        ratio = self.ratio if self._waiting >= self._block_frames + _TAPS else min(1.0, self.ratio)
        places = self._between + ratio * np.arange(self._block_frames + 1, dtype=np.float64)
        missing = max(0, int(places[-1]) - self._waiting)
        needed = _BEFORE + int(places[-1]) + _TAPS
        sound = np.pad(self._sound, (0, max(0, needed - len(self._sound))))
        block = _between(sound, places[:-1])
        passed = int(places[-1])
        self._between = float(places[-1]) - passed
        self._sound = self._sound[passed - missing :] if not missing else sound[passed : passed + _BEFORE]
        self.ahead += float(places[-1] - places[0]) - missing - self._block_frames
        return block

    @property
    def _waiting(self) -> int:
        return len(self._sound) - _BEFORE

    def _put_right(self) -> None:
        """Drop what is too far ahead: where it is silent, or where it is of no use any more."""
        self._least_ahead = min(self._least_ahead, self._waiting - self._block_frames)
        self._blocks += 1
        excess = self._waiting - self._block_frames - self._usual_ahead
        if excess > _FAR_AHEAD_FRAMES:
            self._drop(excess)
        elif not self._stays and self._blocks >= (_WINDOW_BLOCKS if self._has_played else _FIRST_WINDOW_BLOCKS):
            drop = self._least_ahead - _AHEAD_FRAMES
            if drop <= 0:
                self._blocks, self._least_ahead = 0, _FAR_AHEAD_FRAMES
            elif not self._sound[_BEFORE : _BEFORE + drop + self._block_frames].any():
                self._drop(drop)
                self._blocks, self._least_ahead = 0, _FAR_AHEAD_FRAMES

    def _be_silent(self, frames: int) -> None:
        self._sound = np.concatenate((self._sound, np.zeros(frames, np.float32)))
        self._usual_ahead += frames
        self.ahead -= frames
        self._owed = 0

    def _drop(self, frames: int) -> None:
        self._sound = self._sound[frames:]
        self.ahead += frames


def _between(sound: Samples, places: npt.NDArray[np.float64]) -> Samples:
    """Return the sound at these places, in frames after the first `_BEFORE`."""
    steps = np.round(places * _PLACES).astype(np.int64)
    first, place = np.divmod(steps, _PLACES)
    if not place.any() and len(first) == first[-1] - first[0] + 1:
        return sound[_BEFORE + first[0] : _BEFORE + first[-1] + 1]
    around = np.lib.stride_tricks.sliding_window_view(sound, _TAPS)[first]
    return np.asarray(np.einsum("ij,ij->i", around, _kernels()[place]), np.float32)


@cache
def _kernels() -> Samples:
    """Return what each of the frames around counts for a place between two: shape (places, taps)."""
    away = np.arange(_PLACES)[:, None] / _PLACES + _BEFORE - np.arange(_TAPS)
    half = _TAPS / 2
    window = np.i0(8.0 * np.sqrt(np.maximum(0.0, 1 - (away / half) ** 2))) / np.i0(8.0)
    return (np.sinc(away) * window).astype(np.float32)
