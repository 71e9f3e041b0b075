"""A session that was killed at any moment comes back to within one second, and keeps every promise afterwards."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.coaching.stage import Stage, feet_plan, one_exercise_plan
from tests.coaching.test_invariants import EARCONS, events, plans
from tests.history.keeping import Clock, KeptStage, picture_of
from voicecoach.coaching.agenda import Fate
from voicecoach.coaching.messages import Input, PlayTone, ReportLedger, ReportState, Say
from voicecoach.coaching.states import (
    BrokenOff,
    Ended,
    LeadingIn,
    Paused,
    Purpose,
    Stopped,
    Talking,
    Working,
)
from voicecoach.coaching.timing import Timing
from voicecoach.commands import Command
from voicecoach.routine.plan import Plan, Side

WITHIN_MS = 1_000
kills = st.integers(0, 120_000)


def perform(stage: Stage, drawn: list[tuple[int, Input]]) -> None:
    for gap, message in drawn:
        stage.until(stage.now + gap)
        stage.hear(message)


def killed_after(folder: Path, plan: Plan, seconds: float, *heard: Command) -> KeptStage:
    """Return a stage whose session went on for so long after its first work began, then heard this."""
    stage = KeptStage(folder, plan)
    stage.begin()
    stage.until_state(Working)
    stage.until(stage.now + round(seconds * 1000))
    for command in heard:
        stage.hear(command)
    return stage


def come_back(stage: KeptStage, into: Path, clock: Clock | None = None) -> KeptStage:
    after = KeptStage(stage.killed(into), stage.plan, clock)
    stage.close()
    after.begin()
    return after


@given(plans, events, kills)
@settings(max_examples=15)
def test_what_comes_back_is_what_was_killed_to_within_a_second(
    plan: Any, drawn: list[tuple[int, Input]], last_gap: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        before = KeptStage(Path(name) / "before", plan)
        before.begin()
        perform(before, drawn)
        before.until(before.now + last_gap)
        at_ms, could = before.now, before.session.can_be_taken_up
        after = KeptStage(before.killed(Path(name) / "after"), plan)
        before.close()
        after.close()
        assert after.comes_back is could, after.told
        if not after.comes_back:
            return
        reached_ms = after.session.now_ms
        if before.session.place_moves:
            assert at_ms - WITHIN_MS <= reached_ms <= at_ms
        # The other one went on from there for less than a second, in which nothing was due.
        after.session.advance(at_ms)
        before.session.advance(at_ms)
        assert picture_of(after.session) == picture_of(before.session)


@given(plans, events, kills, events)
@settings(max_examples=15)
def test_every_promise_is_kept_by_a_session_that_came_back(
    plan: Any, drawn: list[tuple[int, Input]], last_gap: int, more: list[tuple[int, Input]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        before = KeptStage(Path(name) / "before", plan)
        before.begin()
        perform(before, drawn)
        before.until(before.now + last_gap)
        after = KeptStage(before.killed(Path(name) / "after"), plan)
        before.close()
        after.begin()
        perform(after, more)
        after.until_state(Ended)
        after.close()
    for now, action in after.actions:
        if isinstance(action, (Say, PlayTone)):
            assert action.at_ms >= now
        if isinstance(action, Say):
            assert action.text in after.speech
    speech = sorted(after.loudspeaker.speech(), key=lambda sound: sound.start_ms)
    assert all(first.end_ms <= second.start_ms for first, second in pairwise(speech))
    for tone in after.loudspeaker.tones():
        if tone.what not in EARCONS:
            assert not any(s.start_ms < tone.end_ms and tone.start_ms < s.end_ms for s in speech)
    state = after.session.state
    assert isinstance(state, Ended)
    if state.reason != "done":
        return
    for visit in after.session.agenda.visits:
        done = {side: visit.done_ms(side) for side in (Side.LEFT, Side.RIGHT)}
        lesser = min(done, key=lambda side: done[side])
        given_up = visit.left_out or any(p.side is lesser and p.fate is Fate.DROPPED for p in visit.planned)
        assert given_up or abs(done[Side.LEFT] - done[Side.RIGHT]) < Timing().least_owed_ms


def test_continue_does_the_rest_of_the_hold_after_a_whole_get_ready(tmp_path: Path) -> None:
    before = killed_after(tmp_path / "1", one_exercise_plan(), 12.345)
    after = come_back(before, tmp_path / "2")
    reached_ms = after.now
    assert after.is_in(BrokenOff)
    assert before.now - WITHIN_MS <= reached_ms <= before.now
    after.until(after.now + 2_000)
    after.hear(Command.RESUME)
    assert after.is_in(Talking)
    after.until_state(LeadingIn)
    led_in_ms = after.now
    after.until_state(Working)
    assert after.now - led_in_ms == 8_000
    begun_ms = after.now
    after.until_state(LeadingIn)
    worked_before = reached_ms - (before.now - 12_345)
    assert after.now - begun_ms == 30_000 - worked_before
    after.until_state(Ended)
    assert after.done(0) == {"left": 30_000, "right": 30_000}
    after.close()


def test_start_begins_anew_and_both_sides_get_all_of_it(tmp_path: Path) -> None:
    after = come_back(killed_after(tmp_path / "1", one_exercise_plan(), 12), tmp_path / "2")
    after.hear(Command.READY)
    said = [action.text for _, action in after.actions if isinstance(action, Say)]
    assert said[-2:] == ["exercise calf", "how to do calf"]
    after.until_state(Ended)
    assert after.done(0) == {"left": 30_000, "right": 30_000}
    entries = [(a.side, a.done_ms, a.why) for _, a in after.actions if isinstance(a, ReportLedger)]
    assert entries == [
        ("left", entries[0][1], "broken_off"),
        ("left", 0, "restarted"),
        ("left", 30_000, "done"),
        ("right", 30_000, "done"),
    ]
    after.close()


def test_without_an_answer_it_goes_on_where_it_was(tmp_path: Path) -> None:
    after = come_back(killed_after(tmp_path / "1", one_exercise_plan(), 12), tmp_path / "2")
    after.until_state(Ended)
    assert after.done(0) == {"left": 30_000, "right": 30_000}
    after.close()


@pytest.mark.parametrize(("command", "state"), [(Command.PAUSE, Paused), (Command.STOP, Stopped)])
def test_what_was_paused_or_stopped_stays_so_until_somebody_says_go_on(
    command: Command, state: type, tmp_path: Path
) -> None:
    after = come_back(killed_after(tmp_path / "1", one_exercise_plan(), 12, command), tmp_path / "2")
    after.until_state(state)
    after.until(after.now + 60_000)
    assert after.is_in(state)
    after.hear(Command.RESUME)
    after.until_state(Ended)
    assert after.done(0) == {"left": 30_000, "right": 30_000}
    after.close()


@pytest.mark.parametrize("command", [Command.PAUSE, Command.STOP])
def test_continue_also_ends_the_pause_that_it_was_killed_in(command: Command, tmp_path: Path) -> None:
    after = come_back(killed_after(tmp_path / "1", one_exercise_plan(), 12, command), tmp_path / "2")
    after.hear(Command.RESUME)
    assert after.is_in(Talking)
    after.until_state(Working)
    after.close()


@pytest.mark.parametrize("command", [Command.PAUSE, Command.STOP])
def test_continue_means_continue_also_after_the_question_was_paused_or_stopped(
    command: Command, tmp_path: Path
) -> None:
    after = come_back(killed_after(tmp_path / "1", one_exercise_plan(), 12), tmp_path / "2")
    after.hear(command)
    after.until(after.now + 3_000)
    after.hear(Command.RESUME)
    after.until_state(Working)
    after.close()


def test_a_cramp_in_the_question_is_recovered_from_and_the_question_comes_again(tmp_path: Path) -> None:
    after = come_back(killed_after(tmp_path / "1", one_exercise_plan(), 12), tmp_path / "2")
    after.hear(Command.CRAMP)
    assert isinstance(after.session.state, Talking)
    assert after.session.state.purpose is Purpose.RECOVERY
    after.until_state(BrokenOff)
    after.close()


def test_it_can_be_killed_again_and_again_even_in_the_question(tmp_path: Path) -> None:
    stage = killed_after(tmp_path / "0", one_exercise_plan(), 10)
    for number in range(1, 4):
        stage = come_back(stage, tmp_path / str(number))
        stage.until(stage.now + 700)
        assert stage.is_in(BrokenOff)
    stage.hear(Command.RESUME)
    stage.until_state(Working)
    stage.until(stage.now + 10_000)
    stage = come_back(stage, tmp_path / "last")
    stage.until_state(Ended)
    assert stage.done(0) == {"left": 30_000, "right": 30_000}
    stage.close()


def test_the_timeline_of_what_came_back_has_what_was_done_before(tmp_path: Path) -> None:
    before = KeptStage(tmp_path / "1", feet_plan())
    before.begin()
    before.until_work_on(2)
    before.until(before.now + 5_000)
    after = come_back(before, tmp_path / "2")
    entries = {(a.exercise, a.side): a.done_ms for _, a in after.actions if isinstance(a, ReportLedger)}
    worked = entries.pop(("heel", "left"))
    assert 4_000 <= worked <= 5_000
    assert entries == {("calf", "left"): 30_000, ("calf", "right"): 30_000, ("toes", "both"): 20_000}
    states = [action.state for _, action in after.actions if isinstance(action, ReportState)]
    assert states == ["broken_off"]
    after.close()


def test_neither_the_welcome_nor_the_last_words_nor_a_finished_session_are_gone_on_with(tmp_path: Path) -> None:
    stage = KeptStage(tmp_path / "1", feet_plan())
    stage.begin()
    for number in range(40):
        moment = KeptStage(stage.killed(tmp_path / f"copy{number}"), stage.plan)
        state = stage.session.state
        ending = isinstance(state, Talking) and state.purpose is Purpose.ENDING
        welcome, goodbye = number == 0, stage.session.agenda.current is stage.session.agenda.visits[-1]
        assert moment.comes_back is not (ending or welcome or goodbye or stage.session.ended)
        moment.close()
        if stage.session.ended:
            return
        deadline = stage.session.next_deadline()
        assert deadline is not None
        stage.until(deadline)
    raise AssertionError("it did not end")


def test_what_somebody_ended_is_not_gone_on_with(tmp_path: Path) -> None:
    """Ctrl-C and SIGTERM end a session by the same command, said twice."""
    stage = killed_after(tmp_path / "1", one_exercise_plan(), 10, Command.FINISH, Command.FINISH)
    assert stage.session.ended
    after = KeptStage(stage.killed(tmp_path / "2"), stage.plan)
    assert not after.comes_back
    assert not after.told
    stage.close()
    after.close()


def test_after_four_hours_it_is_not_offered_but_remembered(tmp_path: Path) -> None:
    for hours, boot, offered in (
        (3, None, True),
        (3, "second boot", True),
        (5, None, False),
        (5, "second boot", False),
    ):
        clock = Clock()
        stage = killed_after(tmp_path / f"{hours}{boot}", one_exercise_plan(), 10)
        clock.pass_s(hours * 3600, boot)
        after = KeptStage(stage.killed(tmp_path / f"{hours}{boot} after"), stage.plan, clock)
        assert after.comes_back is offered
        stage.close()
        after.close()


def test_steps_of_the_clock_change_nothing(tmp_path: Path) -> None:
    """Back to 1970 after a boot without a network, or far ahead within one boot: it was minutes ago all the same."""
    stage = killed_after(tmp_path / "1", one_exercise_plan(), 10)
    clock = Clock()
    for number, (wall_s, boot, offered) in enumerate(
        [(10_000, "second boot", True), (1_900_000_000, "first boot", True), (1_900_000_000, "second boot", False)]
    ):
        clock.now = type(clock.now)(wall_s, boot, 60_000)
        after = KeptStage(stage.killed(tmp_path / f"after {number}"), stage.plan, clock)
        assert after.comes_back is offered
        after.close()
    stage.close()


def test_another_routine_is_not_taken_for_the_one_that_was_broken_off(tmp_path: Path) -> None:
    stage = killed_after(tmp_path / "1", one_exercise_plan(), 10)
    after = KeptStage(stage.killed(tmp_path / "2"), feet_plan())
    assert not after.comes_back
    assert len(after.told) == 1
    assert "was of another routine" in after.told[0]
    stage.close()
    after.close()
