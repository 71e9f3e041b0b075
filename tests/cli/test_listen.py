"""`listen`: what is heard in a file, and with which model."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from tests.cli.conftest import CommandLine, assert_one_message
from voicecoach.errors import EXIT_DONE, EXIT_NO_MODEL, EXIT_USAGE
from voicecoach.rehearsal.voices import recording

KEYS = ["start_ms", "end_ms", "command", "phrase", "reason", "confidence", "decided_ms"]


def recorded(*phrases: str, rate_hz: int = 16_000, channels: int = 1) -> str:
    """Write a file in which these are said, each after a second of quiet, and return its name."""
    quiet = np.random.default_rng(3).normal(0, 2e-4, 16_000)
    parts = [quiet]
    for phrase in phrases:
        parts += [soundfile.read(recording("en", "slt", phrase))[0], quiet]
    sound = soxr.resample(np.concatenate(parts), 16_000, rate_hz)
    name = "said.flac" if rate_hz <= 48_000 else "said.wav"
    soundfile.write(name, np.column_stack([sound] * channels), rate_hz)
    return name


def test_each_utterance_is_one_object_with_the_promised_keys(voicecoach: CommandLine) -> None:
    outcome = voicecoach("listen", "--json", "--from", recorded("cramp, back off", "switch foot"))
    assert outcome.code == EXIT_DONE
    heard = [json.loads(line) for line in outcome.out.splitlines()]
    assert [list(one) for one in heard] == [KEYS, KEYS]
    assert [(one["command"], one["phrase"]) for one in heard] == [
        ("cramp", "cramp back off"),
        ("switch", "switch foot"),
    ]
    for one in heard:
        assert 0 < one["start_ms"] < one["end_ms"] < one["decided_ms"]
        assert 0 < one["confidence"] <= 1
    assert heard[0]["end_ms"] < heard[1]["start_ms"]


@pytest.mark.parametrize(
    ("rate_hz", "channels", "phrase", "command"),
    # A telephone's band is not enough for every phrase.
    [
        (8_000, 1, "cramp, back off", "cramp"),
        (44_100, 2, "switch foot", "switch"),
        (96_000, 6, "switch foot", "switch"),
        (192_000, 1, "switch foot", "switch"),
    ],
)
def test_any_rate_and_any_number_of_channels_will_do(
    rate_hz: int, channels: int, phrase: str, command: str, voicecoach: CommandLine
) -> None:
    outcome = voicecoach("listen", "--json", "--from", recorded(phrase, rate_hz=rate_hz, channels=channels))
    (heard,) = [json.loads(line) for line in outcome.out.splitlines()]
    assert heard["command"] == command


def test_what_is_no_command_has_a_reason_and_neither_command_nor_phrase(voicecoach: CommandLine) -> None:
    noise = np.random.default_rng(4).normal(0, 2e-4, 32_000)
    backwards = soundfile.read(recording("en", "slt", "what can I say"))[0][::-1]
    noise[8_000 : 8_000 + len(backwards)] += backwards
    soundfile.write("backwards.wav", noise, 16_000)
    (ignored,) = map(json.loads, voicecoach("listen", "--json", "--from", "backwards.wav").out.splitlines())
    assert (ignored["command"], ignored["phrase"]) == (None, None)
    assert ignored["reason"] != "accepted"


def test_for_people_there_is_a_line_an_utterance(voicecoach: CommandLine) -> None:
    outcome = voicecoach("listen", "--from", recorded("cramp, back off"))
    (line,) = outcome.out.splitlines()
    assert "cramp: 'cramp back off'" in line


def test_in_silence_nothing_is_heard(voicecoach: CommandLine) -> None:
    soundfile.write("quiet.wav", np.zeros(48_000), 16_000)
    outcome = voicecoach("listen", "--json", "--from", "quiet.wav")
    assert (outcome.code, outcome.out) == (EXIT_DONE, "")


def damaged_model(kind: str) -> str:
    folder = Path("model")
    if kind == "not there":
        return str(folder)
    if kind == "a file":
        folder.write_text("no model")
        return str(folder)
    folder.mkdir()
    if kind == "junk in every file":
        for name in ("conf/model.conf", "conf/mfcc.conf", "am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst"):
            file = folder / name
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(b"\0junk" * 100)
    return str(folder)


@pytest.mark.parametrize("kind", ["not there", "a file", "empty", "junk in every file"])
@pytest.mark.parametrize("verb", ["listen", "rehearse"])
def test_a_damaged_model_is_told_in_one_line(verb: str, kind: str, home: Path, voicecoach: CommandLine) -> None:
    name = damaged_model(kind)
    words = ["--from", recorded("next")] if verb == "listen" else ["feet", "--out", "session.wav"]
    before = sorted(path.name for path in home.iterdir())
    outcome = voicecoach(verb, *words, "--model", name)
    assert (outcome.code, outcome.out) == (EXIT_NO_MODEL, "")
    assert len(outcome.err.splitlines()) == 1
    assert "model" in outcome.err
    assert sorted(path.name for path in home.iterdir()) == before


def test_a_recording_and_a_microphone_at_once_are_refused(voicecoach: CommandLine) -> None:
    assert_one_message(voicecoach("listen", "--from", "a.wav", "--microphone", "usb"), EXIT_USAGE, "leave one of them")


def test_a_reason_is_told_in_words_and_by_its_name(voicecoach: CommandLine) -> None:
    noise = np.random.default_rng(4).normal(0, 2e-4, 32_000)
    backwards = soundfile.read(recording("en", "slt", "what can I say"))[0][::-1]
    noise[8_000 : 8_000 + len(backwards)] += backwards
    soundfile.write("backwards.wav", noise, 16_000)
    (line,) = voicecoach("listen", "--from", "backwards.wav").out.splitlines()
    assert re.search(r"ignored: \w+ .* \(\w+, \d\.\d\d\)$", line)
