"""Times, numbers and names of outputs are read strictly, before anything is done."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import SMALL, CommandLine, assert_one_message, home, voicecoach
from voicecoach.cli.choosing import parse_time
from voicecoach.cli.options import build_parser, verbs_of
from voicecoach.errors import EXIT_DONE, EXIT_USAGE, UsageError

__all__ = ["home", "voicecoach"]

ODD = [
    "1_0",
    "+1",
    " 1",
    "1 ",
    "1e1",
    "0x10",
    "nan",
    "inf",
    "-inf",
    "\N{ARABIC-INDIC DIGIT ONE}",
    "",
    "1" * 400,
    "1.5.5",
    "--",
    "½",
    "1,5",
]


NO_TIMES = [
    *("1_0:30", "+1:30", "\N{ARABIC-INDIC DIGIT ONE}:30", "1:99", "1:60", "-1:30", ":30", "1:", "1:5:", "1:60:00"),
    *("9" * 400, "0:" + "0" * 400, "1:30 ", "1:3_0", "1.5:30", "1:2:3:4", "nan", ""),
]


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time_is_refused(text: str, voicecoach: CommandLine) -> None:
    with pytest.raises(UsageError):
        parse_time(text)
    if text.strip() == text and text:
        assert_one_message(voicecoach("rehearse", "feet", f"--say={text} next"), EXIT_USAGE, "is not a time")


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1:30", 90_000),
        ("0:05", 5_000),
        ("90", 90_000),
        ("1:02:03", 3_723_000),
        ("0:01.5", 1_500),
        ("120:00", 7_200_000),
    ],
)
def test_what_is_a_time_is_read(text: str, ms: int) -> None:
    assert parse_time(text) == ms


@given(st.text(max_size=12))
def test_whatever_is_written_it_is_a_time_of_a_day_or_refused(text: str) -> None:
    try:
        ms = parse_time(text)
    except UsageError:
        return
    assert 0 <= ms <= 100 * 3_600_000 + 99_999_000
    assert text.isascii()


def numbers() -> list[tuple[list[str], str]]:
    """Every option of every verb that takes a number."""
    found = []
    pending = [([name], parser) for name, parser in verbs_of(build_parser()).items()]
    while pending:
        words, parser = pending.pop()
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                pending += [([*words, name], inner) for name, inner in action.choices.items()]
            elif callable(action.type):
                found.append((words, action.option_strings[0]))
    return found


@pytest.mark.parametrize(("words", "option"), numbers())
def test_every_number_is_plain_digits_in_a_range(words: list[str], option: str, voicecoach: CommandLine) -> None:
    for text in (*ODD, "1" * 9, "-" + "1" * 9):
        given = [*words, *(["--set", "x"] if words[-1] == "people" else []), f"{option}={text}"]
        if option == "--seed" and text == "1" * 9:
            continue
        told = f"{option} {text[:40]} cannot be; give a " if text != "--" else "gives no value"
        assert_one_message(voicecoach(*given), EXIT_USAGE, told)


def test_all_numbers_are_looked_at() -> None:
    assert {option for _, option in numbers()} >= {
        "--snr",
        "--echo",
        "--rt60",
        "--jobs",
        "--minutes",
        "--lines",
        "--talk",
    }


@pytest.mark.parametrize(
    ("option", "name", "instead"),
    [
        ("--out", "x.mp3", "x.wav"),
        ("--out", "x.FLAC", "x.wav"),
        ("--picture", "x.png", "x.svg"),
        ("--timeline", "x.csv", "x.jsonl"),
    ],
)
def test_a_name_of_another_format_is_refused(
    option: str, name: str, instead: str, home: Path, voicecoach: CommandLine
) -> None:
    assert_one_message(voicecoach("rehearse", "feet", option, name), EXIT_USAGE, f"name it {instead}")
    assert list(home.iterdir()) == []


def test_a_name_without_an_ending_is_fine(home: Path, voicecoach: CommandLine) -> None:
    (home / "small.yaml").write_text(SMALL)
    assert voicecoach("rehearse", "small", "--out", "sound", "--timeline", "t", "--picture", "p.SVG").code == EXIT_DONE
    assert {path.name for path in home.iterdir()} == {"small.yaml", "sound", "t", "p.SVG"}


@pytest.mark.parametrize("said", [["5:00 next"], ["0:10 next", "2:00 how long"]])
def test_a_time_past_the_end_is_refused_before_the_rehearsal(
    said: list[str], home: Path, voicecoach: CommandLine
) -> None:
    (home / "small.yaml").write_text(SMALL)
    outcome = voicecoach("rehearse", "small", *(f"--say={text}" for text in said), "--out", "x.wav")
    assert (outcome.code, outcome.out) == (EXIT_USAGE, "")
    assert "give an earlier time" in outcome.err
    assert not (home / "x.wav").exists()


def test_a_time_that_a_pause_makes_possible_is_taken(home: Path, voicecoach: CommandLine) -> None:
    (home / "small.yaml").write_text(SMALL)
    outcome = voicecoach("rehearse", "small", "--say", "0:10 pause", "--say", "1:00 resume")
    assert outcome.code == EXIT_DONE
