"""What the coach says and sounds is never taken for a command, through all of a shipped routine."""

from __future__ import annotations

import pytest

from tests.rehearsal.performing import ENGLISH, Performed, Rehearsals
from voicecoach.routine.compiler import compile_plan
from voicecoach.routine.library import load_routine
from voicecoach.timeline.events import Ended, Heard, Said


@pytest.fixture(scope="module")
def unattended(rehearsals: Rehearsals) -> Performed:
    return rehearsals.perform(compile_plan(load_routine("feet-quick", sorted(ENGLISH.urgent_phrases))))


def test_nothing_is_heard_while_nobody_speaks(unattended: Performed) -> None:
    assert unattended.of(Heard) == []


def test_the_whole_routine_is_done_though_nobody_answers(unattended: Performed) -> None:
    end = unattended.of(Ended)[-1]
    assert (end.reason, end.left_ms, end.owed_ms) == ("done", end.right_ms, 0)
    assert end.t_ms > 5 * 60_000
    assert not any(say.cut for say in unattended.of(Said)), "the coach does not give way to its own voice"
