"""Telling somebody a few things who need not answer. A `Dialogue`, performed as a session is.

    NotBegun ──▶ Telling ──▶ Ended

A voice is given the floor, as everywhere; then what was being said is said again, but not for ever: whoever goes on
talking has something else in mind, and is to be heard by what comes next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from voicecoach.coaching.messages import Notice, ReportEnd, ReportState, SpeechTable
from voicecoach.commands import Command
from voicecoach.routine.plan import Cue
from voicecoach.standby.dialogue import Dialogue

MOST_TIMES: Final = 2
"""How often it is taken up again after a voice. A judgement."""


@dataclass(frozen=True, slots=True)
class NotBegun:
    """Before `begin`."""


@dataclass(frozen=True, slots=True)
class Telling:
    """It is being said."""

    ends_ms: int
    times: int = 0
    """How often it was taken up again."""


@dataclass(frozen=True, slots=True)
class Ended:
    """It is over."""


State = NotBegun | Telling | Ended


class Announcement(Dialogue):
    """Says sentences, one after the other. Not thread-safe; owned by one shell."""

    def __init__(self, cues: Sequence[Cue], speech: SpeechTable) -> None:
        """Prepare. `speech` has the timing of all of them."""
        super().__init__(speech)
        self._cues = tuple(cues)
        self._state: State = NotBegun()

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return isinstance(self._state, Ended)

    def next_deadline(self) -> int | None:
        """Return when `advance` must be called at the latest."""
        match self._state:
            case NotBegun() | Ended():
                return None
            case Telling(ends_ms=at):
                return self._end_of_telling(at)
            case _:
                assert_never(self._state)

    def open_commands(self) -> frozenset[Command]:
        """Return none: nothing is waited for. "Finish" ends it all the same, where it comes."""
        return frozenset()

    @property
    def _has_begun(self) -> bool:
        return not isinstance(self._state, NotBegun)

    def _begin(self) -> None:
        self._say(self._cues)
        self._state = Telling(self._delivery.speech_ends_ms + 1)
        self._delivery.emit(ReportState(self._delivery.now, "telling"))

    def _pass_deadline(self) -> None:
        if isinstance(self._state, Telling):
            self._end()

    def _hear(self, command: Command, phrase: str) -> None:  # noqa: ARG002 - one phrase of it is as good as another
        if command is Command.FINISH:
            self._end()
            return
        self._return_floor()

    def _miss(self) -> None:
        """Go on: nothing is waited for."""

    def _notice(self, notice: Notice) -> None:
        """Say nothing of the machine: that is what is being told."""

    def _end(self) -> None:
        self._state = Ended()
        self._delivery.emit(ReportEnd(self._delivery.now, "done"))

    def _take_up(self) -> None:
        if not isinstance(self._state, Telling):
            return
        if self._state.times == MOST_TIMES:
            self._delivery.drop_speech()
            self._end()
            return
        ends_ms = max(self._state.ends_ms, self._delivery.speech_ends_ms + 1)
        self._state = Telling(ends_ms, self._state.times + 1)
