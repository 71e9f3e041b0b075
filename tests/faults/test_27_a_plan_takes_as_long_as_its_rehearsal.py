"""`plan` says to the second what the rehearsal takes, and which sentences have no room."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import SMALL, CommandLine, home, voicecoach
from tests.coaching.generated import some_plan
from tests.coaching.stage import Stage, plain_script, speech_of
from voicecoach.coaching.dry_run import dry_run, estimated, sentences_needed
from voicecoach.coaching.messages import ReportEnd, Say
from voicecoach.coaching.states import Ended
from voicecoach.units import clock

__all__ = ["home", "voicecoach"]


@pytest.mark.parametrize("name", ["feet-quick", "small.yaml"])
def test_the_total_is_that_of_the_rehearsal(name: str, home: Path, voicecoach: CommandLine) -> None:
    (home / "small.yaml").write_text(SMALL)
    planned = voicecoach("plan", name).out.splitlines()[0]
    assert voicecoach("rehearse", name, "--timeline", "t.jsonl").code == 0
    events = [json.loads(line) for line in Path("t.jsonl").read_text().splitlines()]
    (end,) = [event["t_ms"] for event in events if event["kind"] == "end"]
    assert planned.endswith(f": {clock(end)}")
    states = [event["t_ms"] for event in events if event["kind"] == "state"]
    told = json.loads(voicecoach("plan", name, "--json").out)
    assert told["about_total_ms"] == end
    assert [segment["start_ms"] for segment in told["segments"]] == states
    assert told["estimated"] is False


@given(st.integers(0, 1 << 32).map(Random))
def test_a_dry_run_is_a_session_with_nobody_in_it(chance: Random) -> None:
    plan = some_plan(chance)
    stage = Stage(plan)
    stage.until_state(Ended)
    run = dry_run(plan, plain_script(), speech_of(plan))
    assert [run.ends_ms] == [action.at_ms for _, action in stage.actions if isinstance(action, ReportEnd)]
    assert [row.segment for row in run.rows[:-1]] == list(plan.segments)
    said = {action.text for _, action in stage.actions if isinstance(action, Say)}
    assert said <= sentences_needed(plan, plain_script())
    assert len(estimated(plain_script().texts(plan))) >= len(said)


def test_a_sentence_without_room_is_told_with_its_length_and_its_place(home: Path, voicecoach: CommandLine) -> None:
    station = (
        "stations: [{name: Heel}, {name: Toe, cue: Now roll all the way to the very tip of the big toe}], move_s: 2"
    )
    (home / "r.yaml").write_text(SMALL.replace("setup: Lean.", f"setup: Lean., {station}"))
    for verb in ("plan", "check"):
        outcome = voicecoach(verb, "r.yaml")
        assert outcome.code == 0
        (line,) = [line for line in outcome.err.splitlines() if "warning" in line]
        assert "warning: “Now roll all the way to the very tip of the big toe” takes" in line
        assert "“Toe” is said in its place; shorten it." in line
    assert line.startswith("r.yaml:10:"), "where it stands"
