"""How loud the coach's own sound may still be in what is left of the microphone after the echo canceller.

A canceller needs a second or two to learn a room, and never takes away everything. What is left sounds like speech,
because it is speech, so one has to know how loud it can be: a voice that is no louder is the coach's own.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final

import numpy as np
import numpy.typing as npt

BLOCK_MS: Final = 20
LINGERS_BLOCKS: Final = 500 // BLOCK_MS
"""What was played reaches the microphone within this time: the delay of devices, and the room."""
LEARNED_BLOCKS: Final = 2_000 // BLOCK_MS
"""What is left is judged by so much sound in which the coach was playing: the canceller learns in about that time."""
UNKNOWN: Final = 1.0
"""Before anything is known, as much as is played may come back."""
ALWAYS_LEFT: Final = 10 ** (-25 / 10)
"""However much the canceller has taken away lately, so much of what the microphone hears may be left at any time. Over
a loopback whose rate the sound server keeps adjusting, the canceller took away 50 to 60 dB, and for a syllable now and
then only 21 to 35. A person's voice, even 15 dB less than the echo, is more than this."""
_PAUSE_BLOCKS: Final = 300 // BLOCK_MS
"""After so long in which nothing was played, what is heard is the room: its noise, or a person."""
_UNPLAYED: Final = 20.0**2
"""Mean square of what counts as nothing played: 40 to 45 dB less than speech."""
_ROOM_BLOCKS: Final = 4_000 // BLOCK_MS
"""The room's noise is judged by so much of that: much more than a command, which may be said in such a pause."""
_ROOM_RANK: Final = 0.25
_ROOM_VARIES: Final = 2.0
"""Three quarters of it are louder than the power at this rank, and nearly all blocks of a steady noise are less than
twice as loud; of a noise that comes and goes, what is always there is. So much is not of the coach: where it was taken
for what the canceller leaves, 36 % of commands over the coach were understood in the steady noise of a kitchen 12 dB
below the person, and 92 % with this alone."""
_ROOM_LEAST: Final = 100 // BLOCK_MS
"""Less of it says nothing about the room."""
_RANK: Final = 0.95
"""Of what was left lately, against what was played, in order of size: nearly all of it was less than that."""
_USUAL_RANK: Final = 0.8
"""What a canceller is known to leave evenly is judged by this, too. Whatever else is heard now and then, dishes or the
beat of music, is not of the coach; and a lower rank would take longer to know that the room has changed."""
_OUTLIER: Final = 10.0
"""What is left is taken for a person's voice, and nothing is learned from it, where it is 10 dB more than that."""
_OUTLIERS_BLOCKS: Final = 1_500 // BLOCK_MS
"""But where it goes on for so long, it is the room that has changed: a coach that is interrupted is silent by then."""


class ResidualEcho:
    """Learns how much of what is played is left, block by block. One stream, one thread."""

    def __init__(self, spread: float | None = None) -> None:
        """Take how many times what is usual (`_USUAL_RANK`) the most that a canceller leaves can be, as power.

        None for one that takes away nearly everything, and lets a syllable through now and then.
        """
        self._spread = spread
        self._played: deque[float] = deque(maxlen=LINGERS_BLOCKS)
        self._heard: deque[float] = deque(maxlen=LINGERS_BLOCKS)
        self._room: deque[float] = deque(maxlen=_ROOM_BLOCKS)
        self._unplayed = 0
        self.forget()

    def forget(self) -> None:
        """Take that as much as is played may come back, until it is learned anew; the room's noise is the same."""
        self._left: deque[float] = deque([UNKNOWN], maxlen=LEARNED_BLOCKS)
        self._outliers = 0

    def estimate(self, reference: npt.NDArray[Any], microphone: npt.NDArray[Any], cleaned: npt.NDArray[Any]) -> float:
        """Take 20 ms of what is played, of what is heard and of what the canceller left of that, as 16-bit values.

        Return how much power (mean square) of the coach's own sound this may hold; 0 where nothing was played lately.
        """
        self._played.append(_power(reference))
        self._heard.append(_power(microphone))
        power = _power(cleaned)
        loudest = max(self._played)
        self._unplayed = self._unplayed + 1 if self._played[-1] < _UNPLAYED else 0
        if self._unplayed > _PAUSE_BLOCKS:
            self._room.append(power)
        if loudest < 1.0:
            return 0.0
        leak = self._leak()
        left = min(UNKNOWN, max(0.0, power - self._noise()) / loudest)
        self._outliers = self._outliers + 1 if left > _OUTLIER * leak else 0
        if self._outliers == 0 or self._outliers > _OUTLIERS_BLOCKS:
            self._left.append(left)
        return max(leak * loudest, ALWAYS_LEFT * max(self._heard))

    @property
    def part_left(self) -> float:
        """How much may be left, in parts of the loudest that the microphone heard lately; 1 where nothing is known."""
        loudest = max(self._heard, default=0.0)
        return min(1.0, self._leak() * max(self._played, default=0.0) / loudest) if loudest > 0.0 else 1.0

    def _noise(self) -> float:
        """Return the power of the noise that is always in the room, and hardly ever less."""
        if len(self._room) < _ROOM_LEAST:
            return 0.0
        return _ROOM_VARIES * sorted(self._room)[int(_ROOM_RANK * len(self._room))]

    def _leak(self) -> float:
        ranked = sorted(self._left)
        most, usual = (ranked[int(rank * len(ranked))] for rank in (_RANK, _USUAL_RANK))
        return most if self._spread is None else min(most, self._spread * usual)


def _power(block: npt.NDArray[Any]) -> float:
    samples = block.astype(np.float32)
    return float(samples.dot(samples)) / len(samples)
