"""Whatever ends a session, what was worked is in the ledger that the history keeps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.coaching.generated import COMMANDS, some_gap, some_input, some_plan
from tests.coaching.stage import Stage, one_exercise_plan
from tests.history.keeping import KeptStage
from voicecoach.coaching.messages import ReportEnd, ReportLedger
from voicecoach.coaching.states import Ended, Working
from voicecoach.commands import Command
from voicecoach.history.looking_back import past_sessions


def reported(stage: Stage) -> dict[tuple[str, str], int]:
    return {(a.exercise, a.side): a.done_ms for _, a in stage.actions if isinstance(a, ReportLedger)}


@pytest.mark.parametrize("command", [Command.PAUSE, Command.STOP])
def test_a_session_that_ends_by_itself_in_a_pause_has_what_was_worked(command: Command) -> None:
    stage = Stage(one_exercise_plan())
    stage.until_work_on(0)
    stage.until(stage.now + 20_000)
    stage.hear(command)
    stage.until_state(Ended)
    ends = [action.reason for _, action in stage.actions if isinstance(action, ReportEnd)]
    assert ends == ["abandoned"]
    assert reported(stage) == {("calf", "left"): 20_000}
    assert stage.done(0)["left"] == 20_000


def kept(stage: KeptStage) -> None:
    stage.hear(Command.PAUSE)


ENDINGS: dict[str, Callable[[KeptStage], None]] = {
    "done": lambda stage: stage.until_state(Ended),
    "abandoned": lambda stage: stage.play([(stage.now, Command.PAUSE)]),
    "finished": lambda stage: stage.play([(stage.now, Command.FINISH)]),
    "broken_off": kept,
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_history_has_what_the_agenda_counts_for_every_way_to_end(ending: str, tmp_path: Path) -> None:
    stage = KeptStage(tmp_path, one_exercise_plan())
    stage.begin()
    stage.until_state(Working)
    stage.until(stage.now + 12_000)
    ENDINGS[ending](stage)
    done = stage.done(0)
    stage.close()
    [session] = past_sessions(tmp_path)
    assert session.outcome == ending
    assert (session.left_ms, session.right_ms) == (done["left"], done["right"])


@settings(max_examples=40)
@given(st.integers(0, 1 << 32).map(Random), st.integers(0, 20))
def test_at_any_moment_but_within_work_the_ledger_is_what_the_agenda_counts(chance: Random, count: int) -> None:
    stage = Stage(some_plan(chance))
    for _ in range(count):
        stage.until(stage.now + some_gap(chance))
        stage.hear(some_input(chance, stage.plan, COMMANDS))
    stage.hear(Command.PAUSE)
    told = reported(stage)
    for visit in stage.session.agenda.visits:
        if visit.exercise is not None:
            title = stage.plan.exercises[visit.exercise].title
            for side in visit.sides():
                assert told.get((title, side.value), 0) == visit.done_ms(side)
