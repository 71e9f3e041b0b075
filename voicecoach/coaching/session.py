"""One performance of a plan: every transition of the coach is in this file.

How it works
------------
A session is driven from outside. `begin(now)` starts it; `receive(input, now)` tells it what happened; `advance(now)`
tells it that time has passed, at the latest at `next_deadline()`. Each returns the actions to carry out. `now` is
session time in milliseconds and never goes backwards; a shell that plays sound with a delay gives the time at which new
sound can start, so that actions are never late. There is no clock, thread, file, sound or chance in here.

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

from collections.abc import Callable, Iterable
from typing import ClassVar, Final, assert_never

from voicecoach.coaching.agenda import Agenda, Fate, Form, Piece, Visit
from voicecoach.coaching.delivery import NEVER_MS, Delivery
from voicecoach.coaching.messages import (
    TONE_LENGTH_MS,
    Action,
    CommandHeard,
    Input,
    MachineChanged,
    Notice,
    RenderSpeech,
    ReportEnd,
    ReportLedger,
    ReportState,
    SetVolume,
    SpeechRendered,
    SpeechTable,
    Tone,
    VoiceIgnored,
    VoiceStarted,
)
from voicecoach.coaching.placing import GAP_MS, Spoken
from voicecoach.coaching.script import Line, Script
from voicecoach.coaching.states import (
    AskAgain,
    BrokenOff,
    Continuation,
    End,
    Ended,
    GoOn,
    KeepTalking,
    LeadIn,
    LeadingIn,
    Leave,
    NotBegun,
    OfferAgain,
    Offering,
    Paused,
    Purpose,
    State,
    StayPaused,
    StayStopped,
    Stopped,
    Talking,
    WaitAgain,
    Waiting,
    Work,
    Working,
)
from voicecoach.coaching.timing import (
    FASTEST_WPM,
    LEAST_VOLUME_DB,
    MOST_VOLUME_DB,
    SLOWEST_WPM,
    SPEED_STEP,
    VOLUME_STEP_DB,
    Timing,
)
from voicecoach.commands import STANDBY, Command
from voicecoach.routine.plan import CrampPolicy, Cue, Plan, PlannedExercise, SegmentKind, Side


class Session:
    """A coaching session. Not thread-safe; owned by one shell. The module's docstring says how it is driven."""

    def __init__(
        self,
        plan: Plan,
        script: Script,
        speech: SpeechTable,
        *,
        words_per_minute: int = 160,
        volume_db: int = 0,
        timing: Timing | None = None,
    ) -> None:
        """Prepare to perform `plan`. `speech` has the timing of every text in `script.texts(plan)`.

        `volume_db` is the level to begin at, from `LEAST_VOLUME_DB` to `MOST_VOLUME_DB`.
        """
        self._plan = plan
        self._script = script
        self._timing = timing or Timing()
        self._agenda = Agenda(plan)
        self._delivery = Delivery(speech)
        self._state: State = NotBegun()
        self._last_side: Side | None = None
        self._previous_at = -NEVER_MS
        self._earcon_at = -NEVER_MS
        self._volume_db = volume_db
        self._words_per_minute = words_per_minute
        self._notices: list[Notice] = []
        self._began_ms = 0

    # What a shell may ask

    @property
    def state(self) -> State:
        """The state now, for reading only."""
        return self._state

    @property
    def _now(self) -> int:
        return self._delivery.now

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

    def open_commands(self) -> frozenset[Command]:
        """Return the commands that make sense now. Others are answered too, with "not now"."""
        always = {Command.CRAMP, Command.STOP, Command.FINISH, Command.HELP, Command.LOUDER, Command.QUIETER}
        match self._state:
            case NotBegun() | Ended():
                return frozenset()
            case Stopped():
                return frozenset(always | {Command.RESUME, Command.READY, Command.HURTS})
            case Offering():
                more = {Command.YES, Command.NO}
            case BrokenOff():
                more = {Command.RESUME, Command.READY, Command.YES}
            case Paused() | Talking(purpose=Purpose.RECOVERY):
                more = {Command.RESUME, Command.READY}
            case Waiting():
                more = {Command.READY, Command.RESUME, Command.YES, Command.MORE_TIME}
            case LeadingIn() | Talking():
                more = {Command.READY}
            case Working():
                more = set()
            case _:
                assert_never(self._state)
        always |= {Command.PAUSE, Command.NEXT, Command.PREVIOUS, Command.REPEAT, Command.SLOWER, Command.FASTER}
        always |= {Command.TIME_LEFT, Command.WHATS_NEXT, Command.WHERE}
        if self._exercise() is not None:
            always |= {Command.EXPLAIN, Command.BACK_OFF, Command.HURTS, Command.EASIER, Command.HARDER}
            always |= {Command.SWITCH} if self._one_side_at_a_time() else set()
        if isinstance(self._state, (Working, LeadingIn)):
            always.add(Command.MORE_TIME)
        return frozenset(always | more)

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
                    self._notices = [kept for kept in self._notices if _SENSE_OF[kept] != _SENSE_OF[notice]]
                    self._notices.append(notice)
                    self._give_notice()
                case _:
                    assert_never(message)
        return self._delivery.take_actions()

    def advance(self, now: int) -> list[Action]:
        """Let time pass and return what to do."""
        self._advance_to(now)
        return self._delivery.take_actions()

    def _advance_to(self, now: int) -> None:
        if now < self._now:
            raise ValueError(f"session time went backwards, from {self._now} to {now} ms")
        while (deadline := self.next_deadline()) is not None and deadline <= now:
            late = now - deadline > self._timing.late_ms
            self._delivery.now = max(self._now, now if late else deadline)
            self._pass_deadline()
            self._give_notice()
        self._delivery.now = max(self._now, now)
        self._delivery.forget_the_past()

    def _give_notice(self) -> None:
        """Say what the person should know of the machine, if there is room for it now; else after the next deadline."""
        if self._notices and not isinstance(self._state, (NotBegun, Ended)):
            line = self._script.line(Line(self._notices[0].value))
            if self._answer([line]):
                del self._notices[0]

    def _pass_deadline(self) -> None:
        """Do what is due at `self._now`."""
        if self._delivery.floor_returns_ms <= self._now:
            self._return_floor()
            return
        match self._state:
            case Talking(then=then):
                self._follow(then)
            case Waiting():
                self._step()
            case LeadingIn(piece=piece):
                self._begin_work(piece)
            case Working() as work:
                self._end_work(work)
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

    # Going through the agenda

    def _enter_visit(self) -> None:
        visit = self._agenda.current
        self._last_side = None
        exercise = self._exercise()
        if visit.returning and exercise is not None:
            self._talk(Purpose.TALK, [self._script.line(Line.RETURNING, exercise=exercise.title)], GoOn())
        else:
            self._step()

    def _step(self) -> None:
        """Enter what comes next in the current visit, or leave it."""
        visit = self._agenda.current
        if visit.opened < len(visit.opening):
            segment = visit.opening[visit.opened]
            visit.opened += 1
            if segment.kind is SegmentKind.WAIT:
                self._ask_ready(segment.duration_ms)
                return
            cues = [Cue(cue.short, cue.short) for cue in segment.cues] if visit.returning else list(segment.cues)
            exercise = self._exercise()
            if exercise is not None and visit.opened == 1 and not visit.returning:
                cues.insert(0, self._script.line(Line.EXERCISE, exercise=exercise.title))
            self._talk(Purpose.TALK, cues, GoOn())
        elif visit.queue:
            piece = visit.queue[0]
            kind, duration_ms = self._lead_in_for(visit, piece)
            self._lead_in(piece, kind, duration_ms, self._lead_in_cues(piece, kind))
        elif sum(piece.remaining_ms for piece in visit.owed()) >= self._timing.least_owed_ms:
            self._offer(tuple(visit.owed()))
        else:
            for piece in visit.owed():
                piece.fate = Fate.DROPPED
            self._leave()

    def _leave(self) -> None:
        """Leave the current visit for the next one, or end."""
        if any(piece.done_ms for piece in self._agenda.current.planned):
            self._delivery.sound_after_tones(Tone.EXERCISE_END, self._now)
        if not self._agenda.more_work:
            self._agenda.owe_differences(self._timing.least_owed_ms)
        if self._agenda.move_on():
            self._enter_visit()
        else:
            self._end("done")

    def _lead_in_for(self, visit: Visit, piece: Piece) -> tuple[SegmentKind, int]:
        """Choose what leads into a piece: as planned where the plan was followed, else by what really came before."""
        planned = piece.lead_in
        if self._last_side is None:
            first = visit.planned[0].lead_in
            return SegmentKind.GET_READY, first.duration_ms
        if piece.side is not self._last_side:
            changes = (p.lead_in for p in visit.planned if p.lead_in.kind is SegmentKind.CHANGEOVER)
            return SegmentKind.CHANGEOVER, next(changes, planned).duration_ms
        if planned.kind is SegmentKind.CHANGEOVER:
            return SegmentKind.GET_READY, planned.duration_ms
        return planned.kind, planned.duration_ms

    def _lead_in_cues(self, piece: Piece, kind: SegmentKind) -> list[Cue]:
        alone = piece.side is not Side.BOTH
        side = self._script.side(piece.side)
        own: list[Cue] = []
        if kind is SegmentKind.CHANGEOVER:
            own = [self._script.line(Line.CHANGEOVER, side=side)]
        elif kind is SegmentKind.REST:
            own = [self._script.line(Line.REST)]
        elif kind is SegmentKind.GET_READY:
            line = self._script.line(Line.GET_READY_SIDE, side=side) if alone else self._script.line(Line.GET_READY)
            own = [line]
        return [*own, *piece.lead_in.cues]

    def _lead_in(self, piece: Piece, kind: SegmentKind, duration_ms: int, cues: Iterable[Cue] = ()) -> None:
        ends_ms = self._now + duration_ms
        self._state = LeadingIn(piece, kind, ends_ms)
        self._report(kind.value, piece, duration_ms)
        if kind is not SegmentKind.MOVE:
            for before in (3_000, 2_000, 1_000):
                if before <= duration_ms:
                    self._delivery.sound(Tone.TICK, ends_ms - before)
        self._delivery.reserve(Tone.START, ends_ms)
        self._delivery.say_in_order(cues, until_ms=ends_ms - GAP_MS)

    def _begin_work(self, piece: Piece) -> None:
        self._last_side = piece.side
        self._state = Working(piece, self._now)
        self._report(piece.work.kind.value, piece, piece.remaining_ms)
        self._schedule_work(piece, self._now, started=False)

    def _schedule_work(self, piece: Piece, began_ms: int, *, started: bool) -> None:
        """Schedule every tone of the rest of a piece and place its reminders. `started`: its first tone has sounded."""
        zero = began_ms - piece.done_ms
        tones: list[tuple[Tone, int]] = []
        target = piece.target_ms
        if piece.work.pace is not None:
            pace = piece.work.pace
            for begin in range(0, target, pace.each_ms):
                tones += [(Tone.REP_OUT, begin), (Tone.REP_BACK, begin + pace.out_ms)]
        else:
            tones.append((Tone.START, piece.done_ms))
            if target >= self._timing.half_from_ms:
                tones.append((Tone.HALFWAY, target // 2))
            tones += [(Tone.COUNTDOWN, target - before) for before in (3_000, 2_000, 1_000)]
        tones.append((Tone.HOLD_END, target))
        first_ms = self._now + 1 if started else began_ms
        sounded: set[int] = set()
        for tone, at in tones:
            if zero + at >= first_ms and at not in sounded:
                sounded.add(at)
                self._delivery.sound(tone, zero + at)
        reminders = piece.work.cues if target >= self._timing.remind_from_ms else ()
        for index, cue in enumerate(reminders):
            at_ms = zero + target * index // len(reminders)
            if at_ms >= self._now and not started:
                self._delivery.say(cue, at_ms, latest_ms=zero + target, until_ms=zero + target - GAP_MS)

    def _end_work(self, work: Working) -> None:
        piece = work.piece
        piece.done_ms = piece.target_ms
        self._agenda.current.queue.remove(piece)
        self._report_ledger(piece.side, "done")
        self._step()

    def _offer(self, pieces: tuple[Piece, ...]) -> None:
        side = pieces[0].side
        owed_ms = sum(piece.remaining_ms for piece in pieces)
        self._state = Offering(pieces, self._now + self._timing.answer_ms)
        self._report("offering", pieces[0], owed_ms)
        self._prompt(self._script.offer(side, owed_ms))

    def _accept_offer(self, pieces: tuple[Piece, ...]) -> None:
        self._delivery.drop_speech()
        self._agenda.current.take_up(list(pieces))
        self._step()

    def _decline_offer(self, pieces: tuple[Piece, ...]) -> None:
        self._delivery.drop_speech()
        for piece in pieces:
            piece.fate = Fate.DROPPED
        self._report_ledger(pieces[0].side, "declined")
        self._step()

    def _ask_to_go_on(self, then: Continuation) -> None:
        self._state = BrokenOff(then, self._now + self._timing.answer_ms)
        self._report("broken_off", None, None)
        self._prompt(self._script.line(Line.BROKEN_OFF))

    def _start_anew(self) -> None:
        """Begin from the beginning, as if nothing had been done. Volume and speed stay as they were wished."""
        self._suspend()
        self._confirm()
        self._report_all("restarted", done=False)
        self._agenda = Agenda(self._plan)
        self._began_ms = self._now
        self._enter_visit()

    def _ask_ready(self, patience_ms: int) -> None:
        self._state = Waiting(self._now + patience_ms)
        self._report("wait", None, patience_ms)
        self._prompt(self._script.line(Line.WAIT))

    def _end(self, reason: str) -> None:
        """Say what was done, then end."""
        worked = sum(
            visit.done_ms(side)
            for visit in {visit.exercise: visit for visit in self._agenda.visits}.values()
            for side in visit.sides()
        )
        cues = [self._script.line(Line.ABANDONED)] if reason == "abandoned" else []
        if worked:
            cues.append(self._script.summary(worked))
        length_ms = TONE_LENGTH_MS[Tone.SESSION_END]
        self._talk(Purpose.ENDING, cues, End(reason), rest_ms=length_ms + 2 * GAP_MS)
        self._delivery.sound_after_tones(Tone.SESSION_END, self._delivery.speech_ends_ms + GAP_MS)

    # Continuing

    def _follow(self, then: Continuation, *, settle: bool = True) -> None:
        """Enter what was to follow. `settle`: lead in first where work goes on."""
        match then:
            case GoOn():
                self._step()
            case Leave():
                self._leave()
            case End(reason=reason):
                self._state = Ended(reason)
                self._delivery.return_floor()
                self._delivery.emit(ReportEnd(self._now, reason))
            case KeepTalking():
                self._state = Talking(then.purpose, then.then, self._now + then.rest_ms, then.rest_ms)
                self._report(then.purpose.value, None, None)
                self._say_again(then.unsaid)
            case WaitAgain():
                segment = self._agenda.current.opening[self._agenda.current.opened - 1]
                self._ask_ready(segment.duration_ms)
            case LeadIn(piece=piece, kind=kind, remaining_ms=remaining_ms):
                duration_ms = max(remaining_ms, self._timing.resume_ms) if settle else remaining_ms
                self._lead_in(piece, kind, duration_ms, self._lead_in_cues(piece, kind) if settle else ())
            case Work(piece=piece):
                if settle:
                    self._lead_in(piece, SegmentKind.GET_READY, self._timing.resume_ms)
                else:
                    self._begin_work(piece)
            case OfferAgain(pieces=pieces):
                self._offer(pieces)
            case StayPaused(then=inner, since_ms=since_ms):
                self._pause(inner, since_ms)
            case StayStopped(then=inner):
                self._stop(inner)
            case AskAgain(then=inner):
                self._ask_to_go_on(inner)
            case _:
                assert_never(then)

    def _suspend(self) -> Continuation:
        """Stop all sound, credit what was worked, and return how to go on from this very place."""
        state, now = self._state, self._now
        unsaid = self._delivery.stop_sounds()
        match state:
            case Talking():
                return KeepTalking(state.purpose, unsaid, state.then, state.rest_ms)
            case Waiting():
                return WaitAgain()
            case LeadingIn(piece=piece, kind=kind):
                return LeadIn(piece, kind, state.ends_ms - now)
            case Working(piece=piece):
                piece.credit(now - state.began_ms)
                return Work(piece) if piece.remaining_ms else self._finished(piece)
            case Offering(pieces=pieces):
                return OfferAgain(pieces)
            case Paused(then=then, since_ms=since_ms):
                return StayPaused(then, since_ms)
            case Stopped(then=then):
                return StayStopped(then)
            case BrokenOff(then=then):
                return AskAgain(then)
            case NotBegun() | Ended():
                raise AssertionError("only what goes on can be suspended")
            case _:
                assert_never(state)

    def _from_outside(self, then: Continuation) -> Continuation:
        """Change how to go on for a person who has left their position: name the exercise, and lead in as at first."""
        match then:
            case StayPaused(then=inner):
                return StayPaused(self._from_outside(inner), self._now)
            case StayStopped(then=inner):
                return StayStopped(self._from_outside(inner))
            case AskAgain(then=inner):
                return inner
            case _:
                exercise = self._exercise()
                then = self._led_in_anew(then)
                title = None if exercise is None else self._script.line(Line.RETURNING, exercise=exercise.title)
                return then if title is None else self._talk_later([title], then)

    def _led_in_anew(self, then: Continuation) -> Continuation:
        match then:
            case Work(piece=piece) | LeadIn(piece=piece):
                kind, duration_ms = self._lead_in_for(self._agenda.current, piece)
                return LeadIn(piece, kind, duration_ms)
            case KeepTalking(purpose=purpose, unsaid=unsaid, then=inner, rest_ms=rest_ms):
                # Half a sentence from another hour tells nobody anything: from its beginning.
                whole = tuple(Spoken(s.cue, s.text, s.start_ms, s.end_ms) for s in unsaid)
                return KeepTalking(purpose, whole, self._led_in_anew(inner), rest_ms)
            case StayPaused(then=inner):
                return StayPaused(self._led_in_anew(inner), self._now)
            case StayStopped(then=inner):
                return StayStopped(self._led_in_anew(inner))
            case AskAgain(then=inner):
                return inner
            case GoOn() | Leave() | End() | WaitAgain() | OfferAgain():
                return then
            case _:
                assert_never(then)

    def _finished(self, piece: Piece) -> Continuation:
        self._agenda.current.queue.remove(piece)
        self._report_ledger(piece.side, "done")
        return GoOn()

    def _credit(self) -> None:
        """Suspend for good: what was worked counts, and what follows is decided anew."""
        self._suspend()

    # Commands. Each answers in every state.

    def _on_next(self) -> None:
        match self._state:
            case Stopped():
                self._not_now()
            case Offering(pieces=pieces):
                self._confirm()
                self._decline_offer(pieces)
            case Talking(purpose=Purpose.ENDING, then=then):
                self._suspend()
                self._confirm()
                self._follow(then)
            case _:
                self._credit()
                self._confirm()
                visit = self._agenda.current
                visit.give(Fate.SKIPPED)
                for side in visit.sides():
                    self._report_ledger(side, "skipped")
                self._leave()

    def _on_previous(self) -> None:
        if isinstance(self._state, (Stopped, Offering)) or self._ending():
            self._not_now()
            return
        self._credit()
        self._confirm()
        again = self._now - self._previous_at <= self._timing.again_ms
        self._previous_at = self._now
        if not (again and self._agenda.step_back()):
            self._agenda.restart()
        for side in self._agenda.current.sides():
            self._report_ledger(side, "restarted")
        self._enter_visit()

    def _on_repeat(self) -> None:
        if self._delivery.last_cue is None or isinstance(self._state, Stopped):
            self._not_now()
            return
        self._confirm()
        self._answer([self._delivery.last_cue])

    def _on_explain(self) -> None:
        exercise = self._exercise()
        if exercise is None or self._ending() or isinstance(self._state, Stopped):
            self._not_now()
            return
        self._interlude([Cue(exercise.setup.full, exercise.setup.full)])

    def _on_pause(self) -> None:
        match self._state:
            case Paused():
                self._confirm()
            case Stopped() | Talking(purpose=Purpose.ENDING):
                self._not_now()
            case BrokenOff(then=then):
                self._suspend()
                self._confirm()
                self._pause(_awake(then), self._now)
            case _:
                then = self._suspend()
                self._confirm()
                self._pause(then, self._now)

    def _on_resume(self) -> None:
        match self._state:
            case Paused(since_ms=since, then=then) | Stopped(since_ms=since, then=then):
                self._suspend()
                self._confirm()
                self._follow(then, settle=self._now - since > self._timing.long_pause_ms)
            case BrokenOff(then=then):
                self._suspend()
                self._confirm()
                self._follow(_awake(then))
            case Waiting() | Talking(purpose=Purpose.RECOVERY):
                self._on_ready()
            case _:
                self._not_now()

    def _on_ready(self) -> None:
        match self._state:
            case Paused() | Stopped():
                self._on_resume()
            case BrokenOff():
                self._start_anew()
            case LeadingIn(piece=piece):
                self._suspend()
                self._begin_work(piece)
            case Waiting():
                self._suspend()
                self._confirm()
                self._begin_after_waiting()
            case Talking(purpose=Purpose.ENDING):
                self._not_now()
            case Talking(then=then):
                self._suspend()
                self._confirm()
                self._follow(then)
            case _:
                self._not_now()

    def _begin_after_waiting(self) -> None:
        visit = self._agenda.current
        if not visit.queue:
            self._step()
            return
        piece = visit.queue[0]
        kind, duration_ms = self._lead_in_for(visit, piece)
        duration_ms = min(duration_ms, self._timing.after_ready_ms)
        self._lead_in(piece, kind, duration_ms, self._lead_in_cues(piece, kind))

    def _on_switch(self) -> None:
        visit = self._agenda.current
        if not self._one_side_at_a_time() or isinstance(self._state, (Stopped, Offering)) or self._ending():
            self._not_now()
            return
        self._credit()
        self._confirm()
        if not visit.queue:
            self._step()
            return
        side = visit.queue[0].side
        opening = self._last_side is None and visit.opened < len(visit.opening)
        if not visit.switch(side):
            for piece in visit.queue:
                piece.fate = Fate.OWED
            visit.queue.clear()
        self._report_ledger(side, "switched")
        if opening:
            visit.opened -= 1
        self._step()

    def _on_cramp(self) -> None:
        if self._ending():
            self._recover(self._suspend())
            return
        if isinstance(self._state, Talking) and self._state.purpose is Purpose.RECOVERY:
            then = self._state.then
            self._suspend()
            self._recover(then)
            return
        stays = isinstance(self._state, (Paused, Stopped, Offering, BrokenOff))
        then = self._suspend()
        exercise = self._exercise()
        if not stays and exercise is not None and self._agenda.current.queue:
            then = self._after_cramp(exercise, then)
            for side in self._agenda.current.sides():
                self._report_ledger(side, "cramp")
        self._recover(then)

    def _after_cramp(self, exercise: PlannedExercise, then: Continuation) -> Continuation:
        """Apply the exercise's policy and return what follows the recovery."""
        visit = self._agenda.current
        match exercise.cramp:
            case CrampPolicy.EASE if exercise.easier is not None:
                visit.take_form(Form.EASIER)
                return self._talk_later([self._script.line(Line.CRAMP_EASE), exercise.easier], then)
            case CrampPolicy.COME_BACK if visit.returning:
                visit.give(Fate.SKIPPED)
                return self._talk_later([self._script.line(Line.CRAMP_LEAVE, exercise=exercise.title)], Leave())
            case CrampPolicy.COME_BACK if self._agenda.postpone(self._timing.come_back_after):
                return self._talk_later([self._script.line(Line.CRAMP_COME_BACK)], Leave())
            case CrampPolicy.EASE | CrampPolicy.RETRY | CrampPolicy.COME_BACK:
                return self._talk_later([self._script.line(Line.CRAMP_RETRY)], then)
            case _:
                assert_never(exercise.cramp)

    def _recover(self, then: Continuation) -> None:
        timing = self._timing
        self._state = Talking(Purpose.RECOVERY, then, self._now, 0)
        self._report(Purpose.RECOVERY.value, None, None)
        self._delivery.say(self._script.line(Line.RECOVER), self._now + timing.silence_ms)
        at_ms = self._delivery.speech_ends_ms + timing.breath_in_ms // 2
        for _ in range(timing.breaths):
            self._delivery.say(self._script.line(Line.BREATHE_IN), at_ms)
            self._delivery.say(self._script.line(Line.BREATHE_OUT), at_ms + timing.breath_in_ms)
            at_ms += timing.breath_in_ms + timing.breath_out_ms
        self._state.rest_ms = max(0, at_ms - self._delivery.speech_ends_ms)
        self._state.ends_ms = self._delivery.speech_ends_ms + self._state.rest_ms

    def _on_back_off(self) -> None:
        exercise = self._exercise()
        match self._state:
            case Offering(pieces=pieces):
                self._confirm()
                self._decline_offer(pieces)
            case Stopped() | Talking(purpose=Purpose.ENDING | Purpose.RECOVERY):
                self._not_now()
            case _ if exercise is None:
                self._not_now()
            case _:
                self._interlude([exercise.easier or self._script.line(Line.EASE_OFF)])

    def _on_hurts(self) -> None:
        if self._ending() or self._exercise() is None:
            self._interlude([self._script.line(Line.HURTS)])
            return
        stopped = isinstance(self._state, Stopped)
        self._credit()
        self._confirm()
        visit = self._agenda.current
        self._agenda.leave_out()
        for side in visit.sides():
            self._report_ledger(side, "left_out")
        cue = self._script.line(Line.HURTS)
        self._talk(Purpose.INTERLUDE, [cue], StayStopped(Leave()) if stopped else Leave())

    def _on_easier(self) -> None:
        self._change_form(Form.EASIER)

    def _on_harder(self) -> None:
        self._change_form(Form.HARDER)

    def _change_form(self, wanted: Form) -> None:
        exercise = self._exercise()
        if exercise is None or isinstance(self._state, Stopped) or self._ending():
            self._not_now()
            return
        visit = self._agenda.current
        cue = exercise.easier if wanted is Form.EASIER else exercise.harder
        opposite = Form.HARDER if wanted is Form.EASIER else Form.EASIER
        self._confirm()
        if visit.form is opposite:
            form, cue = Form.USUAL, self._script.line(Line.USUAL_FORM)
        elif cue is None:
            self._answer([self._script.line(Line.NO_EASIER if wanted is Form.EASIER else Line.NO_HARDER)])
            return
        else:
            form = wanted
        visit.take_form(form, self._state.piece if isinstance(self._state, Working) else None)
        for side in visit.sides():
            self._report_ledger(side, form.value)
        self._answer([cue])

    def _on_more_time(self) -> None:
        more = self._timing.more_ms
        visit = self._agenda.current
        match self._state:
            case Working(piece=piece, began_ms=began_ms):
                if not visit.extend(piece, more):
                    self._not_now()
                    return
                unsaid = self._delivery.stop_sounds()
                self._schedule_work(piece, began_ms, started=True)
                self._confirm()
                self._say_again(unsaid)
                self._report_ledger(piece.side, "more_time")
            case Paused(then=Work(piece=piece)):
                if visit.extend(piece, more):
                    self._confirm()
                    self._report_ledger(piece.side, "more_time")
                else:
                    self._not_now()
            case LeadingIn(piece=piece, kind=kind):
                remaining = self._state.ends_ms - self._now
                self._suspend()
                self._confirm()
                self._lead_in(piece, kind, remaining + more)
            case Waiting() as waiting:
                self._confirm()
                waiting.ends_ms += more
            case Talking(purpose=Purpose.RECOVERY) as talking:
                self._confirm()
                talking.rest_ms += more
                talking.ends_ms += more
            case _:
                self._not_now()

    def _on_time_left(self) -> None:
        if self._ending():
            self._not_now()
            return
        self._confirm()
        match self._state:
            case Working() as work:
                self._answer([self._script.time_left(work.ends_ms - self._now)])
            case LeadingIn(piece=piece) | Paused(then=Work(piece=piece)) | Stopped(then=Work(piece=piece)):
                self._answer([self._script.time_left(piece.remaining_ms)])
            case _:
                self._answer([self._script.session_left(self._session_left_ms())])

    def _on_whats_next(self) -> None:
        self._confirm()
        visit = self._agenda.next_exercise()
        if visit is None or visit.exercise is None:
            self._answer([self._script.line(Line.LAST)])
        else:
            title = self._plan.exercises[visit.exercise].title
            self._answer([self._script.line(Line.FOLLOWS, exercise=title)])

    def _on_where(self) -> None:
        self._confirm()
        exercise = self._exercise()
        if exercise is None or self._ending():
            self._answer([self._script.session_left(self._session_left_ms())])
        else:
            queue = self._agenda.current.queue
            self._answer([self._script.where(exercise, queue[0].side if queue else None)])

    def _on_louder(self) -> None:
        self._change_volume(VOLUME_STEP_DB)

    def _on_quieter(self) -> None:
        self._change_volume(-VOLUME_STEP_DB)

    def _change_volume(self, by_db: int) -> None:
        volume = min(MOST_VOLUME_DB, max(LEAST_VOLUME_DB, self._volume_db + by_db))
        if volume == self._volume_db:
            self._not_now()
            return
        self._volume_db = volume
        self._delivery.emit(SetVolume(volume))
        self._confirm()

    def _on_slower(self) -> None:
        self._change_speed(1 / SPEED_STEP)

    def _on_faster(self) -> None:
        self._change_speed(SPEED_STEP)

    def _change_speed(self, by: float) -> None:
        speed = min(FASTEST_WPM, max(SLOWEST_WPM, round(self._words_per_minute * by)))
        if speed == self._words_per_minute:
            self._not_now()
            return
        self._words_per_minute = speed
        self._confirm()
        self._delivery.emit(RenderSpeech(speed))

    def _on_stop(self) -> None:
        match self._state:
            case Stopped(then=then):
                self._delivery.stop_sounds()
                self._stop(then)
            case Talking(purpose=Purpose.ENDING, then=then):
                self._suspend()
                self._follow(then)
            case BrokenOff(then=then):
                self._suspend()
                self._stop(_awake(then))
            case _:
                then = self._suspend()
                if isinstance(then, StayPaused):
                    then = then.then
                self._stop(then)

    def _on_finish(self) -> None:
        if self._ending():
            self._on_next()
            return
        self._credit()
        self._confirm()
        visit = self._agenda.current
        visit.give(Fate.SKIPPED)
        for side in visit.sides():
            self._report_ledger(side, "finished")
        self._end("finished")

    def _on_help(self) -> None:
        self._confirm()
        open_now = self.open_commands()
        phrases = [self._script.phrase(command) for command in Command if command in open_now]
        self._answer([self._script.line(Line.HELP), *phrases])

    def _on_yes(self) -> None:
        match self._state:
            case Offering(pieces=pieces):
                self._confirm()
                self._accept_offer(pieces)
            case Waiting():
                self._on_ready()
            case BrokenOff():
                self._on_resume()
            case _:
                self._not_now()

    def _on_no(self) -> None:
        match self._state:
            case Offering(pieces=pieces):
                self._confirm()
                self._decline_offer(pieces)
            case _:
                self._not_now()

    _handlers: ClassVar[dict[Command, Callable[[Session], None]]] = {
        Command.NEXT: _on_next,
        Command.PREVIOUS: _on_previous,
        Command.REPEAT: _on_repeat,
        Command.EXPLAIN: _on_explain,
        Command.PAUSE: _on_pause,
        Command.RESUME: _on_resume,
        Command.READY: _on_ready,
        Command.SWITCH: _on_switch,
        Command.CRAMP: _on_cramp,
        Command.BACK_OFF: _on_back_off,
        Command.HURTS: _on_hurts,
        Command.EASIER: _on_easier,
        Command.HARDER: _on_harder,
        Command.MORE_TIME: _on_more_time,
        Command.TIME_LEFT: _on_time_left,
        Command.WHATS_NEXT: _on_whats_next,
        Command.WHERE: _on_where,
        Command.LOUDER: _on_louder,
        Command.QUIETER: _on_quieter,
        Command.SLOWER: _on_slower,
        Command.FASTER: _on_faster,
        Command.STOP: _on_stop,
        Command.FINISH: _on_finish,
        Command.HELP: _on_help,
        Command.YES: _on_yes,
        Command.NO: _on_no,
    }

    # Interruptions

    def _pause(self, then: Continuation, since_ms: int) -> None:
        self._state = Paused(since_ms, then, self._now + self._timing.paused_reminds_ms)
        self._report("paused", None, None)

    def _stop(self, then: Continuation) -> None:
        self._state = Stopped(self._now, then, self._now + self._timing.stopped_hint_ms)
        self._report("stopped", None, None)

    def _remind(self, since_ms: int, line: Line) -> None:
        state = self._state
        assert isinstance(state, (Paused, Stopped))
        if self._now - since_ms >= self._timing.abandoned_ms:
            self._suspend()
            self._end("abandoned")
            return
        every = self._timing.paused_reminds_ms if isinstance(state, Paused) else self._timing.stopped_reminds_ms
        state.reminds_ms = self._now + every
        self._delivery.say(self._script.line(line), self._now)

    def _interlude(self, cues: list[Cue]) -> None:
        """Say something while everything waits, then go on from this place."""
        then = self._suspend()
        self._confirm()
        self._talk(Purpose.INTERLUDE, cues, then)

    def _not_now(self) -> None:
        if not self._answer([self._script.line(Line.NOT_NOW)]):
            self._delivery.sound(Tone.NOT_UNDERSTOOD)

    # The floor

    def _return_floor(self) -> None:
        """Take up again what was not said, if somebody had the floor."""
        unsaid = self._delivery.return_floor()
        if unsaid is not None:
            self._say_again(unsaid)

    def _sound_not_understood(self) -> None:
        quiet = isinstance(self._state, (Paused, Stopped))
        if not quiet and self._now - self._earcon_at >= self._timing.not_understood_ms:
            self._earcon_at = self._now
            self._delivery.sound(Tone.NOT_UNDERSTOOD)

    # Speech

    def _talk(self, purpose: Purpose, cues: list[Cue], then: Continuation, rest_ms: int = 400) -> None:
        self._state = Talking(purpose, then, self._now, rest_ms)
        self._report(purpose.value, None, None)
        self._delivery.say_in_order(cues)
        self._state.ends_ms = self._delivery.speech_ends_ms + rest_ms

    def _talk_later(self, cues: list[Cue], then: Continuation) -> Continuation:
        """Return the continuation that says these sentences, then goes on with `then`."""
        unsaid = tuple(Spoken(cue, cue.full, self._now, self._now) for cue in cues)
        return KeepTalking(Purpose.INTERLUDE, unsaid, then, rest_ms=400)

    def _prompt(self, cue: Cue) -> None:
        """Ask something in a state that waits for the answer: its patience counts from the end of the question."""
        assert isinstance(self._state, (Waiting, Offering, BrokenOff))
        patience_ms = self._state.ends_ms - self._now
        self._delivery.say(cue, self._now)
        self._state.ends_ms = max(self._state.ends_ms, self._delivery.speech_ends_ms + patience_ms)

    def _say_again(self, unsaid: Iterable[Spoken]) -> None:
        """Place what was taken back, each not before its old time; a state that lasts as long as its speech grows."""
        state, bound_ms, after_ms, before = self._state, self._speech_bound(), self._now, None
        kept = [spoken for spoken in unsaid if spoken.interruptions <= self._timing.interruptions]
        for spoken in kept:
            if isinstance(state, Talking):
                gap_ms = GAP_MS if before is None else max(GAP_MS, spoken.start_ms - before.end_ms)
                at_ms = after_ms if before is None else after_ms + gap_ms
                self._delivery.say(spoken.cue, at_ms, from_ms=spoken.from_ms, interruptions=spoken.interruptions)
                after_ms, before = self._delivery.speech_ends_ms, spoken
            else:
                at_ms = max(self._now, spoken.start_ms)
                latest_ms = at_ms + self._timing.answer_delay_ms
                self._delivery.say(
                    spoken.cue,
                    at_ms,
                    latest_ms=latest_ms,
                    until_ms=bound_ms,
                    from_ms=spoken.from_ms,
                    interruptions=spoken.interruptions,
                )
        if isinstance(state, Talking) and self._delivery.speech_ends_ms > self._now:
            state.ends_ms = self._delivery.speech_ends_ms + state.rest_ms

    def _answer(self, cues: list[Cue]) -> bool:
        """Say something now without changing what goes on. What was being said gives way and comes after it.

        False where nothing of it could be placed.
        """
        state, bound_ms = self._state, self._speech_bound()
        unsaid = self._delivery.take_back_speech()
        at_ms, said = self._now, False
        for cue in cues:
            latest_ms = NEVER_MS if isinstance(state, Talking) else at_ms + self._timing.answer_delay_ms
            placed = self._delivery.say(cue, at_ms, latest_ms=latest_ms, until_ms=bound_ms, repeatable=False)
            said = said or placed
            at_ms = max(at_ms, self._delivery.speech_ends_ms)
        self._say_again(unsaid)
        if isinstance(state, (Waiting, Offering, BrokenOff)):
            state.ends_ms = max(state.ends_ms, self._delivery.speech_ends_ms + self._timing.answer_ms)
        return said

    def _speech_bound(self) -> int:
        """Return when sentences of the present state must be over."""
        match self._state:
            case LeadingIn(ends_ms=ends_ms):
                return ends_ms - GAP_MS
            case Working() as work:
                return work.ends_ms - GAP_MS
            case _:
                return NEVER_MS

    # Out

    def _confirm(self) -> None:
        """Sound the understood earcon."""
        self._delivery.sound(Tone.UNDERSTOOD)

    def _report(self, state: str, piece: Piece | None, remaining_ms: int | None) -> None:
        exercise = self._exercise()
        title = None if exercise is None else exercise.title
        if piece is None:
            self._delivery.emit(ReportState(self._now, state, title, remaining_ms=remaining_ms))
            return
        work = piece.work
        station = None if exercise is None or work.station is None else exercise.stations[work.station]
        self._delivery.emit(ReportState(self._now, state, title, piece.side.value, work.set, station, remaining_ms))

    def _report_ledger(self, side: Side, why: str) -> None:
        visit, exercise = self._agenda.current, self._exercise()
        if exercise is not None:
            done_ms, owed_ms = visit.done_ms(side), visit.owed_ms(side)
            self._delivery.emit(ReportLedger(self._now, exercise.title, side.value, done_ms, owed_ms, why))

    def _report_all(self, why: str, *, done: bool = True) -> None:
        """Report all that was done and is owed so far; or that none of it counts, where it is not to stay `done`."""
        for visit in {visit.exercise: visit for visit in self._agenda.visits}.values():
            for side in visit.sides():
                done_ms, owed_ms = visit.done_ms(side), visit.owed_ms(side)
                if visit.exercise is not None and (done_ms or owed_ms):
                    title = self._plan.exercises[visit.exercise].title
                    entry = (done_ms, owed_ms) if done else (0, 0)
                    self._delivery.emit(ReportLedger(self._now, title, side.value, *entry, why))

    # Small questions

    def _exercise(self) -> PlannedExercise | None:
        index = self._agenda.current.exercise
        return None if index is None else self._plan.exercises[index]

    def _one_side_at_a_time(self) -> bool:
        exercise = self._exercise()
        return exercise is not None and exercise.one_side_at_a_time

    def _ending(self) -> bool:
        return isinstance(self._state, Talking) and self._state.purpose is Purpose.ENDING

    def _session_left_ms(self) -> int:
        visits = [self._agenda.current, *self._agenda.upcoming()]
        work = sum(piece.remaining_ms + piece.lead_in.duration_ms for visit in visits for piece in visit.queue)
        talk = sum(
            self._delivery.length_ms(cue)
            for visit in visits
            for segment in visit.opening[visit.opened :]
            for cue in segment.cues
        )
        return work + talk


_SENSE_OF: Final = {
    Notice.SOUND_RETURNED: "sound",
    Notice.HEARING_LOST: "hearing",
    Notice.HEARING_RETURNED: "hearing",
    Notice.RECORD_LOST: "record",
}
"""What a notice is about: a newer one about the same takes the place of one that nobody was told yet."""


def _awake(then: Continuation) -> Continuation:
    """Return how to go on for somebody who says so: a pause or stop that the machine's own stop fell into is over."""
    return then.then if isinstance(then, (StayPaused, StayStopped)) else then
