"""After "next": no offers of a few seconds, no empty "back to", one "no" for an exercise, and silence means no."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.coaching.stage import Stage, cue, exercise, feet_plan, one_exercise_plan
from voicecoach.coaching.messages import PlayTone, ReportState, Tone
from voicecoach.coaching.states import Ended, Offering, Working
from voicecoach.commands import Command
from voicecoach.routine.plan import Cue, Plan, Segment, SegmentKind, Side

L, R = Side.LEFT, Side.RIGHT


def stations_plan(hold_ms: int = 15_000) -> Plan:
    """Three stations on each side."""
    ball = replace(exercise("ball"), stations=("heel", "arch", "toe"))
    segments = [Segment(SegmentKind.TALK, 0, 0, cues=(cue("how to do ball"),))]
    for side in (L, R):
        for station, name in enumerate(ball.stations):
            kind = SegmentKind.MOVE if station else SegmentKind.GET_READY if side is L else SegmentKind.CHANGEOVER
            segments.append(Segment(kind, 0, 3_000 if station else 8_000, side, 1, station, (Cue(name, name),)))
            segments.append(Segment(SegmentKind.HOLD, 0, hold_ms, side, 1, station, least_ms=hold_ms, most_ms=hold_ms))
    return Plan("ball", "Ball", "en", (ball,), tuple(segments))


def offers(stage: Stage) -> list[int | None]:
    return [a.remaining_ms for _, a in stage.actions if isinstance(a, ReportState) and a.state == "offering"]


@pytest.mark.parametrize(("worked_ms", "is_offered"), [(21_000, False), (25_000, False), (20_000, True), (5_000, True)])
@pytest.mark.parametrize("command", [Command.SWITCH, Command.NEXT])
def test_less_than_ten_seconds_are_not_offered(command: Command, worked_ms: int, is_offered: bool) -> None:
    stage = Stage(one_exercise_plan())
    if command is Command.NEXT:
        # Of the right side something is missing.
        stage.until_work_on(0)
        stage.until(stage.now + 30_000)
    stage.until_state(Working)
    stage.until(stage.now + worked_ms)
    stage.hear(command)
    stage.until_state(Ended)
    assert bool(offers(stage)) is is_offered
    assert "returning" not in stage.text()


def test_after_next_silence_means_no_and_nothing_is_announced() -> None:
    stage = Stage(feet_plan())
    for _ in range(4):
        stage.until_state(Working)
        stage.until(stage.now + 3_000)
        stage.hear(Command.NEXT)
    stage.until_state(Ended)
    assert "returning" not in stage.text()
    after = stage.text().partition("say goodbye")[2]
    assert "hold" not in after


def test_a_side_that_was_left_by_next_is_done_when_that_is_asked_for() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_work_on(0)
    stage.until(stage.now + 30_000)
    stage.until_state(Working)
    stage.until(stage.now + 5_000)
    stage.hear(Command.NEXT)
    stage.until_state(Offering)
    stage.hear(Command.YES)
    stage.until_state(Ended)
    assert stage.done(0) == {"left": 30_000, "right": 30_000}


def test_a_side_that_was_switched_is_made_up_for_without_a_word() -> None:
    stage = Stage(one_exercise_plan())
    stage.until_work_on(0)
    stage.until(stage.now + 5_000)
    stage.hear(Command.SWITCH)
    stage.until_state(Ended)
    assert stage.done(0) == {"left": 30_000, "right": 30_000}


def test_no_covers_all_stations_of_an_exercise() -> None:
    stage = Stage(stations_plan())
    stage.until_work_on(0)
    stage.until(stage.now + 15_000)
    stage.until_state(Working)
    stage.hear(Command.NEXT)
    stage.until_state(Offering)
    stage.hear(Command.NO)
    stage.until_state(Ended)
    assert len(offers(stage)) == 1


def test_what_was_asked_for_and_passed_over_again_is_not_offered_a_third_time() -> None:
    stage = Stage(stations_plan())
    stage.until_work_on(0)
    while not (isinstance(stage.session.state, Working) and stage.session.state.piece.side is R):
        stage.until(stage.session.next_deadline() or 0)
    stage.hear(Command.NEXT)
    stage.until_state(Offering)
    stage.hear(Command.YES)
    stage.until_state(Working)
    stage.hear(Command.NEXT)
    stage.until_state(Ended)
    assert len(offers(stage)) == 1


def test_no_tone_says_that_an_exercise_is_over_of_which_nothing_was_done() -> None:
    stage = Stage(feet_plan())
    stage.until_state(Working)
    stage.until(stage.now + 1_000)
    stage.hear(Command.NEXT)
    ended = [a for _, a in stage.actions if isinstance(a, PlayTone) and a.tone is Tone.EXERCISE_END]
    stage.hear(Command.NEXT)
    stage.hear(Command.NEXT)
    later = [a for _, a in stage.actions if isinstance(a, PlayTone) and a.tone is Tone.EXERCISE_END]
    assert later == ended
