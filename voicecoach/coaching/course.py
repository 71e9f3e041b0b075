"""The course of a session, the lowest layer of it: through the agenda, and on from wherever it was interrupted.

Everything here happens at `now`, of which the layers above tell the delivery. See `session.py` for how it all works.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from voicecoach.coaching.agenda import Agenda, Fate, Piece, Visit
from voicecoach.coaching.delivery import NEVER_MS, Delivery
from voicecoach.coaching.messages import (
    TONE_LENGTH_MS,
    Notice,
    ReportEnd,
    ReportLedger,
    ReportState,
    SpeechTable,
    Tone,
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
    Timing,
)
from voicecoach.routine.plan import Cue, Plan, PlannedExercise, SegmentKind, Side


class Course:
    """The state of a session and the ways from one to the next. Only for the layers above."""

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

    @property
    def _now(self) -> int:
        return self._delivery.now

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
