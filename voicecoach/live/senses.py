"""What the person has to be told about the machine: when, and that it is told once."""

from __future__ import annotations

from typing import Final

from voicecoach.coaching.messages import Notice
from voicecoach.live.keeper import NS_PER_S

SILENT_NS: Final = NS_PER_S
"""A silence shorter than this is not worth a sentence."""
DEAF_NS: Final = 5 * NS_PER_S
"""A hearing process that was replaced is back by then."""


class Senses:
    """Watches whether the coach can sound and hear. Times are monotonic nanoseconds, given by the caller."""

    def __init__(self, now_ns: int, *, hears_in_ns: int = 0) -> None:
        """Begin with a coach that can sound, and that is going to hear after some time."""
        self._sounded_ns = now_ns
        self._silent = False
        self._heard_ns = now_ns + hears_in_ns
        self._deaf = False

    def lose_ears(self, now_ns: int) -> None:
        """Take that what was to hear has died, so that there is no reason to wait any longer than usual."""
        self._heard_ns = min(self._heard_ns, now_ns)

    def see(self, now_ns: int, *, sounds: bool, hears: bool) -> Notice | None:
        """Take how things are, and return what is to be told."""
        if hears:
            self._heard_ns = now_ns
        if not sounds:
            self._silent = self._silent or now_ns - self._sounded_ns >= SILENT_NS
            return None
        self._sounded_ns = now_ns
        if self._silent:
            self._silent = False
            return Notice.SOUND_RETURNED
        if self._deaf and hears:
            self._deaf = False
            return Notice.HEARING_RETURNED
        if not self._deaf and now_ns - self._heard_ns >= DEAF_NS:
            self._deaf = True
            return Notice.HEARING_LOST
        return None
