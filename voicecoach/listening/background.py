"""How loud it is in the room when nobody speaks, and so from which level on a sound stands out."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

SILENT_POWER = 20.0**2
"""Mean square of 16-bit samples below which a frame is silence: -64 dB of full scale, under speech across a room."""
STANDS_OUT = 10 ** (3 / 10)
"""A voiced frame has this many times (3 dB) the power that nine of ten background frames stay under: the background
sets its own margin, narrow for a fan, wide for a café."""
SILENT_ROOM = 2 * SILENT_POWER * STANDS_OUT
"""Up to here a room is silent: 3 dB above the lowest threshold that there is. In the bench's kitchens, where only the
gaps between dishes are quiet, it was 33 to 50 dB (mean square of 16-bit samples), and this is 32. What is left of a
loud echo is as loud, so only what is heard without the coach counts."""
USUAL_FRAMES = 150
"""The background is what was heard in the last 3 s outside of utterances: shorter forgets it in a pause of a radio."""
ROOM_FRAMES = 15
"""Less than 300 ms without the coach do not tell whether the room is silent."""
LATEST_FRAMES = 40
"""Steadiness is judged over 800 ms: longer than a vowel in a command is held."""
STEADY = 10 ** (6 / 10)
"""Sound whose soft and loud frames (first and last tenth) differ by less is noise; recordings differ by 23 dB."""
RELEARN_FRAMES = 10
"""How often all this is worked out anew: every 200 ms, so that it costs next to nothing."""


class Background:
    """Learns the level of the background from the power of 20 ms frames."""

    def __init__(self) -> None:
        self.silent_power = SILENT_POWER
        """The power below which a frame is silence; lower where the microphone is set too low (`gain.py`)."""
        self.threshold = SILENT_POWER * STANDS_OUT
        """The power from which a frame stands out."""
        self.is_steady = False
        """Whether the last 800 ms were a steady noise."""
        self.is_usually_steady = False
        """Whether what is heard outside of utterances is one."""
        self._usual: deque[float] = deque(maxlen=USUAL_FRAMES)
        self._latest: deque[float] = deque(maxlen=LATEST_FRAMES)
        self._room: deque[float] = deque(maxlen=USUAL_FRAMES)
        """What is usual, of the times in which nothing of the coach was in it."""
        self._room_threshold = float("inf")
        self._seen = 0

    @property
    def is_silent(self) -> bool:
        """Whether there is hardly anything in the room, but for what is left of the coach, to stand out from."""
        return min(self.threshold, self._room_threshold) * SILENT_POWER <= SILENT_ROOM * self.silent_power

    def add(self, power: float, in_utterance: bool, echo_power: float = 0.0) -> None:
        """Take the mean square of the next frame, and how much of that may be what is left of the coach's own sound.

        What is heard in an utterance is background only if it is steady.
        """
        self._latest.append(power)
        if not in_utterance:
            self._usual.append(power)
            if echo_power <= 0.0:
                self._room.append(power)
        self._seen += 1
        if self._seen % RELEARN_FRAMES == 0:
            self._relearn()

    def _relearn(self) -> None:
        self.is_steady = _is_steady(self._latest, self.silent_power)
        if self.is_steady:
            # All of them, else the first few frames of somebody who begins to speak would be a tenth of what is usual.
            self._usual.extend(list(self._latest) * (USUAL_FRAMES // LATEST_FRAMES + 1))
        if self._usual:
            self.threshold = _threshold(self._usual, self.silent_power)
            self.is_usually_steady = _is_steady(self._usual, self.silent_power)
        if len(self._room) >= ROOM_FRAMES:
            self._room_threshold = _threshold(self._room, self.silent_power)


def _is_steady(powers: Collection[float], silent: float) -> bool:
    """Tell whether these, if there are enough, are those of a steady noise."""
    ordered = sorted(powers)
    tenth = len(ordered) // 10
    enough = len(ordered) >= LATEST_FRAMES
    return enough and ordered[-tenth - 1] < STEADY * max(ordered[tenth], silent)


def _threshold(powers: Collection[float], silent: float) -> float:
    """Return the power from which a frame stands out from the others."""
    usual = sorted(powers)[-len(powers) // 10]
    return max(usual, silent) * STANDS_OUT
