"""How long it still is, up to the limits of the format: an hour of work, four hours of session."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.coaching.stage import Stage, one_exercise_plan, plain_script
from voicecoach.coaching.messages import CueTiming, Say
from voicecoach.coaching.session import Session
from voicecoach.commands import Command


def long_hold(minutes: int) -> Stage:
    stage = Stage(one_exercise_plan(hold_ms=minutes * 60_000))
    stage.until_work_on(0)
    return stage


@pytest.mark.parametrize(("after_min", "left_min"), [(1, 24), (5, 20), (15, 10), (24, 1)])
def test_of_twenty_five_minutes_what_is_left_is_said(after_min: int, left_min: int) -> None:
    stage = long_hold(25)
    stage.until(stage.now + after_min * 60_000)
    said = [action.text for action in stage.hear(Command.TIME_LEFT) if isinstance(action, Say)]
    assert said == ["time left minute" if left_min == 1 else f"time left minutes {left_min}"]


@given(st.integers(1, 60), st.floats(0.0, 0.999), st.integers(0, 3))
def test_whatever_is_left_is_rendered_and_right_to_the_minute(minutes: int, part: float, more: int) -> None:
    stage = long_hold(minutes)
    for _ in range(more):
        stage.hear(Command.MORE_TIME)
    work = stage.session.state
    stage.until(stage.now + int(part * minutes * 60_000))
    left_ms = work.ends_ms - stage.now  # type: ignore[union-attr]
    [cue] = {plain_script().time_left(left_ms).full}
    said = [action.text for action in stage.hear(Command.TIME_LEFT) if isinstance(action, Say)]
    assert said[:1] == [cue] or left_ms < 5_000


def test_an_offer_of_many_minutes_is_right() -> None:
    stage = long_hold(40)
    stage.until(stage.now + 60_000)
    stage.hear(Command.SWITCH)
    stage.until(stage.now + 41 * 60_000)
    assert "say offer side left minutes 39" in stage.text()


def test_a_session_of_hours_says_about_how_long_it_is() -> None:
    stage = long_hold(60)
    stage.hear(Command.PAUSE)
    stage.hear(Command.EXPLAIN)
    said = [action.text for action in stage.hear(Command.TIME_LEFT) if isinstance(action, Say)]
    assert said[0] == "session left minutes 125", "two holds of an hour"


def test_a_short_routine_needs_no_sentences_for_hours() -> None:
    few, many = (len(plain_script().texts(one_exercise_plan(hold_ms=ms))) for ms in (30_000, 3_600_000))
    assert few < many / 2
    session = Session(one_exercise_plan(), plain_script(), dict.fromkeys(["welcome"], CueTiming(1)))
    assert not session.ended
