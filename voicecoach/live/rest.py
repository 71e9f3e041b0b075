"""When the loudspeaker is let go because nothing is to sound, and when it is opened again.

An open stream keeps a loudspeaker awake and costs more than listening does. So between sessions it is closed once it
has been silent for a while, and opened again when something is to sound. Session time goes on while it rests, for the
device could be opened; it stands still from the moment at which it is wanted until it has been given some silence, so
nothing that is scheduled is too early for it.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from voicecoach.live.keeper import NS_PER_S

REST_AFTER_NS: Final = 10 * NS_PER_S
"""Whoever has been answered may say the next thing within this time, and is answered as fast."""
LEAD_NS: Final = 3 * NS_PER_S // 10
"""Silence that is given to a loudspeaker that rested, before the first sound, which is a tone of 0.12 s: so the first
word comes almost as late after the opening as at the start of a session, see `WARM_UP_NS`. A judgement."""


class Change(Enum):
    """What is to be done with the stream."""

    LET_GO = auto()
    OPEN = auto()


class _State(Enum):
    AWAKE = auto()
    RESTING = auto()
    OPENING = auto()


class Rest:
    """Decides whether the loudspeaker rests. Times are monotonic nanoseconds, given by the caller."""

    def __init__(self) -> None:
        """Begin with one that is awake."""
        self._state = _State.AWAKE
        self._wanted_ns: int | None = None

    @property
    def is_resting(self) -> bool:
        """Whether it has been let go, and nothing is to sound."""
        return self._state is _State.RESTING

    @property
    def is_awake(self) -> bool:
        """Whether its stream is not known to be closed."""
        return self._state is _State.AWAKE

    def see(self, now_ns: int, *, works: bool, wanted: bool) -> Change | None:
        """Take whether the loudspeaker works and whether it is wanted, and return what is to be done, once."""
        if self._wanted_ns is None or wanted or not (works or self.is_resting):
            self._wanted_ns = now_ns
        if self._state is _State.AWAKE and now_ns - self._wanted_ns >= REST_AFTER_NS:
            self._state = _State.RESTING
            return Change.LET_GO
        if self._state is _State.RESTING and wanted:
            self._state = _State.OPENING
            return Change.OPEN
        return None

    def opened(self) -> None:
        """Take that its stream is open again, or that another process has it now."""
        self._state = _State.AWAKE
        self._wanted_ns = None
