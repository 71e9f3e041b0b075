"""What is said of command lines that cannot be obeyed: one line each, before any work."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.cli.conftest import SMALL, CommandLine, assert_one_message
from voicecoach.cli.options import build_parser
from voicecoach.errors import EXIT_DONE, EXIT_USAGE
from voicecoach.rehearsal.voices import known_phrases

VERBS = re.findall(r"^    ([a-z]+) ", build_parser().format_help(), re.MULTILINE)


def test_the_help_lists_the_verbs() -> None:
    assert set(VERBS) >= {"rehearse", "plan", "routines", "check", "new", "listen", "doctor"}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, voicecoach: CommandLine) -> None:
    outcome = voicecoach(verb, "--help")
    assert outcome.code == EXIT_DONE
    assert outcome.out.startswith(f"usage: voicecoach {verb}")
    assert outcome.err == ""


def test_the_help_tells_every_exit_code(voicecoach: CommandLine) -> None:
    told = voicecoach("--help").out
    assert all(f"{code} " in told for code in (0, 2, 3, 4, 5, 6, 70, 130))


@pytest.mark.parametrize("words", [[], ["dance"], ["rehearse", "--dance"], ["listen", "--from"], ["check"], ["new"]])
def test_what_is_no_command_line_is_refused_with_the_usage(words: list[str], voicecoach: CommandLine) -> None:
    outcome = voicecoach(*words)
    assert (outcome.code, outcome.out) == (EXIT_USAGE, "")
    assert outcome.err.startswith("usage: ")


@pytest.mark.parametrize("verb", ["plan", "rehearse"])
def test_an_unknown_routine_is_refused_with_the_nearest(verb: str, voicecoach: CommandLine) -> None:
    assert_one_message(voicecoach(verb, "feet-quik"), EXIT_USAGE, "'feet-quik'", "did you mean `feet-quick`")


@pytest.mark.parametrize("name", ["missing.yaml", "./missing", "no/such/folder/r.yaml", ".", "x\0y.yaml"])
def test_a_routine_file_that_cannot_be_read_is_refused(name: str, voicecoach: CommandLine) -> None:
    assert_one_message(voicecoach("plan", name), EXIT_USAGE)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("1:30", "does not say both when and what"),
        ("next", "does not say both when and what"),
        ("", "does not say both when and what"),
        ("  ", "does not say both when and what"),
        ("1:75 next", "'1:75' is not a time"),
        ("-1 next", "'-1' is not a time"),
        ("abc next", "'abc' is not a time"),
        ("1:2:3:4 next", "'1:2:3:4' is not a time"),
        ("nan next", "'nan' is not a time"),
        ("inf next", "'inf' is not a time"),
        ("1e3 next", "'1e3' is not a time"),
        ("\N{ARABIC-INDIC DIGIT ONE} next", "is not a time"),
    ],
)
def test_a_thing_to_say_without_a_proper_time_or_phrase_is_refused(
    said: str, why: str, voicecoach: CommandLine
) -> None:
    assert_one_message(voicecoach("rehearse", "feet", f"--say={said}"), EXIT_USAGE, why)


def test_a_phrase_that_nobody_recorded_is_refused_with_those_that_are_the_nearest_first(
    voicecoach: CommandLine,
) -> None:
    outcome = voicecoach("rehearse", "feet", "--say", "1:30 switch fot")
    assert_one_message(outcome, EXIT_USAGE, "there are: switch foot, ")
    assert all(phrase in outcome.err for phrase in known_phrases("en"))


def test_a_voice_that_there_is_not_is_refused_with_those_there_are(voicecoach: CommandLine) -> None:
    outcome = voicecoach("rehearse", "feet", "--say", "1:30 next", "--voice", "bob")
    assert_one_message(outcome, EXIT_USAGE, "awb, rms, slt")


def test_a_language_that_there_is_not_is_refused_with_those_there_are(voicecoach: CommandLine) -> None:
    assert_one_message(voicecoach("rehearse", "feet", "--language", "xx"), EXIT_USAGE, "en, ko")


@pytest.mark.parametrize(
    "words",
    [
        ["--echo", "nan"],
        ["--echo", "inf"],
        ["--rt60", "-1"],
        ["--rt60", "1e9"],
        ["--snr", "6"],
        ["--play", "1:30"],
    ],
)
def test_a_room_that_cannot_be_is_refused(words: list[str], voicecoach: CommandLine) -> None:
    assert_one_message(voicecoach("rehearse", "feet", *words), EXIT_USAGE)


@pytest.mark.parametrize("snr", ["nan", "1e9"])
def test_a_noise_at_an_impossible_level_is_refused(snr: str, voicecoach: CommandLine) -> None:
    soundfile.write("noise.wav", np.random.default_rng(1).normal(0, 0.1, 16_000), 16_000)
    assert_one_message(voicecoach("rehearse", "feet", "--noise", "noise.wav", "--snr", snr), EXIT_USAGE)


def unusable(kind: str) -> str:
    """Make a file that is no usable sound, and return its name."""
    path = Path("sound.wav")
    samples = np.random.default_rng(2).normal(0, 0.1, 16_000).astype(np.float32)
    soundfile.write(path, samples, 16_000, "FLOAT")
    whole = path.read_bytes()
    match kind:
        case "missing":
            path.unlink()
        case "a directory":
            path.unlink()
            path.mkdir()
        case "a text":
            path.write_text("This is no sound.\n" * 100)
        case "empty":
            path.write_bytes(b"")
        case "not numbers":
            samples[8_000] = np.nan
            soundfile.write(path, samples, 16_000, "FLOAT")
        case "cut in the header":
            path.write_bytes(whole[:20])
        case "without samples":
            soundfile.write(path, samples[:0], 16_000, "FLOAT")
        case "an absurd rate":
            rate = whole.index(b"fmt ") + 12
            path.write_bytes(whole[:rate] + (2_000_000_000).to_bytes(4, "little") + whole[rate + 4 :])
    return str(path)


UNUSABLE = (
    "missing",
    "a directory",
    "a text",
    "empty",
    "not numbers",
    "cut in the header",
    "without samples",
    "an absurd rate",
)


@pytest.mark.parametrize("kind", UNUSABLE)
@pytest.mark.parametrize("option", ["--play", "--noise"])
def test_what_is_no_sound_is_not_played(option: str, kind: str, voicecoach: CommandLine) -> None:
    name = unusable(kind)
    value = f"0:10 {name}" if option == "--play" else name
    assert_one_message(voicecoach("rehearse", "feet", option, value), EXIT_USAGE, f"cannot use {name} as sound: ")


@pytest.mark.parametrize("kind", UNUSABLE)
def test_what_is_no_sound_is_not_listened_to(kind: str, voicecoach: CommandLine) -> None:
    name = unusable(kind)
    outcome = voicecoach("listen", "--from", name)
    assert (outcome.code, outcome.out) == (EXIT_USAGE, "")
    last = outcome.err.splitlines()[-1]
    assert last.startswith(f"cannot use {name} as sound: ")


@pytest.mark.parametrize("option", ["--out", "--timeline", "--picture"])
@pytest.mark.parametrize(
    ("place", "why"), [("no/such/folder/file", "No such file or directory"), (".", "it is a directory")]
)
def test_a_file_that_cannot_be_written_is_refused_before_any_work(
    option: str, place: str, why: str, voicecoach: CommandLine
) -> None:
    Path("small.yaml").write_text(SMALL)
    outcome = voicecoach("rehearse", "small.yaml", option, place)
    assert_one_message(outcome, EXIT_USAGE, f"cannot write {place}: {why}")


@pytest.mark.parametrize(
    ("one", "other"), [("same", "same"), ("same", "./same"), ("same", "folder/../same"), ("same", "link")]
)
def test_two_outputs_into_one_file_are_refused_before_any_work(
    one: str, other: str, home: Path, voicecoach: CommandLine
) -> None:
    Path("small.yaml").write_text(SMALL)
    Path("folder").mkdir()
    Path("link").symlink_to("same")
    outcome = voicecoach("rehearse", "small.yaml", "--out", one, "--picture", other)
    assert_one_message(outcome, EXIT_USAGE, "name the same file")
    assert sorted(path.name for path in home.iterdir()) == ["folder", "link", "small.yaml"]


def test_an_output_that_cannot_be_written_takes_the_others_with_it(home: Path, voicecoach: CommandLine) -> None:
    Path("small.yaml").write_text(SMALL)
    outcome = voicecoach("rehearse", "small.yaml", "--out", "session.wav", "--picture", "no/such/folder/s.svg")
    assert_one_message(outcome, EXIT_USAGE, "no/such/folder/s.svg")
    assert [path.name for path in home.iterdir()] == ["small.yaml"]
