"""What a session does when it is told to: each command, in every state. The middle layer of a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, assert_never

from voicecoach.coaching.agenda import Fate, Form, Piece
from voicecoach.coaching.course import Course
from voicecoach.coaching.messages import (
    RenderSpeech,
    SetVolume,
)
from voicecoach.coaching.script import Line
from voicecoach.coaching.states import (
    BrokenOff,
    Continuation,
    Ended,
    LeadingIn,
    Leave,
    NotBegun,
    Offering,
    Paused,
    Purpose,
    StayPaused,
    StayStopped,
    Stopped,
    Talking,
    Waiting,
    Work,
    Working,
    without,
)
from voicecoach.coaching.timing import (
    FASTEST_WPM,
    LEAST_VOLUME_DB,
    MOST_VOLUME_DB,
    SLOWEST_WPM,
    SPEED_STEP,
    VOLUME_STEP_DB,
)
from voicecoach.commands import Command
from voicecoach.routine.plan import CrampPolicy, Cue, PlannedExercise


class Obeying(Course):
    """The commands of a session. Only for the layer above."""

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
                # Whoever asked for it and passes it over again need not be asked once more.
                visit.give(Fate.DROPPED if visit.passed_over else Fate.SKIPPED)
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
        cue = self._delivery.last_cue
        self._answer("repeat", lambda: [cue])

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
        self._lead_in(piece, kind, duration_ms, anew=True)

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
        self._unanswered.clear()
        self._state = Talking(Purpose.RECOVERY, without(then, Purpose.RECOVERY), self._now, 0)
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
        self._unanswered.clear()
        self._talk(Purpose.GUIDANCE, [cue], StayStopped(Leave()) if stopped else Leave())

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
            line = self._script.line(Line.NO_EASIER if wanted is Form.EASIER else Line.NO_HARDER)
            self._answer("form", lambda: [line])
            return
        else:
            form = wanted
        visit.take_form(form, self._state.piece if isinstance(self._state, Working) else None)
        for side in visit.sides():
            self._report_ledger(side, form.value)
        said = cue
        self._answer("form", lambda: [said])

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
                self._report_changes("more_time")
            case Paused(then=Work(piece=piece)):
                if visit.extend(piece, more):
                    self._confirm()
                    self._report_ledger(piece.side, "more_time")
                    self._report_changes("more_time")
                else:
                    self._not_now()
            case LeadingIn(piece=piece, kind=kind):
                remaining = self._state.ends_ms - self._now
                self._suspend()
                self._confirm()
                self._lead_in(piece, kind, remaining + more, anew=bool(self._still_due(piece)))
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
        asked = self._piece()
        self._answer("time_left", lambda: [self._time_left(asked)])

    def _piece(self) -> Piece | None:
        """Return the piece of work that a question for the time is about."""
        match self._state:
            case Working(piece=piece) | LeadingIn(piece=piece):
                return piece
            case Paused(then=Work(piece=piece)) | Stopped(then=Work(piece=piece)):
                return piece
            case _:
                return None

    def _time_left(self, asked: Piece | None) -> Cue:
        """Return what is left of a piece, or of the session where that is none or over by now."""
        if asked is None or asked is not self._piece():
            return self._script.session_left(self._session_left_ms())
        worked_ms = self._now - self._state.began_ms if isinstance(self._state, Working) else 0
        return self._script.time_left(min(asked.remaining_ms - worked_ms, self._limits.work_ms))

    def _on_whats_next(self) -> None:
        self._confirm()
        self._answer("whats_next", lambda: [self._whats_next()])

    def _whats_next(self) -> Cue:
        visit = self._agenda.next_exercise()
        if visit is None or visit.exercise is None:
            return self._script.line(Line.LAST)
        return self._script.line(Line.FOLLOWS, exercise=self._plan.exercises[visit.exercise].title)

    def _on_where(self) -> None:
        self._confirm()
        self._answer("where", lambda: [self._where()])

    def _where(self) -> Cue:
        exercise = self._exercise()
        if exercise is None or self._ending():
            return self._script.session_left(self._session_left_ms())
        queue = self._agenda.current.queue
        return self._script.where(exercise, queue[0].side if queue else None)

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
        self._answer("help", lambda: [self._script.line(Line.HELP), *phrases])

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

    _handlers: ClassVar[dict[Command, Callable[[Obeying], None]]] = {
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


def _awake(then: Continuation) -> Continuation:
    """Return how to go on for somebody who says so: a pause or stop that the machine's own stop fell into is over."""
    return then.then if isinstance(then, (StayPaused, StayStopped)) else then
