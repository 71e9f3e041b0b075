"""Hearing where no echo can be taken out of the microphone: while the coach sounds, only urgent words, and no give-way.

What the ears notice then is mostly the coach itself. An urgent word over its voice may be missed, and can be said
again; but it never interrupts itself, and it obeys what may be its own words only where there is little doubt of them.
"""

from __future__ import annotations

from typing import Final, assert_never

from voicecoach.listening.sensations import Heard, Ignored, Sensation, VoiceBegan

LINGERS_MS: Final = 500
"""What the coach sounded is still in the device's buffers and in the room for this long."""
SURE: Final = 0.8
"""Confidence from which an urgent word is obeyed meanwhile. The coach's own voice as loud as it is was taken for "wait"
with 0.28; a person's "stop" in quiet is heard with 0.95 to 0.97."""


class HalfDuplex:
    """Keeps what is the coach's own sound away from the session. Times are the session's milliseconds."""

    def __init__(self) -> None:
        self._until_ms = 0
        self._let_through = True
        """Whether the session was told of the voice that began last."""

    def deafened(self, now_ms: int, sounding: bool) -> bool:
        """Take whether the coach sounds now, and tell whether only urgent words are to be heard."""
        if sounding:
            self._until_ms = now_ms + LINGERS_MS
        return now_ms < self._until_ms

    def lets_through(self, sensation: Sensation) -> bool:
        """Tell whether the session is to know of it."""
        match sensation:
            case VoiceBegan(at_ms=at_ms):
                self._let_through = at_ms >= self._until_ms
                return self._let_through
            case Heard(confidence=confidence):
                return self._let_through or confidence >= SURE
            case Ignored():
                return self._let_through
            case _:
                assert_never(sensation)
