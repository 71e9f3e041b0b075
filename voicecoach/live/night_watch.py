"""Looks at the wall's clock for the hours in which nothing is said unasked."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from voicecoach.coaching.messages import Notice
from voicecoach.standby.night import QuietHours

_NS_PER_S: Final = 1_000_000_000
LOOKS_NS: Final = 10 * _NS_PER_S
WISHED_NS: Final = 8 * 3600 * _NS_PER_S
"""Where there are no hours in the settings, "good night" holds so long."""
CLOCK_WAS_SET_S: Final = 1_735_689_600
"""The beginning of 2025: a clock that shows less was never set, and says nothing about day and night."""


class NightWatch:
    """Tells when a night begins and ends. Times are monotonic nanoseconds, given by the caller."""

    def __init__(
        self,
        hours: QuietHours | None,
        wall_s: Callable[[], float] = time.time,
        tell: Callable[[str], None] = lambda _line: None,
    ) -> None:
        """Watch for these hours of local time; none where there are none. `tell` is given lines for people."""
        self._hours = hours
        self._wall_s = wall_s
        self._tell = tell
        self._clock_was_set = True
        self._due_ns: int | None = None
        self._in_hours = False
        self._wished_until_ns: int | None = None
        self._told = False

    @property
    def is_night(self) -> bool:
        """Whether it is night, by the clock or because somebody said good night; as of the last look."""
        return self._in_hours or self._wished_until_ns is not None

    def good_night(self, now_ns: int) -> None:
        """Take that it is to be quiet from now on: until the hours have passed, or for a while."""
        if self._wished_until_ns is None:
            self._wished_until_ns = now_ns + WISHED_NS
        self._told = True

    def look(self, now_ns: int) -> None:
        """Look, if it is time to. To be called all the while: also when there is nobody who could be told."""
        if self._due_ns is None or now_ns >= self._due_ns:
            self._due_ns = now_ns + LOOKS_NS
            self._see(now_ns)

    def notice(self, now_ns: int) -> Notice | None:
        """Look, if it is time to, and return what has changed since somebody was told."""
        self.look(now_ns)
        if self.is_night is self._told:
            return None
        self._told = self.is_night
        return Notice.NIGHT_BEGAN if self.is_night else Notice.NIGHT_ENDED

    def _see(self, now_ns: int) -> None:
        was_in_hours, self._in_hours = self._in_hours, self._are_in_hours()
        is_over = was_in_hours and not self._in_hours
        if self._wished_until_ns is not None and (is_over or now_ns >= self._wished_until_ns):
            self._wished_until_ns = None

    def _are_in_hours(self) -> bool:
        wall_s = self._wall_s()
        was_set, self._clock_was_set = self._clock_was_set, wall_s >= CLOCK_WAS_SET_S
        if was_set and not self._clock_was_set:
            self._tell("The clock was never set: the coach does not know day from night until it is.")
        elif self._clock_was_set and not was_set:
            self._tell("The clock has been set.")
        if self._hours is None or not self._clock_was_set:
            return False
        local = time.localtime(wall_s)
        return self._hours.contain(local.tm_hour * 60 + local.tm_min)
