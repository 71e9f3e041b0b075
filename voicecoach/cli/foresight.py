"""What a session will be: how long, what comes when, and which sentences have no room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from voicecoach.cli.voicing import lengths, script_of
from voicecoach.coaching.dry_run import DryRun, Row, dry_run, estimated, sentences_needed
from voicecoach.coaching.messages import CueTiming, ReportDropped
from voicecoach.errors import VoiceError
from voicecoach.language.pack import LanguagePack
from voicecoach.routine.plan import Plan
from voicecoach.settings import Configuration
from voicecoach.units import clock


@dataclass(frozen=True, slots=True)
class Foresight:
    """What is known of a session before it begins."""

    run: DryRun
    is_exact: bool
    """False where there is no voice, and the lengths of sentences are estimates."""

    @property
    def total(self) -> str:
        """How long it takes, for people."""
        return ("" if self.is_exact else "about ") + clock(self.run.ends_ms)


def foresee(plan: Plan, pack: LanguagePack, configuration: Configuration) -> Foresight:
    """Perform a plan without sound, by the lengths of its sentences as they are or can be rendered.

    Raises `UsageError` where nothing speaks the routine's language.
    """
    script, timing = script_of(pack), configuration.timing
    timings: dict[str, CueTiming] = estimated(script.texts(plan))
    is_exact = True
    try:
        timings |= lengths(plan, pack, sentences_needed(plan, script, timing))
    except VoiceError:
        is_exact = False
    return Foresight(dry_run(plan, script, timings, timing), is_exact)


def no_room(dropped: ReportDropped) -> str:
    """Return what became of a sentence that had no room, for whoever wrote it."""
    became = f"“{dropped.said}” is said in its place" if dropped.said else "it is not said"
    room, length = dropped.room_ms / 1000, dropped.length_ms / 1000
    return f"“{dropped.text}” takes {length:.1f} s and there is room for {room:.1f} s, so {became}; shorten it."


def as_json(plan: Plan, foresight: Foresight) -> dict[str, Any]:
    """Return a plan as `plan --json` prints it: plain values, milliseconds. What does not apply is left out."""
    return {
        "name": plan.name,
        "title": plan.title,
        "language": plan.language,
        "about_total_ms": foresight.run.ends_ms,
        "estimated": not foresight.is_exact,
        "exercises": [
            {"id": exercise.id, "title": exercise.title, "sets": exercise.sets, "kit": list(exercise.kit)}
            for exercise in plan.exercises
        ],
        "segments": [_row_as_json(plan, row) for row in foresight.run.rows],
        "no_room": [
            {"text": one.text, "said": one.said, "length_ms": one.length_ms, "room_ms": one.room_ms}
            for one in foresight.run.dropped
        ],
    }


def _row_as_json(plan: Plan, row: Row) -> Mapping[str, Any]:
    segment = row.segment
    line: dict[str, Any] = {"start_ms": row.start_ms, "duration_ms": row.duration_ms}
    if segment is None:
        return line | {"kind": "ending"}
    line["kind"] = segment.kind.value
    if segment.exercise is not None:
        exercise = plan.exercises[segment.exercise]
        line["exercise"] = exercise.id
        if segment.side is not None:
            line["side"] = segment.side.value
            line["set"] = segment.set
        if segment.station is not None:
            line["station"] = exercise.stations[segment.station]
    if segment.pace is not None:
        line["repetitions"] = segment.pace.count
    if segment.cues:
        line["cues"] = [cue.full for cue in segment.cues]
    return line
