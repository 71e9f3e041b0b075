"""Cues that a voice reads otherwise than they are meant: `check` says which, and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import SMALL, CommandLine, home, voicecoach
from voicecoach.errors import DocumentError
from voicecoach.routine.library import load_routine, shipped_names
from voicecoach.routine.misread import misread
from voicecoach.routine.reader import read_routine

__all__ = ["home", "voicecoach"]

MISREAD = {
    "Hold for 30s.": ("30s", "30 seconds"),
    "Hold for 45 s": ("45 s", "45 seconds"),
    "Rest 2 min.": ("2 min", "2 minutes"),
    "Warrior II": ("II", "two"),
    "Bend 1/2 way": ("1/2", "half"),
    "Lift 2-3 times": ("2-3", "two to three"),
    "Lean w/ a chair": ("w/", "with"),
    "Smile 😀 now": ("😀", "words"),
    "Do 3x3 lifts": ("3x3", "three times"),
    "Use a wall, e.g. this one": ("e.g.", "for example"),
    "Go to 80% of it": ("%", "per cent"),
    "Turn by 90° now": ("°", "degrees"),
    "Do NOT lean": ("NOT", "small letters"),
    "See https://example.org now": ("https://example.org", "address"),
    "Two reps of it": ("reps", "times"),
    "Rest for 1:30 now": ("1:30", "one and a half"),
}


@pytest.mark.parametrize("text", MISREAD)
def test_each_is_found_with_what_to_write(text: str, home: Path, voicecoach: CommandLine) -> None:
    (home / "r.yaml").write_text(SMALL.replace("setup: Lean.", f'setup: "{text}"'))
    outcome = voicecoach("check", "r.yaml")
    assert outcome.code == 0
    what, instead = MISREAD[text]
    (line,) = [line for line in outcome.err.splitlines() if "warning" in line]
    assert f"a voice misreads “{what}”" in line
    assert instead in line
    assert line.startswith("r.yaml:10:")


@pytest.mark.parametrize(
    "text",
    ["Hold for 30 seconds.", "I lean. A chair helps.", "Count to 10.", "Well-known, half-hearted.", "Is it OK? Yes."],
)
def test_plain_words_are_fine(text: str) -> None:
    routine = read_routine(SMALL.replace("setup: Lean.", f'setup: "{text}"').replace("OK", "right"), "r.yaml")
    assert list(misread(routine)) == []


@pytest.mark.parametrize("name", shipped_names())
def test_nothing_that_ships_is_misread(name: str) -> None:
    assert list(misread(load_routine(name))) == []


@pytest.mark.parametrize("bracket", "[]{}")
def test_brackets_are_refused_as_the_page_says(bracket: str) -> None:
    with pytest.raises(DocumentError):
        read_routine(SMALL.replace("setup: Lean.", f'setup: "Lean {bracket}x"'), "r.yaml")


@given(st.text(max_size=60))
def test_whatever_is_written_it_ends(text: str) -> None:
    try:
        routine = read_routine(SMALL.replace("setup: Lean.", f"setup: {text!r}"), "r.yaml")
    except DocumentError:
        return
    assert all(what for _, what in misread(routine))
