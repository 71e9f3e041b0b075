"""`rest_s` counts where each side works alone, too: after both of them, before the next set."""

from __future__ import annotations

import pytest

from tests.coaching.stage import Stage
from voicecoach.coaching.messages import ReportState
from voicecoach.coaching.states import Ended, Working
from voicecoach.commands import Command
from voicecoach.routine.compiler import compile_plan
from voicecoach.routine.plan import Plan
from voicecoach.routine.reader import read_routine

ROUTINE = """\
format: 1
name: three-sets
title: Three sets
language: en
about: For a test.
welcome: Hello.
safety: Be careful.
exercises:
  - {id: calf, title: Calf, sides: each, sets: 3, hold: 10, setup: Stand., rest_s: REST, changeover_s: 8}
"""


def plan(rest_s: int) -> Plan:
    return compile_plan(read_routine(ROUTINE.replace("REST", str(rest_s)), "three.yaml"))


def lead_ins(stage: Stage) -> list[tuple[str, str | None, int | None, int | None]]:
    kinds = ("get_ready", "changeover", "rest")
    states = [a for _, a in stage.actions if isinstance(a, ReportState) and a.state in kinds]
    return [(a.state, a.side, a.set, a.remaining_ms) for a in states]


@pytest.mark.parametrize(("rest_s", "rests_ms"), [(20, 20_000), (8, 8_000), (3, 8_000)])
def test_three_sets_have_two_rests_at_least_as_long_as_a_changeover(rest_s: int, rests_ms: int) -> None:
    stage = Stage(plan(rest_s))
    stage.until_state(Ended)
    assert [(kind, side, number) for kind, side, number, _ in lead_ins(stage)] == [
        ("get_ready", "left", 1),
        ("changeover", "right", 1),
        ("rest", "left", 2),
        ("changeover", "right", 2),
        ("rest", "left", 3),
        ("changeover", "right", 3),
    ]
    assert {ms for kind, _, _, ms in lead_ins(stage) if kind == "rest"} == {rests_ms}
    text = stage.text()
    assert text.count("say rest") == 2
    assert text.count("say changeover side left") == 2, "the rest names the side that comes next"


def test_after_a_switch_in_the_first_set_the_next_set_still_begins_with_a_rest() -> None:
    stage = Stage(plan(20))
    stage.until_state(Working)
    stage.until(stage.now + 9_000)
    stage.hear(Command.SWITCH)
    stage.until_state(Ended)
    assert [kind for kind, _, _, _ in lead_ins(stage)].count("rest") == 2
