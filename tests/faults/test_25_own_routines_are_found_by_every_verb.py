"""A person's own routines are found by their names, listed, and told from those that come along."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import SMALL, CommandLine, assert_one_message, home, voicecoach
from voicecoach.errors import EXIT_DONE, EXIT_USAGE

__all__ = ["home", "voicecoach"]


@pytest.fixture
def own(home: Path) -> Path:
    folder = home.parent / "home" / "config" / "voicecoach" / "routines"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("verb", [["plan"], ["check"], ["rehearse"]])
def test_a_routine_of_ones_own_is_found_by_its_name(verb: list[str], own: Path, voicecoach: CommandLine) -> None:
    (own / "small.yaml").write_text(SMALL)
    assert voicecoach(*verb, "small").code == EXIT_DONE


@pytest.mark.parametrize("verb", [["plan"], ["check"], ["rehearse"]])
def test_so_is_a_file_of_that_name_in_this_folder(verb: list[str], home: Path, voicecoach: CommandLine) -> None:
    (home / "small.yaml").write_text(SMALL)
    assert voicecoach(*verb, "small").code == EXIT_DONE


def test_run_looks_for_it_too(own: Path, voicecoach: CommandLine) -> None:
    (own / "small.yaml").write_text(SMALL.replace("hold: 8", "hold: none"))
    outcome = voicecoach("run", "small")
    assert "small.yaml:" in outcome.err


def test_they_are_listed_and_a_faulty_one_is_told_of(own: Path, voicecoach: CommandLine) -> None:
    (own / "small.yaml").write_text(SMALL)
    (own / "broken.yaml").write_text("format: 1\n")
    outcome = voicecoach("routines")
    assert outcome.code == EXIT_DONE
    assert "small" in outcome.out
    assert "(your own)" in outcome.out
    assert "feet-quick" in outcome.out
    assert "broken.yaml:" in outcome.err
    rows = {row["name"]: row["own"] for row in json.loads(voicecoach("routines", "--json").out)}
    assert rows["small"] is True
    assert rows["feet"] is False


def test_ones_own_wins_over_one_that_comes_along_and_that_is_said(own: Path, voicecoach: CommandLine) -> None:
    (own / "feet.yaml").write_text(SMALL)
    outcome = voicecoach("plan", "feet")
    assert outcome.out.startswith("Small: ")
    assert "feet is your own" in outcome.err


def test_a_file_in_this_folder_does_not_take_the_place_of_one_that_comes_along(
    home: Path,
    voicecoach: CommandLine,
) -> None:
    (home / "feet.yaml").write_text(SMALL)
    assert not voicecoach("plan", "feet").out.startswith("Small")
    assert voicecoach("plan", "./feet.yaml").out.startswith("Small")


def test_a_name_that_is_nearly_ones_own_is_answered_with_it(own: Path, voicecoach: CommandLine) -> None:
    (own / "shoulders.yaml").write_text(SMALL)
    assert_one_message(voicecoach("plan", "shoulder"), EXIT_USAGE, "did you mean `shoulders`")
