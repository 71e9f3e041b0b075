"""The course of a session, the lowest layer of it: through the agenda, and on from wherever it was interrupted.

Everything here happens at `now`, of which the layers above tell the delivery. See `session.py` for how it all works.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Final, assert_never

from voicecoach.coaching.agenda import Agenda, Fate, Piece, Visit
from voicecoach.coaching.delivery import Delivery
from voicecoach.coaching.messages import (
    TONE_LENGTH_MS,
    Notice,
    ReportDropped,
    ReportEnd,
    ReportLedger,
    ReportState,
    SpeechTable,
    Tone,
)
from voicecoach.coaching.placing import GAP_MS, NEVER_MS, Spoken
from voicecoach.coaching.script import Limits, Line, Script
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
    without,
)
from voicecoach.coaching.timing import (
    Timing,
)
from voicecoach.routine.plan import Cue, Plan, PlannedExercise, SegmentKind, Side

NOTICE: Final = "notice"
"""The kind of sentences that tell of the machine: never taken up again."""
MOST_WAITING_MS: Final = 20_000
"""No more than this of answers waits to be said: who asked has forgotten what the rest of them answers."""


@dataclass(frozen=True, slots=True)
class _Name:
    """Something about a piece of work that the person has to be told: its side, its station, its set."""

    token: Hashable
    """By which the delivery knows it."""
    cue: Cue
    """As the coach or the author says it."""
    least: Cue
    """The shortest that still says it."""
    authored: bool


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
        self._limits = Limits.of(plan)
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
        self._told: dict[Notice, int] = {}
        """When each was told last, in the order in which they were."""
        self._unanswered: dict[str, Callable[[], list[Cue]]] = {}
        """Answers for which there was no room yet, by what they answer."""
        self._due: tuple[Piece | None, tuple[_Name, ...]] = None, ()
        """What has to be named of the piece that is led into or worked on."""
        self._reported: dict[tuple[str, Side], tuple[int, int]] = {}
        """What was last reported as done and owed, by exercise and side."""
        self._began_ms = 0

    @property
    def _now(self) -> int:
        return self._delivery.now

    # Going through the agenda

    def _enter_visit(self) -> None:
        visit = self._agenda.current
        self._last_side = None
        exercise = self._exercise()
        if visit.returning and visit.queue and exercise is not None:
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
            self._lead_in(piece, kind, duration_ms, anew=True)
        elif sum(piece.remaining_ms for piece in visit.owed()) >= self._timing.least_owed_ms:
            self._offer(tuple(visit.owed()))
        else:
            for piece in visit.owed():
                piece.fate = Fate.DROPPED
            self._leave()

    def _leave(self) -> None:
        """Leave the current visit for the next one, or end."""
        if self._agenda.current.worked:
            self._delivery.sound_after_tones(Tone.EXERCISE_END, self._now)
        if not self._agenda.more_work:
            self._agenda.owe_differences(self._timing.least_owed_ms)
            self._report_changes("owed")
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
        if planned.kind is SegmentKind.REST:
            return SegmentKind.REST, planned.duration_ms
        if piece.side is not self._last_side:
            changes = (p.lead_in for p in visit.planned if p.lead_in.kind is SegmentKind.CHANGEOVER)
            return SegmentKind.CHANGEOVER, next(changes, planned).duration_ms
        if planned.kind is SegmentKind.CHANGEOVER:
            return SegmentKind.GET_READY, planned.duration_ms
        return planned.kind, planned.duration_ms

    def _names_of(self, piece: Piece, kind: SegmentKind) -> tuple[_Name, ...]:
        """Return what has to be named of a piece before it is worked, in the order in which it is said."""
        names: list[_Name] = []
        if piece.side is not Side.BOTH and kind is not SegmentKind.MOVE:
            line = Line.GET_READY_SIDE if kind is SegmentKind.GET_READY else Line.CHANGEOVER
            side = self._script.side(piece.side)
            cue = self._script.line(line, side=side)
            names.append(_Name((piece, "side"), cue, Cue(side, side), authored=False))
        exercise, station = self._exercise(), piece.work.station
        for place, cue in enumerate(piece.lead_in.cues, 1):
            least = cue.short
            if exercise is not None and station is not None and place == len(piece.lead_in.cues):
                forms = (Cue(form, form) for form in (exercise.stations[station], cue.short))
                least = min(forms, key=self._delivery.length_ms).full
            names.append(_Name((piece, place), cue, Cue(least, least), authored=True))
        return tuple(names)

    def _still_due(self, piece: Piece) -> tuple[_Name, ...]:
        """Return what of a piece has not been named yet."""
        of, names = self._due
        return tuple(name for name in names if not self._delivery.was_named(name.token)) if of is piece else ()

    def _lead_in(self, piece: Piece, kind: SegmentKind, duration_ms: int, *, anew: bool = False) -> None:
        """Lead into a piece. `anew`: say all that leads into it; else only what was not said yet, if anything."""
        ends_ms = self._now + duration_ms
        self._state = LeadingIn(piece, kind, ends_ms)
        self._report(kind.value, piece, duration_ms)
        if kind is not SegmentKind.MOVE:
            for before in (3_000, 2_000, 1_000):
                if before <= duration_ms:
                    self._delivery.sound(Tone.TICK, ends_ms - before)
        self._delivery.reserve(Tone.START, ends_ms)
        fillers: list[Cue] = []
        if anew:
            self._delivery.forget_names()
            self._due = piece, self._names_of(piece, kind)
            if kind is SegmentKind.REST:
                fillers = [self._script.line(Line.REST)]
            elif kind is SegmentKind.GET_READY and piece.side is Side.BOTH:
                fillers = [self._script.line(Line.GET_READY)]
        self._say_names(fillers, self._still_due(piece), ends_ms - GAP_MS)

    def _say_names(self, fillers: list[Cue], names: tuple[_Name, ...], until_ms: int) -> None:
        """Say what leads into a piece, as much of it as there is room for.

        What only fills gives way first, then the long forms, then the short ones. What has no room at all is said when
        the work has begun.
        """
        room_ms = self._delivery.room_ms(until_ms)
        filling = [(cue, None) for cue in fillers]
        whole = [(name.cue, name.token) for name in names]
        short = [(Cue(name.cue.short, name.cue.short), name.token) for name in names]
        least = [(name.least, name.token) for name in names]
        for count, cues in ((len(filling), [*filling, *whole]), (0, whole), (0, short), (0, least)):
            said = self._delivery.say_all(cues, until_ms)
            if said is not None:
                for name, text in zip(names, said[count:], strict=True):
                    self._report_shortened(name, text, room_ms)
                return
        for name in names:
            if self._delivery.say_all([(name.least, name.token)], until_ms) is not None:
                self._report_shortened(name, name.least.full, room_ms)

    def _report_shortened(self, name: _Name, said: str | None, room_ms: int) -> None:
        if said != name.cue.full and (name.authored or said is None):
            length_ms = self._delivery.length_ms(name.cue)
            self._delivery.emit(ReportDropped(self._now, name.cue.full, said, length_ms, room_ms))

    def _begin_work(self, piece: Piece) -> None:
        self._last_side = piece.side
        self._agenda.current.worked = True
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
        ends_ms = zero + target - GAP_MS
        if not started:
            self._delivery.drop_names()
            for name in self._still_due(piece):
                room_ms = self._delivery.room_ms(ends_ms)
                said = self._delivery.say(name.least, self._now, until_ms=ends_ms, name=name.token)
                self._report_shortened(name, name.least.full if said else None, room_ms)
        reminders = piece.work.cues if target >= self._timing.remind_from_ms else ()
        for index, cue in enumerate(reminders):
            at_ms = zero + target * index // len(reminders)
            if at_ms >= self._now and not started:
                room_ms = self._delivery.room_ms(ends_ms)
                if not self._delivery.say(cue, at_ms, latest_ms=zero + target, until_ms=ends_ms):
                    length_ms = self._delivery.length_ms(cue)
                    self._delivery.emit(ReportDropped(self._now, cue.full, None, length_ms, room_ms))

    def _end_work(self, work: Working) -> None:
        piece = work.piece
        piece.done_ms = piece.target_ms
        self._agenda.current.queue.remove(piece)
        self._report_ledger(piece.side, "done")
        self._step()

    def _offer(self, pieces: tuple[Piece, ...]) -> None:
        side = pieces[0].side
        owed_ms = sum(piece.remaining_ms for piece in pieces)
        self._state = Offering(pieces, self._now, self._timing.answer_ms)
        self._report("offering", pieces[0], owed_ms)
        exercise = self._exercise()
        if self._agenda.current.passed_over and exercise is not None:
            side_name = self._script.side(side)
            self._prompt(self._script.line(Line.OFFER_SKIPPED, exercise=exercise.title, side=side_name))
        else:
            self._prompt(self._script.offer(side, min(owed_ms, self._limits.side_ms)))

    def _accept_offer(self, pieces: tuple[Piece, ...]) -> None:
        self._delivery.drop_speech()
        self._agenda.current.take_up(list(pieces))
        self._report_changes("accepted")
        self._step()

    def _decline_offer(self, pieces: tuple[Piece, ...]) -> None:
        """Take no for an answer: for all of the exercise, and for good."""
        self._delivery.drop_speech()
        self._agenda.current.give(Fate.DROPPED)
        self._report_ledger(pieces[0].side, "declined")
        self._step()

    def _ask_to_go_on(self, then: Continuation) -> None:
        self._state = BrokenOff(without(then, AskAgain), self._now, self._timing.answer_ms)
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
        self._state = Waiting(self._now, patience_ms)
        self._report("wait", None, patience_ms)
        self._prompt(self._script.line(Line.WAIT))

    def _end(self, reason: str) -> None:
        """Say what was done, then end."""
        self._unanswered.clear()
        self._report_changes(reason)
        worked = sum(
            visit.done_ms(side)
            for visit in {visit.exercise: visit for visit in self._agenda.visits}.values()
            for side in visit.sides()
        )
        cues = [self._script.line(Line.ABANDONED)] if reason == "abandoned" else []
        if worked:
            cues.append(self._script.summary(min(worked, self._limits.session_ms)))
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
                self._report(_STATE_NAMES.get(then.purpose, then.purpose.value), None, None)
                self._say_again(then.unsaid)
            case WaitAgain():
                segment = self._agenda.current.opening[self._agenda.current.opened - 1]
                self._ask_ready(segment.duration_ms)
            case LeadIn(piece=piece, kind=kind, remaining_ms=remaining_ms):
                duration_ms = max(remaining_ms, self._timing.resume_ms) if settle else remaining_ms
                self._lead_in(piece, kind, duration_ms, anew=settle or bool(self._still_due(piece)))
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
        unsaid = tuple(spoken for spoken in self._delivery.stop_sounds() if spoken.kind != NOTICE)
        if not isinstance(state, Talking):
            self._keep_answers(unsaid)
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
                whole = tuple(replace(s, begin=None, interruptions=0) for s in unsaid)
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
        self._state = Paused(
            since_ms, without(then, StayPaused, StayStopped), self._now + self._timing.paused_reminds_ms
        )
        self._report("paused", None, None)

    def _stop(self, then: Continuation) -> None:
        self._unanswered.clear()
        self._state = Stopped(
            self._now, without(then, StayPaused, StayStopped), self._now + self._timing.stopped_hint_ms
        )
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
        if not self._answer(Line.NOT_NOW, lambda: [self._script.line(Line.NOT_NOW)], later=False):
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
        self._state = Talking(purpose, without(then, purpose), self._now, rest_ms)
        self._report(_STATE_NAMES.get(purpose, purpose.value), None, None)
        self._delivery.say_in_order(cues)
        self._state.ends_ms = self._delivery.speech_ends_ms + rest_ms

    def _talk_later(self, cues: list[Cue], then: Continuation) -> Continuation:
        """Return the continuation that says these sentences, then goes on with `then`."""
        unsaid = tuple(Spoken(cue, cue.full, self._now, self._now) for cue in cues)
        if isinstance(then, KeepTalking) and then.purpose is Purpose.GUIDANCE:
            texts = {spoken.text for spoken in unsaid}
            unsaid += tuple(spoken for spoken in then.unsaid if spoken.text not in texts)
        return KeepTalking(Purpose.GUIDANCE, unsaid, without(then, Purpose.GUIDANCE), rest_ms=400)

    def _prompt(self, cue: Cue) -> None:
        """Ask something in a state that waits for the answer."""
        self._delivery.say(cue, self._now)
        self._give_time()

    def _give_time(self) -> None:
        """Have a state last as long as what is said in it, and then as long as an answer is waited for."""
        state, ends_ms = self._state, self._delivery.speech_ends_ms
        if isinstance(state, (Waiting, Offering, BrokenOff)):
            state.ends_ms = max(state.ends_ms, ends_ms + state.patience_ms)
        elif isinstance(state, Talking) and ends_ms > self._now:
            state.ends_ms = ends_ms + state.rest_ms

    def _say_again(self, unsaid: Iterable[Spoken]) -> None:
        """Place what was taken back, each not before its old time; a state that lasts as long as its speech grows."""
        state, bound_ms, after_ms, before = self._state, self._speech_bound(), self._now, None
        again = False
        for spoken in unsaid:
            if spoken.interruptions > self._timing.interruptions or spoken.kind == NOTICE:
                continue
            if isinstance(state, Talking):
                gap_ms = GAP_MS if before is None else max(GAP_MS, spoken.start_ms - before.end_ms)
                at_ms = after_ms if before is None else after_ms + gap_ms
                again |= self._delivery.say_again(spoken, at_ms)
                after_ms, before = self._delivery.speech_ends_ms, spoken
                continue
            at_ms = max(self._now, spoken.start_ms)
            latest_ms = at_ms + self._timing.answer_delay_ms if spoken.name is None else NEVER_MS
            placed = self._delivery.say_again(spoken, at_ms, latest_ms=latest_ms, until_ms=bound_ms)
            again |= placed
            if not placed:
                self._keep_answers([spoken])
        if again:
            self._give_time()

    def _answer(self, kind: str, cues: Callable[[], list[Cue]], *, later: bool = True) -> bool:
        """Say something now without changing what goes on. What was being said gives way and comes after it.

        An older answer of this `kind` falls away, and so does what would have to wait for too long. False where not
        all of it could be placed; `later`: the rest is said as soon as there is room.
        """
        unsaid = [spoken for spoken in self._delivery.take_back_speech() if spoken.kind != kind]
        self._unanswered.pop(kind, None)
        wanted = cues()
        rest = self._place_answer(kind, wanted)
        if rest and later:
            self._unanswered[kind] = cues if len(rest) == len(wanted) else lambda: rest
        self._say_again(self._not_too_much(unsaid))
        self._give_time()
        return not rest

    def _place_answer(self, kind: str, cues: list[Cue], *, at_once: bool = True) -> list[Cue]:
        """Place sentences one after the other, and return those from the first one that has no room on.

        `at_once`: what would come too late has no room either, since it would be an answer to nothing.
        """
        at_once &= not isinstance(self._state, Talking)
        bound_ms, at_ms = self._speech_bound(), self._now
        for place, cue in enumerate(cues):
            latest_ms = at_ms + self._timing.answer_delay_ms if at_once else NEVER_MS
            if not self._delivery.say(cue, at_ms, latest_ms=latest_ms, until_ms=bound_ms, kind=kind, repeatable=False):
                return cues[place:]
            at_ms = max(at_ms, self._delivery.speech_ends_ms)
        return []

    def _not_too_much(self, unsaid: list[Spoken]) -> list[Spoken]:
        """Return what may wait behind what is placed by now: all that the plan says, and not too much of answers."""
        waiting_ms = max(0, self._delivery.speech_ends_ms - self._now)
        kept = []
        for spoken in unsaid:
            waiting_ms += spoken.length_ms if spoken.kind else 0
            if not spoken.kind or waiting_ms <= MOST_WAITING_MS:
                kept.append(spoken)
        return kept

    def _keep_answers(self, unsaid: Iterable[Spoken]) -> None:
        """Keep answers that were cut short for when there is room."""
        cut: dict[str, list[Cue]] = {}
        for spoken in unsaid:
            if spoken.kind and spoken.kind != NOTICE:
                cut.setdefault(spoken.kind, []).append(spoken.cue)
        for kind, cues in cut.items():
            self._unanswered.setdefault(kind, cues.copy)

    def _catch_up(self) -> None:
        """Give answers for which there was no room when they were asked for."""
        if self._unanswered and not self._delivery.person_speaks and not isinstance(self._state, Stopped):
            for kind, cues in list(self._unanswered.items()):
                rest = self._place_answer(kind, cues(), at_once=False)
                if not rest:
                    del self._unanswered[kind]
            self._give_time()

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
            self._report_entry(exercise, side, visit.done_ms(side), visit.owed_ms(side), why)

    def _report_entry(self, exercise: PlannedExercise, side: Side, done_ms: int, owed_ms: int, why: str) -> None:
        self._reported[exercise.id, side] = done_ms, owed_ms
        self._delivery.emit(ReportLedger(self._now, exercise.title, side.value, done_ms, owed_ms, why))

    def _report_changes(self, why: str) -> None:
        """Report what has been done or is owed since it was reported last, so that a history misses nothing."""
        for index, visit in {visit.exercise: visit for visit in self._agenda.visits}.items():
            if index is None:
                continue
            exercise = self._plan.exercises[index]
            for side in visit.sides():
                entry = visit.done_ms(side), visit.owed_ms(side)
                if self._reported.get((exercise.id, side), (0, 0)) != entry:
                    self._report_entry(exercise, side, *entry, why)

    def _report_all(self, why: str, *, done: bool = True) -> None:
        """Report all that was done and is owed so far; or that none of it counts, where it is not to stay `done`."""
        for visit in {visit.exercise: visit for visit in self._agenda.visits}.values():
            for side in visit.sides():
                done_ms, owed_ms = visit.done_ms(side), visit.owed_ms(side)
                if visit.exercise is not None and (done_ms or owed_ms):
                    entry = (done_ms, owed_ms) if done else (0, 0)
                    self._report_entry(self._plan.exercises[visit.exercise], side, *entry, why)

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
        return min(work + talk, self._limits.session_ms)


_STATE_NAMES: Final = {Purpose.GUIDANCE: Purpose.INTERLUDE.value}
"""What a timeline calls a state, where that is not its purpose."""
