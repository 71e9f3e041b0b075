"""From an authored routine to the flat plan of one session.

An exercise becomes its setup, a wait where the author asks for one, and then its work: for each set, each side and each
station, a lead-in and the work itself. The kind of lead-in depends only on what changed since the work before: the
exercise (get ready), the set (rest), the side (changeover) or the station (move).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from voicecoach.errors import DocumentError, Fault
from voicecoach.routine.model import AuthoredCue, Exercise, Hold, Repetitions, Routine
from voicecoach.routine.plan import Cue, Pace, Plan, PlannedExercise, Segment, SegmentKind, Side, estimate_talk_ms
from voicecoach.strict_yaml import Location
from voicecoach.units import ms_from_seconds

MAX_SEGMENTS = 500
MAX_PLAN_MS = 4 * 60 * 60 * 1000


def compile_plan(routine: Routine) -> Plan:
    """Return the plan of a routine.

    Raises `DocumentError` for a plan of more than `MAX_SEGMENTS` segments or `MAX_PLAN_MS`; a routine from `reader` has
    been checked for that already, with a place in its file.
    """
    if faults := limit_faults(routine):
        raise DocumentError(routine.name, [Fault(1, 1, what) for _, what in faults])
    return Plan(
        routine.name,
        routine.title,
        routine.language,
        tuple(_planned(routine, exercise) for exercise in routine.exercises),
        tuple(_segments(routine)),
    )


def limit_faults(routine: Routine) -> list[tuple[Location, str]]:
    """Return what makes a routine too large to be performed, with the exercise that is one too many."""
    segments = list(islice(_segments(routine), MAX_SEGMENTS + 1))
    if len(segments) > MAX_SEGMENTS:
        what = f"With this the plan has more than {MAX_SEGMENTS} parts; take out exercises, sets or stations."
        return [(_exercise_location(segments[-1]), what)]
    total_ms = 0
    for segment in segments:
        total_ms += estimate_segment_ms(segment)
        if total_ms > MAX_PLAN_MS:
            what = (
                f"With this the session takes more than {MAX_PLAN_MS // 3_600_000} hours; shorten it, or take it out."
            )
            return [(_exercise_location(segment), what)]
    return []


def estimate_segment_ms(segment: Segment) -> int:
    """Return how long a segment takes as planned; for talk, an estimate."""
    if segment.kind is SegmentKind.TALK:
        return sum(estimate_talk_ms(cue.full) for cue in segment.cues)
    return segment.duration_ms


def _planned(routine: Routine, exercise: Exercise) -> PlannedExercise:
    return PlannedExercise(
        id=exercise.id,
        title=exercise.title,
        one_side_at_a_time=exercise.sides == "each",
        sets=exercise.sets,
        setup=exercise.setup.cue,
        easier=exercise.easier.cue if exercise.easier else None,
        harder=exercise.harder.cue if exercise.harder else None,
        cramp=routine.cramp_policy(exercise),
        stations=tuple(station.name for station in exercise.stations or ()),
        kit=tuple(exercise.kit),
    )


def _segments(routine: Routine) -> Iterator[Segment]:
    yield _talk(None, routine.welcome, routine.safety)
    for index, exercise in enumerate(routine.exercises):
        yield _talk(index, exercise.setup)
        if exercise.when_ready:
            yield Segment(SegmentKind.WAIT, index, routine.pause_s(exercise, "wait_s") * 1000)
        if not exercise.tip:
            yield from _work(routine, exercise, index)
    if routine.closing:
        yield _talk(None, *routine.closing)


@dataclass(frozen=True, slots=True)
class _Step:
    """One piece of work and where it stands within its exercise."""

    set: int
    side: Side
    station: int | None
    work: Hold | Repetitions
    cue: Cue | None
    """The station's."""


def _work(routine: Routine, exercise: Exercise, index: int) -> Iterator[Segment]:
    before: _Step | None = None
    for step in _steps(exercise):
        kind, seconds = _lead_in(routine, exercise, before, step)
        cues = []
        if exercise.set_cues and (before is None or before.set != step.set):
            cues.append(exercise.set_cues[step.set - 1].cue)
        if step.cue is not None:
            cues.append(step.cue)
        yield Segment(kind, index, seconds * 1000, step.side, step.set, step.station, tuple(cues))
        yield _work_segment(exercise, index, step)
        before = step


def _steps(exercise: Exercise) -> Iterator[_Step]:
    sides = (Side.LEFT, Side.RIGHT) if exercise.sides == "each" else (Side.BOTH,)
    for set_number in range(1, exercise.sets + 1):
        for side in sides:
            if exercise.stations is None:
                yield _Step(set_number, side, None, _only(exercise.hold or exercise.repetitions), None)
                continue
            for number, station in enumerate(exercise.stations):
                own = station.hold or station.repetitions
                cue = station.cue.cue if station.cue else Cue(station.name, station.name)
                yield _Step(set_number, side, number, _only(own or exercise.hold or exercise.repetitions), cue)


def _lead_in(routine: Routine, exercise: Exercise, before: _Step | None, step: _Step) -> tuple[SegmentKind, int]:
    if before is None:
        return SegmentKind.GET_READY, routine.pause_s(exercise, "get_ready_s")
    changeover_s = routine.pause_s(exercise, "changeover_s")
    if before.set != step.set:
        rest_s = routine.pause_s(exercise, "rest_s")
        # After both sides one rests, and changes over within the rest.
        return SegmentKind.REST, rest_s if before.side is step.side else max(rest_s, changeover_s)
    if before.side is not step.side:
        return SegmentKind.CHANGEOVER, changeover_s
    return SegmentKind.MOVE, routine.pause_s(exercise, "move_s")


def _work_segment(exercise: Exercise, index: int, step: _Step) -> Segment:
    reminders = tuple(reminder.cue for reminder in exercise.reminders)
    match step.work:
        case Hold(usual_s=usual_s, least_s=least_s, most_s=most_s):
            return Segment(
                SegmentKind.HOLD,
                index,
                usual_s * 1000,
                step.side,
                step.set,
                step.station,
                reminders,
                least_ms=(least_s or usual_s) * 1000,
                most_ms=(most_s or usual_s) * 1000,
            )
        case Repetitions(count=count, out_s=out_s, back_s=back_s):
            pace = Pace(count, ms_from_seconds(out_s), ms_from_seconds(back_s))
            duration_ms = pace.count * pace.each_ms
            return Segment(
                SegmentKind.REPETITIONS, index, duration_ms, step.side, step.set, step.station, reminders, pace
            )


def _only(work: Hold | Repetitions | None) -> Hold | Repetitions:
    if work is None:
        # The reader refuses such a file, so only a routine built in code can come here.
        raise ValueError("an exercise has neither work nor `tip`")
    return work


def _talk(exercise: int | None, *cues: AuthoredCue) -> Segment:
    return Segment(SegmentKind.TALK, exercise, 0, cues=tuple(cue.cue for cue in cues))


def _exercise_location(segment: Segment) -> Location:
    return ("exercises",) if segment.exercise is None else ("exercises", segment.exercise)
