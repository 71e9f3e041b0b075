"""What went wrong with the sound of a session, added up over all the sound processes it had."""

from __future__ import annotations

from collections import Counter

from voicecoach.live.wire import Status

_NAMED = {
    "underflows": "gaps in what was played (underflows)",
    "overflows": "gaps in what was heard (overflows)",
    "late": "sounds later than their time",
    "faults": "exceptions in the sound process",
}


class SoundFaults:
    """Adds up the counts of each process's last status."""

    def __init__(self) -> None:
        self._before: Counter[str] = Counter()
        self._now: Counter[str] = Counter()

    def count(self, status: Status) -> None:
        """Take how things are with the process that runs now."""
        self._now = Counter({name: getattr(status, name) for name in _NAMED})

    def start_anew(self) -> None:
        """Take that the process is gone, and that another one counts from zero."""
        self._before += self._now
        self._now = Counter()

    def summary(self) -> str | None:
        """Return a line for the log; none where nothing went wrong."""
        total = self._before + self._now
        if not total.total():
            return None
        return "Sound in this session: " + ", ".join(f"{total[name]} {_NAMED[name]}" for name in _NAMED if total[name])
