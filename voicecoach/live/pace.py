"""Sees that what opened as a loudspeaker is none: ALSA's null device, or a file, takes sound as fast as it is made."""

from __future__ import annotations

from typing import Final

from voicecoach.units import OUTPUT_RATE_HZ

_WINDOW_NS: Final = 300_000_000
"""Shorter than the silence before the first sound: so it is found out before a session begins."""
_FASTEST: Final = 10.0
"""Times its rate. A loudspeaker that is opened first takes what its buffers hold; with the longest that were seen, 2 s,
that is 8 times its rate in this time. Devices without a clock take a hundred times it, or more."""


class Pace:
    """Compares what a device has taken with the time that has passed."""

    def __init__(self) -> None:
        self._since: tuple[int, int] | None = None

    def is_impossible(self, at_ns: int, position: int) -> bool:
        """Take that the device had taken `position` frames at a monotonic time; tell whether nobody can hear that."""
        if self._since is None:
            self._since = (at_ns, position)
            return False
        since_ns, since_position = self._since
        if at_ns - since_ns < _WINDOW_NS:
            return False
        self._since = (at_ns, position)
        return position - since_position > _FASTEST * OUTPUT_RATE_HZ * (at_ns - since_ns) / 1e9
