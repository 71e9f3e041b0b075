"""What `check` finds fine can be performed, and what cannot be is a fault, at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import SMALL, CommandLine, assert_one_message, home, voicecoach
from voicecoach.errors import EXIT_DOCUMENT, EXIT_DONE, EXIT_NO_VOICE
from voicecoach.routine.library import shipped_names

__all__ = ["home", "voicecoach"]


@pytest.mark.parametrize("name", shipped_names())
def test_names_are_taken_and_what_ships_is_fine_without_a_warning(name: str, voicecoach: CommandLine) -> None:
    outcome = voicecoach("check", name)
    assert outcome.code == EXIT_DONE
    assert "warning" not in outcome.err
    assert outcome.out.startswith(f"{name}: fine, ")


def test_a_language_that_nobody_speaks_is_a_fault_at_its_place(home: Path, voicecoach: CommandLine) -> None:
    (home / "r.yaml").write_text(SMALL.replace("language: en", "language: de"))
    assert_one_message(voicecoach("check", "r.yaml"), EXIT_DOCUMENT, "r.yaml:4:1: Nobody here speaks 'de'")


@pytest.mark.parametrize(
    "settings", ["language: en\n", "voice: {words_per_minute: 150}\n", "language: en\nvoice: {}\n"]
)
def test_settings_are_known_by_their_keys(settings: str, home: Path, voicecoach: CommandLine) -> None:
    (home / "s.yaml").write_text(settings)
    assert voicecoach("check", "s.yaml").out == "s.yaml: fine, settings\n"


def test_a_voice_that_does_not_exist_is_found(home: Path, voicecoach: CommandLine) -> None:
    (home / "s.yaml").write_text("voice: {name: xx-nobody}\n")
    assert_one_message(voicecoach("check", "s.yaml"), EXIT_NO_VOICE)


def test_a_routine_with_a_fault_is_not_taken_for_settings(home: Path, voicecoach: CommandLine) -> None:
    (home / "r.yaml").write_text(SMALL.replace("hold: 8", "hold: none"))
    outcome = voicecoach("check", "r.yaml")
    assert outcome.code == EXIT_DOCUMENT
    assert "whole number" in outcome.err
