"""When systemd is told that the coach is alive: while its own loop gets on, and not because a process exists.

Three layers, each for what the one below cannot see. The coach's keepers watch the children by evidence (sound taken,
blocks heard) and replace them, as often as it takes. systemd watches the coach by this, and replaces it where its loop
hangs, or turns without getting on. Nothing restarts the machine: what does not work for lack of a loudspeaker would not
work better after that.
"""

from __future__ import annotations

from typing import Final

from voicecoach.service.notify import Notifier

_NS_PER_S: Final = 1_000_000_000
_TIMES: Final = 4
"""How often in the time that systemd allows. One report that is lost does not matter."""


class Watchdog:
    """Reports to systemd for one loop. Times are monotonic nanoseconds, given by the caller."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        limit_s = notifier.watchdog_s
        self._every_ns = int(limit_s * _NS_PER_S / _TIMES) if limit_s is not None else None
        self._due_ns: int | None = None
        self._ready = False

    def turned(self, now_ns: int, *, gets_on: bool) -> None:
        """Take that the loop has gone round once, and whether it did what was due by then."""
        if not gets_on:
            return
        if not self._ready:
            self._ready = True
            self._notifier.ready()
        if self._every_ns is not None and (self._due_ns is None or now_ns >= self._due_ns):
            self._due_ns = now_ns + self._every_ns
            self._notifier.alive()
