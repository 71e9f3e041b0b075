"""The time between two sessions, as a second state machine beside the session: every transition of it is in this file.

It is a `Dialogue`, performed by the same shells as a session. While it waits there is no deadline, so nothing has to be
done.

    Waiting ──▶ Starting ──▶ Ended            "coach, start feet"
       ▲  │
       └──┘                                   everything else is answered at once

It obeys only what begins with the address, which its language pack sees to. Speech that is not meant for it is not
answered, not even by a tone: a radio may be on all day. While it is quiet it says nothing unasked, and answers softly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from voicecoach.coaching.messages import Notice, ReportEnd, ReportState, SetVolume, SpeechTable
from voicecoach.coaching.placing import GAP_MS
from voicecoach.coaching.timing import LEAST_VOLUME_DB, MOST_VOLUME_DB, VOLUME_STEP_DB
from voicecoach.commands import Command
from voicecoach.routine.plan import Cue
from voicecoach.standby.dialogue import Dialogue
from voicecoach.standby.routines import Startable
from voicecoach.standby.script import StandbyLine, StandbyScript

SURE_CALL = 0.7
"""Confidence from which a call is obeyed: more than in a session, because nobody is there to be asked, and all day long
something else is said. Of 69 minutes of talk and prompts one sentence was taken for a call, "not again" for "coach
again", with 0.61. Of 35 calls from 2 m in a quiet room (RT60 0.3 s) 1 has less than 0.7, and 7 have less than 0.8
(x86_64 virtual machine, seeded trial of 2026-11-25)."""
QUIETER_DB = 12
"""By so much the coach speaks softer while it is quiet."""


@dataclass(frozen=True, slots=True)
class NotBegun:
    """Before `begin`."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing is to be done. An answer may still be sounding."""


@dataclass(frozen=True, slots=True)
class Starting:
    """The routine is named, and begins when that has been said."""

    routine: Startable
    ends_ms: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A session is to begin, or the coach was asked to end."""

    routine: Startable | None


State = NotBegun | Waiting | Starting | Ended


class Standby(Dialogue):
    """The coach between sessions. Not thread-safe; owned by one shell."""

    def __init__(
        self,
        script: StandbyScript,
        speech: SpeechTable,
        calls: Mapping[str, Startable],
        *,
        last: Startable | None = None,
        volume_db: int = 0,
        quiet: bool = False,
        opening: Sequence[Cue] = (),
    ) -> None:
        """Wait to be called. `speech` has the timing of every text in `script.texts()`.

        `calls` has the routine of each phrase that asks for one; `last` is the one that was done last. `opening` is
        said at first, unless it is quiet.
        """
        super().__init__(speech)
        self._script = script
        self._calls = {phrase.casefold(): routine for phrase, routine in calls.items()}
        self._last = last
        self._volume_db = volume_db
        self._quiet = quiet
        self._opening = tuple(opening)
        self._state: State = NotBegun()

    # What a shell may ask

    @property
    def state(self) -> State:
        """The state now, for reading only."""
        return self._state

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return isinstance(self._state, Ended)

    @property
    def chosen(self) -> Startable | None:
        """The routine that is to begin now; none until then."""
        return self._state.routine if isinstance(self._state, Ended) else None

    @property
    def volume_db(self) -> int:
        """The volume that the person wishes, in decibels."""
        return self._volume_db

    @property
    def quiet(self) -> bool:
        """Whether nothing is said unasked."""
        return self._quiet

    def next_deadline(self) -> int | None:
        """Return when `advance` must be called at the latest; none while there is nothing to wait for."""
        match self._state:
            case NotBegun() | Ended():
                return None
            case Waiting():
                return self._delivery.floor_returns_ms if self._delivery.person_speaks else None
            case Starting(ends_ms=at):
                return min(at, self._delivery.floor_returns_ms)
            case _:
                assert_never(self._state)

    def open_commands(self) -> frozenset[Command]:
        """Return the commands that are obeyed now."""
        match self._state:
            case Waiting():
                calls = {Command.START_ROUTINE, Command.AGAIN, Command.ABILITIES, Command.GOOD_NIGHT}
                return frozenset(calls | {Command.LOUDER, Command.QUIETER})
            case NotBegun() | Starting() | Ended():
                return frozenset()
            case _:
                assert_never(self._state)

    @property
    def _has_begun(self) -> bool:
        return not isinstance(self._state, NotBegun)

    def _begin(self) -> None:
        self._set_volume()
        self._wait()
        if not self._quiet:
            self._say(self._opening)

    def _pass_deadline(self) -> None:
        if isinstance(self._state, Starting):
            self._end(self._state.routine)

    # What is asked

    def _hear(self, command: Command, phrase: str) -> None:
        self._delivery.drop_speech()
        self._delivery.return_floor()
        match command:
            case Command.FINISH:
                # Said by nobody: a shell that has to end says so.
                self._end(None)
            case _ if isinstance(self._state, Starting):
                return
            case Command.START_ROUTINE:
                routine = self._calls.get(phrase.casefold())
                if routine is not None:
                    self._start(routine)
            case Command.AGAIN:
                if self._last is not None:
                    self._start(self._last)
                else:
                    self._confirm()
                    self._say([self._script.line(StandbyLine.NOTHING_DONE)])
            case Command.ABILITIES:
                self._confirm()
                self._say(self._script.abilities())
            case Command.GOOD_NIGHT:
                self._confirm()
                self._quiet = True
                self._set_volume()
                self._say([self._script.line(StandbyLine.GOOD_NIGHT)])
            case Command.LOUDER:
                self._change_volume(VOLUME_STEP_DB)
            case Command.QUIETER:
                self._change_volume(-VOLUME_STEP_DB)
            case _:
                # What only makes sense in a session is no call.
                return

    def _start(self, routine: Startable) -> None:
        self._confirm()
        if not routine.is_sound:
            self._say([self._script.faulty(routine)])
            return
        self._say([self._script.starting(routine)])
        self._state = Starting(routine, self._delivery.speech_ends_ms + GAP_MS)
        self._delivery.emit(ReportState(self._delivery.now, "starting", routine.title))

    def _change_volume(self, step_db: int) -> None:
        self._volume_db = max(LEAST_VOLUME_DB, min(MOST_VOLUME_DB, self._volume_db + step_db))
        self._set_volume()
        self._confirm()

    def _notice(self, notice: Notice) -> None:
        match notice:
            case Notice.NIGHT_BEGAN | Notice.NIGHT_ENDED:
                self._quiet = notice is Notice.NIGHT_BEGAN
                self._set_volume()
            case Notice.HEARING_LOST if not self._quiet:
                self._say([self._script.line(StandbyLine.NOT_HEARING)])
            case Notice.HEARING_RETURNED if not self._quiet:
                self._say([self._script.line(StandbyLine.HEARING)])
            case _:
                # Nobody has missed anything.
                return

    # Entering states

    def _wait(self) -> None:
        self._state = Waiting()
        self._delivery.emit(ReportState(self._delivery.now, "standby"))

    def _end(self, routine: Startable | None) -> None:
        self._state = Ended(routine)
        self._delivery.emit(ReportEnd(self._delivery.now, "called" if routine is not None else "finished"))

    # Sounding

    def _return_floor(self) -> None:
        if isinstance(self._state, Starting):
            # Whoever speaks here knows what begins.
            self._delivery.return_floor()
        else:
            super()._return_floor()

    def _miss(self) -> None:
        """Say nothing: it was not meant for the coach."""

    def _take_up(self) -> None:
        """Stay as it is: waiting has no end."""

    def _set_volume(self) -> None:
        softer = QUIETER_DB if self._quiet else 0
        self._delivery.emit(SetVolume(max(LEAST_VOLUME_DB, self._volume_db - softer)))
