"""`plan`: what a session would be, without sounding it."""

from __future__ import annotations

import argparse

from voicecoach.cli.choosing import read_plan
from voicecoach.cli.telling import show, show_json
from voicecoach.routine.compiler import PlanRow, plan_as_json, plan_rows, plan_total_ms
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
    """Print the compiled plan."""
    plan = read_plan(arguments.routine, load_configuration(arguments.config).pack())
    if arguments.json:
        show_json(plan_as_json(plan))
        return 0
    lines = [f"{plan.title}: about {clock(plan_total_ms(plan))}"]
    exercise: int | None = None
    for row in plan_rows(plan):
        if row.segment.exercise != exercise:
            exercise = row.segment.exercise
            if exercise is not None:
                planned = plan.exercises[exercise]
                kit = f" (with {', '.join(planned.kit)})" if planned.kit else ""
                lines.append(f"\n{planned.title}{kit}")
        lines.append(_line(plan, row))
    show("\n".join(lines) + "")
    return 0


def _line(plan: Plan, row: PlanRow) -> str:
    segment = row.segment
    about = "~" if row.estimated else " "
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
    return f"  {clock(row.start_ms):>7}  {about}{clock(row.duration_ms):>5}  {', '.join(parts)}"
