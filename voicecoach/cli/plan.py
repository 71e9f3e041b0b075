"""`plan`: what a session would be, without sounding it."""

from __future__ import annotations

import argparse

from voicecoach.cli.choosing import read_plan
from voicecoach.cli.foresight import as_json, foresee, no_room
from voicecoach.cli.telling import show, show_json, tell
from voicecoach.coaching.dry_run import Row
from voicecoach.errors import EXIT_DONE
from voicecoach.routine.plan import Plan, SegmentKind, Side
from voicecoach.settings import load_configuration
from voicecoach.units import clock

LABELS = {
    SegmentKind.TALK: "talk",
    SegmentKind.WAIT: "until you are ready",
    SegmentKind.GET_READY: "get ready",
    SegmentKind.CHANGEOVER: "change over",
    SegmentKind.REST: "rest",
    SegmentKind.MOVE: "move",
    SegmentKind.HOLD: "hold",
    SegmentKind.REPETITIONS: "repetitions",
}


def run(arguments: argparse.Namespace) -> int:
    """Print the compiled plan, and which of its sentences have no room."""
    configuration = load_configuration(arguments.config)
    pack = configuration.pack()
    plan = read_plan(arguments.routine, pack)
    foresight = foresee(plan, pack, configuration)
    if arguments.json:
        show_json(as_json(plan, foresight))
        return EXIT_DONE
    lines = [f"{plan.title}: {foresight.total}"]
    exercise: int | None = None
    for row in foresight.run.rows:
        now = None if row.segment is None else row.segment.exercise
        if now != exercise:
            exercise = now
            planned = None if exercise is None else plan.exercises[exercise]
            kit = f" (with {', '.join(planned.kit)})" if planned and planned.kit else ""
            lines.append(f"\n{planned.title}{kit}" if planned else "")
        lines.append(_line(plan, row))
    show("\n".join(lines))
    own = {cue.full: cue.short for segment in plan.segments for cue in segment.cues}
    for dropped in (one for one in foresight.run.dropped if one.said != own[one.text]):
        tell(f"warning: {no_room(dropped)}")
    return EXIT_DONE


def _line(plan: Plan, row: Row) -> str:
    segment = row.segment
    if segment is None:
        parts = ["last words"]
    else:
        parts = [LABELS[segment.kind]]
        if segment.side in (Side.LEFT, Side.RIGHT):
            parts.append(segment.side.value)
        if segment.exercise is not None:
            exercise = plan.exercises[segment.exercise]
            if exercise.sets > 1 and segment.side is not None:
                parts.append(f"set {segment.set}")
            if segment.station is not None:
                parts.append(exercise.stations[segment.station])
        if segment.pace is not None:
            parts.append(f"{segment.pace.count} times")
    return f"  {clock(row.start_ms):>7}  {clock(row.duration_ms):>6}  {', '.join(parts)}"
