"""Keeps one kind of child process going, by evidence: what does not get on is killed, what has died is started again.

That a process exists says nothing: a sound server that hangs leaves it waiting for ever. So whoever reads its messages
tells the keeper when there was progress.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from voicecoach.live.child import Child

NS_PER_S: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient a keeper is, in seconds."""

    start_s: float
    """From the start to the first progress."""
    progress_s: float
    """From one progress to the next."""
    first_delay_s: float = 0.1
    """Before the first new start; it doubles with every failure in a row."""
    longest_delay_s: float = 5.0
    settled_s: float = 10.0
    """What has worked for so long counts as a success, and the delays begin anew."""


class Keeper:
    """Owns at most one child at a time. Times are monotonic nanoseconds, given by the caller."""

    def __init__(self, start: Callable[[], Child], limits: Limits) -> None:
        self.child: Child | None = None
        self.starts = 0
        self._start = start
        self._limits = limits
        self._failures = 0
        self._due_ns = 0
        self._started_ns = 0
        self._progress_ns: int | None = None
        self._dying: list[Child] = []

    @property
    def works(self) -> bool:
        """Whether there is a child that has shown progress."""
        return self.child is not None and self._progress_ns is not None

    def attend(self, now_ns: int) -> str | None:
        """Start what is due and bury what has died. Return why the child was lost just now, if it was."""
        self._dying = [child for child in self._dying if not child.reap()]
        if self.child is None:
            if now_ns >= self._due_ns:
                self._begin(now_ns)
            return None
        why = self._trouble(self.child, now_ns)
        if why is not None:
            self.replace(now_ns)
        return why

    def be_patient(self, limits: Limits) -> None:
        """Take these limits from now on."""
        self._limits = limits

    def progress(self, now_ns: int) -> None:
        """Take that the child has got on, or had nothing to do."""
        self._progress_ns = now_ns

    def replace(self, now_ns: int) -> None:
        """Kill the child, and start another one after a delay."""
        worked_ns = now_ns - self._started_ns if self._progress_ns is not None else 0
        if worked_ns >= self._limits.settled_s * NS_PER_S:
            self._failures = 0
        delay_s = min(self._limits.longest_delay_s, self._limits.first_delay_s * 2 ** min(self._failures, 20))
        self._failures += 1
        self._due_ns = now_ns + int(delay_s * NS_PER_S)
        self._kill()

    def close(self, limit_s: float) -> None:
        """Kill the child for good, and wait for it to be gone, but no longer than that."""
        self._kill()
        for child in self._dying:
            child.reap(limit_s)

    def _begin(self, now_ns: int) -> None:
        self._started_ns = now_ns
        self._progress_ns = None
        self.starts += 1
        try:
            self.child = self._start()
        except OSError:
            # Out of processes or memory: that passes.
            self.replace(now_ns)

    def _kill(self) -> None:
        if self.child is not None:
            self.child.kill()
            self._dying.append(self.child)
            self.child = None

    def _trouble(self, child: Child, now_ns: int) -> str | None:
        if not child.alive:
            return "its process ended"
        since, limit_s = self._started_ns, self._limits.start_s
        if self._progress_ns is not None:
            since, limit_s = self._progress_ns, self._limits.progress_s
        return f"it did nothing for {limit_s:g} s" if now_ns - since > limit_s * NS_PER_S else None
