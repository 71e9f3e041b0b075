"""Sets of people's recordings: what is wrong with one, and what is counted."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.audio.files import read_audio
from voicecoach.bench.people import Clip, ClipRecord, read_set
from voicecoach.bench.people_report import failures, figures_of, verdict
from voicecoach.bench.records import Attended, Judged
from voicecoach.bench.scenes import pcm
from voicecoach.cli import main
from voicecoach.commands import Command
from voicecoach.errors import EXIT_DONE, EXIT_USAGE, UsageError
from voicecoach.listening.moonshine import Decoder, Encoder
from voicecoach.rehearsal.voices import recording

SAID: tuple[tuple[str, str | None], ...] = (("stop", "stop"), ("next", "next"), ("cramp", None))


@pytest.fixture
def people(tmp_path: Path) -> Path:
    folder = tmp_path / "people"
    folder.mkdir()
    labels = []
    for phrase, command in SAID:
        shutil.copy(recording("en", "rms", phrase), folder / f"{phrase}.flac")
        labels.append({"file": f"{phrase}.flac", "text": phrase, "command": command, "speaker": "rms"})
    (folder / "labels.json").write_text(json.dumps(labels))
    return folder


def test_people_are_heard_counted_and_what_went_wrong_is_told_with_what_was_written_down(
    people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = tmp_path / "figures.json"
    assert main(["bench", "people", "--set", str(people), "--json", str(figures)]) == EXIT_DONE
    (source,) = json.loads(figures.read_text())["sources"]
    assert (source["commands"], source["right"], source["wrong"], source["missed"]) == (2, 2, 0, 0)
    assert (source["others"], source["false"]) == (1, 1), "it was said, though nobody meant the coach"
    printed = capsys.readouterr().out
    assert "cramp.flac, “cramp” by rms, meant for nobody: cramp (" in printed
    assert "written down as “" in printed
    assert printed.endswith("2 of 2 understood: good. Of 1 other recordings 1 taken for a command.\n")


@pytest.mark.parametrize(
    ("labels", "what"),
    [
        ("", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("{}", "must be a list"),
        ("[]", "must be a list"),
        ("[3]", "label 1"),
        ('[{"file": 3, "text": "a", "speaker": "b"}]', "'file'"),
        ('[{"file": "a.wav", "text": "a", "speaker": "b", "command": "jump"}]', "'command'"),
        ('[{"file": "a.wav", "text": "a", "speaker": "b", "command": []}]', "'command'"),
        ('[{"file": "../a.wav", "text": "a", "speaker": "b"}]', "outside"),
        ('[{"file": "/etc/passwd", "text": "a", "speaker": "b"}]', "outside"),
    ],
)
def test_labels_that_cannot_be_used_are_refused_in_one_line(tmp_path: Path, labels: str, what: str) -> None:
    (tmp_path / "labels.json").write_text(labels)
    with pytest.raises(UsageError, match=what) as raised:
        read_set(tmp_path)
    assert "\n" not in str(raised.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(("file", "text", "command", "speaker", "source"), json_values))))
def test_whatever_labels_hold_they_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, labels: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "labels.json").write_text(json.dumps(labels))
    with suppress(UsageError):
        assert len(read_set(folder)) == len(labels)


def test_where_there_is_no_set_one_line_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "people", "--set", str(tmp_path)]) == EXIT_USAGE
    (line,) = capsys.readouterr().err.splitlines()
    assert "labels.json" in line


@pytest.mark.parametrize("option", [("--snr", "81"), ("--snr", "nan"), ("--rt60", "0"), ("--jobs", "0")])
def test_surroundings_that_cannot_be_are_refused(people: Path, option: tuple[str, str]) -> None:
    assert main(["bench", "people", "--set", str(people), *option]) == EXIT_USAGE


def record(said: Command | None, *heard: Command | None) -> ClipRecord:
    judged = tuple(Judged(one, "accepted" if one else "poor_fit", 0.5, 0, 100, 200, 210) for one in heard)
    return ClipRecord(Clip(Path("a.wav"), "a", said, "b", "c"), Attended(judged, (), 3_600_000, 1.0))


def test_a_command_is_right_wrong_or_missed_and_nothing_else() -> None:
    stop, go = Command.STOP, Command.READY
    records = [record(stop, stop), record(stop, None, stop), record(stop, go), record(stop, stop, go), record(stop)]
    records += [record(None), record(None, None), record(None, go)]
    (figures,) = figures_of(records)
    assert (figures.commands, figures.right, figures.wrong, figures.missed) == (5, 2, 2, 1)
    assert (figures.others, figures.false, figures.other_hours) == (3, 1, 3.0)
    assert len(failures(records)) == 4
    said = "2 of 5 understood: poor. 2 taken for another command. Of 3 other recordings 1 taken for a command."
    assert verdict(figures) == said


def test_what_is_said_is_written_down() -> None:
    sound = pcm(read_audio(recording("en", "rms", "switch foot")))
    assert Decoder().write_down(Encoder().encode(sound))[0].casefold().strip(".!?") == "switch foot"
