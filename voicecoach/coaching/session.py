"""One performance of a plan. What drives it is in this file.

How it works
------------
A session is driven from outside. `begin(now)` starts it; `receive(input, now)` tells it what happened; `advance(now)`
tells it that time has passed, at the latest at `next_deadline()`. Each returns the actions to carry out. `now` is
session time in milliseconds and never goes backwards; a shell that plays sound with a delay gives the time at which new
sound can start, so that actions are never late. There is no clock, thread, file, sound or chance in here.

It is written in three layers, each of which knows only those below: the course of a session, and how it goes on from
any place (`course.py`); what each command does in every state (`obeying.py`); and this one.

There is one state (`states.py`) and one agenda (`agenda.py`). The agenda knows what is left to do and counts what was
done; the state knows what is going on at this moment. The first piece in the queue of the current visit is the one
being led into or worked on.

    Talking ──▶ Waiting ──▶ LeadingIn ──▶ Working ──▶ LeadingIn ... ──▶ Offering ──▶ next visit: Talking ... ──▶ Ended

Whatever interrupts (pause, stop, cramp, an explanation) first suspends the state: sounds stop, the time worked is
credited, and what remains becomes a continuation. So "the exact place" is kept by one mechanism, and an interruption of
an interruption needs no case of its own. Resuming work after anything longer than a moment leads in with three ticks.

A session is total and deterministic: the same calls with the same times bring a new one to the same place. So what a
journal has of the calls is all that is needed when the machine was switched off in the middle (`voicecoach.history`).
`come_back` then begins where the calls end: it suspends what went on, asks whether to go on or to start anew
(`BrokenOff`), and brings the person back into position with a whole get-ready.

A second, small machine says who has the floor. When somebody begins to speak, the coach falls silent (`VoiceStarted`);
what it had not said is kept, and said when the floor comes back, or dropped where it no longer fits. Holds and their
tones go on meanwhile; talk waits.

Tones of a piece of work are all scheduled when it begins, at exact times; sentences are placed between them
(`placing.py`).
"""

from __future__ import annotations

from typing import Final, assert_never

from voicecoach.coaching.agenda import Agenda
from voicecoach.coaching.course import NOTICE
from voicecoach.coaching.messages import (
    Action,
    CommandHeard,
    Input,
    MachineChanged,
    Notice,
    SetVolume,
    SpeechRendered,
    SpeechTable,
    VoiceIgnored,
    VoiceStarted,
)
from voicecoach.coaching.obeying import Obeying
from voicecoach.coaching.placing import NEVER_MS
from voicecoach.coaching.script import Line
from voicecoach.coaching.states import (
    BrokenOff,
    Ended,
    LeadingIn,
    NotBegun,
    Offering,
    Paused,
    State,
    Stopped,
    Talking,
    Waiting,
    Working,
)
from voicecoach.commands import STANDBY


class Session(Obeying):
    """A coaching session. Not thread-safe; owned by one shell. The module's docstring says how it is driven."""

    # What a shell may ask

    @property
    def state(self) -> State:
        """The state now, for reading only."""
        return self._state

    @property
    def ended(self) -> bool:
        """Whether the session is over."""
        return isinstance(self._state, Ended)

    @property
    def agenda(self) -> Agenda:
        """What is left and what was done, for reading only."""
        return self._agenda

    @property
    def now_ms(self) -> int:
        """The session time that it has been told."""
        return self._now

    @property
    def began_ms(self) -> int:
        """When it began, or began anew because that was asked for after the machine had stopped."""
        return self._began_ms

    @property
    def person_speaks(self) -> bool:
        """Whether somebody has the floor, for whom the coach is silent."""
        return self._delivery.person_speaks

    @property
    def words_per_minute(self) -> int:
        """The speed of speech that holds, once it has been rendered."""
        return self._words_per_minute

    @property
    def can_be_taken_up(self) -> bool:
        """Whether there is a place to come back to, should the machine stop now: not in the first or last words."""
        if isinstance(self._state, (NotBegun, Ended)) or self._ending():
            return False
        on_the_way = self._agenda.more_work and self._agenda.current is not self._agenda.visits[0]
        return on_the_way or self._exercise() is not None

    @property
    def place_moves(self) -> bool:
        """Whether the passing of time alone changes the place that it would come back to."""
        return isinstance(self._state, (Talking, LeadingIn, Working))

    def saying(self, now: int) -> str | None:
        """Return the sentence that the coach says at `now`: its words are closed to the hearing meanwhile."""
        return self._delivery.saying(now)

    def next_deadline(self) -> int | None:
        """Return when `advance` must be called at the latest; none once the session has ended."""
        floor = self._delivery.floor_returns_ms
        match self._state:
            case NotBegun() | Ended():
                return None
            case Talking() if self._delivery.person_speaks:
                return floor
            case Talking(ends_ms=at) | Waiting(ends_ms=at) | LeadingIn(ends_ms=at) | Offering(ends_ms=at):
                return min(at, floor)
            case BrokenOff(ends_ms=at):
                return min(at, floor)
            case Working() as work:
                return min(work.ends_ms, floor)
            case Paused(reminds_ms=at) | Stopped(reminds_ms=at):
                return min(at, floor)
            case _:
                assert_never(self._state)

    # What drives it

    def begin(self, now: int) -> list[Action]:
        """Start. Call once, first."""
        if not isinstance(self._state, NotBegun):
            raise ValueError("a session begins once")
        self._delivery.now = self._began_ms = now
        if self._volume_db:
            self._delivery.emit(SetVolume(self._volume_db))
        self._enter_visit()
        return self._delivery.take_actions()

    def come_back(self, now: int, speech: SpeechTable) -> list[Action]:
        """Begin again where the machine stopped. Call first, in place of `begin`, where `can_be_taken_up`.

        The session is one that was brought here by the calls of a journal, whose actions nobody carries out. `speech`
        has the timing of every sentence as rendered now, at `words_per_minute`.
        """
        if not self.can_be_taken_up:
            raise ValueError("there is nothing to come back to")
        self._advance_to(now)
        then = self._suspend()
        self._delivery.take_actions()
        self._delivery.change_speech(speech)
        if self._volume_db:
            self._delivery.emit(SetVolume(self._volume_db))
        self._last_side = None
        self._report_all("broken_off")
        self._ask_to_go_on(self._from_outside(then))
        return self._delivery.take_actions()

    def receive(self, message: Input, now: int) -> list[Action]:
        """Take an input and return what to do. What was due before it is done first."""
        self._advance_to(now)
        if not isinstance(self._state, (NotBegun, Ended)):
            match message:
                case CommandHeard(command=command):
                    self._delivery.forgive()
                    if command in STANDBY:
                        self._not_now()
                    else:
                        self._handlers[command](self)
                    self._return_floor()
                case VoiceStarted():
                    self._delivery.give_floor(self._timing.voice_ms)
                case VoiceIgnored():
                    self._return_floor()
                    if message.like_speech:
                        self._sound_not_understood()
                case SpeechRendered():
                    self._delivery.change_speech(message.table)
                case MachineChanged(notice=Notice.NIGHT_BEGAN | Notice.NIGHT_ENDED):
                    pass
                case MachineChanged(notice=notice):
                    self._take_notice(notice)
                    self._give_notice()
                case _:
                    assert_never(message)
        return self._done()

    def advance(self, now: int) -> list[Action]:
        """Let time pass and return what to do."""
        self._advance_to(now)
        return self._done()

    def _done(self) -> list[Action]:
        if not isinstance(self._state, (NotBegun, Ended)):
            self._report_changes("interrupted")
        return self._delivery.take_actions()

    def _advance_to(self, now: int) -> None:
        if now < self._now:
            raise ValueError(f"session time went backwards, from {self._now} to {now} ms")
        while (deadline := self.next_deadline()) is not None and deadline <= now:
            late = now - deadline > self._timing.late_ms
            self._delivery.now = max(self._now, now if late else deadline)
            self._pass_deadline()
            if not isinstance(self._state, Ended):
                self._catch_up()
                self._give_notice()
        self._delivery.now = max(self._now, now)
        self._delivery.forget_the_past()

    def _take_notice(self, notice: Notice) -> None:
        """Take note of what the person should be told, in place of what is no longer so."""
        sense = _SENSE_OF[notice]
        self._notices = [kept for kept in self._notices if _SENSE_OF[kept] != sense]
        last = next((told for told in reversed(self._told) if _SENSE_OF[told] == sense), None)
        is_known = notice is not Notice.SOUND_RETURNED or not self._may_tell(notice)
        if not (last is notice and is_known):
            self._notices.append(notice)

    def _may_tell(self, notice: Notice) -> bool:
        return self._now - self._told.get(notice, -NEVER_MS) >= self._timing.notice_again_ms

    def _give_notice(self) -> None:
        """Say what the person should know of the machine, if there is room for it now; else after the next deadline.

        Something that comes and goes is told no more often than once a minute.
        """
        for notice in self._notices:
            if not self._may_tell(notice) or self._delivery.person_speaks:
                continue
            said = [self._script.line(Line(notice.value))]
            if self._answer(NOTICE, said.copy, later=False):
                self._told.pop(notice, None)
                self._told[notice] = self._now
                self._notices.remove(notice)
                return

    def _pass_deadline(self) -> None:
        """Do what is due at `self._now`."""
        if self._delivery.floor_returns_ms <= self._now:
            self._return_floor()
            return
        match self._state:
            case Talking(then=then):
                self._follow(then)
            case Waiting():
                self._delivery.drop_speech()
                self._step()
            case LeadingIn(piece=piece):
                self._begin_work(piece)
            case Working() as work:
                self._end_work(work)
            case Offering(pieces=pieces) if self._agenda.current.passed_over:
                self._decline_offer(pieces)
            case Offering(pieces=pieces):
                self._accept_offer(pieces)
            case BrokenOff(then=then):
                self._delivery.drop_speech()
                self._follow(then)
            case Paused(since_ms=since):
                self._remind(since, Line.PAUSED)
            case Stopped(since_ms=since):
                self._remind(since, Line.STOPPED)
            case NotBegun() | Ended():
                raise AssertionError("no deadline is set here")
            case _:
                assert_never(self._state)


_SENSE_OF: Final = {
    Notice.SOUND_RETURNED: "sound",
    Notice.HEARING_LOST: "hearing",
    Notice.HEARING_RETURNED: "hearing",
    Notice.RECORD_LOST: "record",
}
"""What a notice is about: a newer one about the same takes the place of one that nobody was told yet."""
