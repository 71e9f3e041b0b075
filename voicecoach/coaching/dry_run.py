"""A session with nobody in it, performed at once: how long it takes, and what has no room in it. Pure.

What `plan` and `check` tell comes from here, so it is what a rehearsal does, to the millisecond.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from voicecoach.coaching.messages import CommandHeard, CueTiming, ReportDropped, ReportEnd, ReportState
from voicecoach.coaching.script import Script
from voicecoach.coaching.session import Session
from voicecoach.coaching.timing import Timing
from voicecoach.commands import Command
from voicecoach.routine.plan import Plan, Segment, estimate_talk_ms


@dataclass(frozen=True, slots=True)
class Row:
    """When a part of a session comes, if all goes as planned."""

    start_ms: int
    duration_ms: int
    segment: Segment | None
    """None for the last words."""


@dataclass(frozen=True, slots=True)
class DryRun:
    """What came of it."""

    rows: tuple[Row, ...]
    """One for each segment of the plan, in its order, and one for the last words. A wait counts for as long as the
    coach waits."""
    dropped: tuple[ReportDropped, ...]
    """The sentences of the plan that were shortened or left out, each once."""
    ends_ms: int


def ends_after(
    plan: Plan, script: Script, speech: Mapping[str, CueTiming], timing: Timing, heard: Iterable[tuple[int, Command]]
) -> int:
    """Return about when a session ends in which these commands are heard, at these times in rising order."""
    session = Session(plan, script, speech, timing=timing)
    now, actions = 0, session.begin(0)
    for at_ms, command in heard:
        while (deadline := session.next_deadline()) is not None and deadline <= at_ms:
            now = deadline
            actions += session.advance(now)
        if session.ended:
            break
        now = max(now, at_ms)
        actions += session.receive(CommandHeard(command, ""), now)
    while (deadline := session.next_deadline()) is not None:
        actions += session.advance(max(now, deadline))
    return next(action.at_ms for action in actions if isinstance(action, ReportEnd))


def dry_run(plan: Plan, script: Script, speech: Mapping[str, CueTiming], timing: Timing | None = None) -> DryRun:
    """Perform a plan from its beginning to its end. `speech` has the sentences that are needed for that.

    Which these are is known by `sentences_needed`.
    """
    session = Session(plan, script, speech, timing=timing)
    actions = session.begin(0)
    while (deadline := session.next_deadline()) is not None:
        actions += session.advance(deadline)
    dropped = {action.text: action for action in actions if isinstance(action, ReportDropped)}
    ends_ms = next(action.at_ms for action in actions if isinstance(action, ReportEnd))
    starts_ms = [action.at_ms for action in actions if isinstance(action, ReportState)]
    rows = [
        Row(start_ms, end_ms - start_ms, segment)
        for start_ms, end_ms, segment in zip(starts_ms, [*starts_ms[1:], ends_ms], [*plan.segments, None], strict=True)
    ]
    return DryRun(tuple(rows), tuple(dropped.values()), ends_ms)


def estimated(texts: frozenset[str]) -> dict[str, CueTiming]:
    """Return about how long sentences are, where nobody can render them."""
    return {text: CueTiming(estimate_talk_ms(text)) for text in texts}


def sentences_needed(plan: Plan, script: Script, timing: Timing | None = None) -> frozenset[str]:
    """Return every sentence that a session with nobody in it may say, in any of its forms."""
    asked = _Asked(estimated(script.texts(plan)))
    dry_run(plan, script, asked, timing)
    cues = {text for segment in plan.segments for cue in segment.cues for text in (cue.full, cue.short)}
    return frozenset(asked.texts | cues)


class _Asked(dict[str, CueTiming]):
    """Timings that remember which were asked for."""

    def __init__(self, timings: Mapping[str, CueTiming]) -> None:
        super().__init__(timings)
        self.texts: set[str] = set()

    def get(self, text: str, default: CueTiming | None = None) -> CueTiming | None:  # type: ignore[override]
        self.texts.add(text)
        return super().get(text, default)
