"""Routines on the command line: listed, planned, checked and begun."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import SMALL, CommandLine, assert_one_message
from voicecoach.errors import EXIT_DOCUMENT, EXIT_DONE, EXIT_USAGE

TEN_FAULTS = """\
format: 7
name: Not A Name
title: "<b>Bold</b>"
language: english
about: Ten things are wrong here.
welcome: Say stop whenever you like.
safety: Be kind to yourself.
defaults: {get_ready_s: 0}
exercises:
  - {id: lean, title: Lean, sides: left, hold: 20, setup: Lean.}
  - {id: lean, title: Lean again, sides: both, hold: 99999, setup: Lean.}
  - {id: bend, title: Bend, sides: both, hold: 20, setup: Bend., colour: red}
"""


@pytest.mark.parametrize("verb", ["check", "plan", "rehearse"])
def test_all_ten_faults_of_a_file_are_told_each_with_its_place(verb: str, voicecoach: CommandLine) -> None:
    Path("faulty.yaml").write_text(TEN_FAULTS)
    outcome = voicecoach(verb, "faulty.yaml")
    assert (outcome.code, outcome.out) == (EXIT_DOCUMENT, "")
    lines = outcome.err.splitlines()
    assert len(lines) == 10
    places = [re.fullmatch(r"faulty\.yaml:(\d+):(\d+): \S.*", line) for line in lines]
    assert all(places), lines
    assert [int(place[1]) for place in places if place] == [1, 2, 3, 4, 6, 8, 10, 11, 11, 12]


def test_a_file_that_is_fine_is_said_to_be_so_and_the_others_are_told_all_the_same(voicecoach: CommandLine) -> None:
    Path("faulty.yaml").write_text(TEN_FAULTS)
    Path("small.yaml").write_text(SMALL)
    outcome = voicecoach("check", "missing.yaml", "faulty.yaml", "small.yaml")
    assert outcome.code == EXIT_USAGE, "the code of the first file that is not fine"
    assert len(outcome.err.splitlines()) == 11
    assert outcome.out.startswith("small.yaml: fine, 1 exercise")


def test_a_plan_in_json_adds_up(voicecoach: CommandLine) -> None:
    Path("small.yaml").write_text(SMALL)
    outcome = voicecoach("plan", "small.yaml", "--json")
    plan = json.loads(outcome.out)
    assert outcome.code == EXIT_DONE
    assert plan.keys() == {
        "name",
        "title",
        "language",
        "about_total_ms",
        "estimated",
        "exercises",
        "segments",
        "no_room",
    }
    assert [segment["kind"] for segment in plan["segments"]] == ["talk", "talk", "get_ready", "hold", "ending"]
    assert sum(segment["duration_ms"] for segment in plan["segments"]) == plan["about_total_ms"]
    starts = [segment["start_ms"] for segment in plan["segments"]]
    assert starts == sorted(starts)


def test_a_plan_for_people_has_a_line_for_each_segment(voicecoach: CommandLine) -> None:
    Path("small.yaml").write_text(SMALL)
    outcome = voicecoach("plan", "small.yaml")
    assert outcome.code == EXIT_DONE
    assert re.search(r"^ +0:\d\d +0:08  hold$", outcome.out, re.MULTILINE)


def test_the_routines_that_are_listed_can_be_planned(voicecoach: CommandLine) -> None:
    rows = json.loads(voicecoach("routines", "--json").out)
    assert {row["name"] for row in rows} == {"feet", "feet-quick", "before-run", "after-run"}
    for row in rows:
        assert voicecoach("plan", row["name"]).code == EXIT_DONE
        assert row["name"] in voicecoach("routines").out


def test_a_new_routine_is_fine_and_is_not_written_over(voicecoach: CommandLine) -> None:
    first = voicecoach("new", "my-feet")
    assert (first.code, first.err) == (EXIT_DONE, "")
    assert voicecoach("check", "my-feet.yaml").code == EXIT_DONE
    Path("my-feet.yaml").write_text(SMALL)
    assert_one_message(voicecoach("new", "my-feet"), EXIT_USAGE, "my-feet.yaml exists already")
    assert Path("my-feet.yaml").read_text() == SMALL


@pytest.mark.parametrize("name", ["feet", "My Feet", "../feet", "", "a" * 41, "-x-"])
def test_a_new_routine_needs_a_name_of_its_own(name: str, home: Path, voicecoach: CommandLine) -> None:
    outcome = voicecoach("new", "--", name)
    assert_one_message(outcome, EXIT_USAGE)
    assert list(home.iterdir()) == []
