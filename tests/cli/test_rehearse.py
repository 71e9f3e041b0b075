"""`rehearse` as people use it: what it prints, and the files that it writes or leaves alone."""

from __future__ import annotations

import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import soundfile

from tests.cli.conftest import SMALL, CommandLine
from voicecoach.cli import main
from voicecoach.commands import Command
from voicecoach.errors import EXIT_DONE, EXIT_USAGE
from voicecoach.timeline.events import Ended, Heard
from voicecoach.timeline.timeline import json_line, parse_timeline


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A rehearsal of a small routine in which somebody says "pause" and "continue"."""

    folder: Path
    code: int
    out: str
    err: str

    @property
    def timeline(self) -> str:
        return (self.folder / "session.jsonl").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory, kept_clips: Path) -> Rehearsed:
    folder = tmp_path_factory.mktemp("rehearsed")
    (folder / "small.yaml").write_text(SMALL)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        patch.setenv("HOME", str(folder / "home"))
        patch.setenv("XDG_CONFIG_HOME", str(folder / "home"))
        patch.setenv("XDG_CACHE_HOME", str(kept_clips))
        patch.chdir(folder)
        words = ["rehearse", "small.yaml", "--voice", "slt", "--say", "0:11 pause", "--say", "0:16 continue"]
        words += ["--out", "session.wav", "--timeline", "session.jsonl", "--picture", "session.svg"]
        code = main(words)
    return Rehearsed(folder, code, out.getvalue(), err.getvalue())


def test_a_rehearsal_writes_what_was_asked_for_and_nothing_else(rehearsed: Rehearsed) -> None:
    assert rehearsed.code == EXIT_DONE
    names = sorted(path.name for path in rehearsed.folder.iterdir())
    assert names == ["session.jsonl", "session.svg", "session.wav", "small.yaml"]


def test_what_was_said_was_heard(rehearsed: Rehearsed) -> None:
    heard = [event.command for event in parse_timeline(rehearsed.timeline) if isinstance(event, Heard)]
    assert heard == [Command.PAUSE, Command.RESUME]


def test_the_lines_of_the_timeline_are_in_order_and_read_back_as_they_were(rehearsed: Rehearsed) -> None:
    lines = rehearsed.timeline.splitlines()
    assert [json_line(event) for event in parse_timeline(rehearsed.timeline)] == lines
    objects = [json.loads(line) for line in lines]
    times = [line["t_ms"] for line in objects]
    assert times == sorted(times)
    assert all(list(line)[:2] == ["t_ms", "kind"] for line in objects)
    assert {line["kind"] for line in objects} == {"state", "say", "tone", "heard", "ledger", "end"}
    assert objects[-1]["kind"] == "end"


def test_every_kind_of_line_has_the_fields_that_scripts_rely_on(rehearsed: Rehearsed) -> None:
    fields = {line["kind"]: line.keys() for line in map(json.loads, rehearsed.timeline.splitlines())}
    assert fields["state"] >= {"state", "exercise", "side", "set", "station", "remaining_ms"}
    assert fields["say"] >= {"text", "length_ms", "cut", "from_ms"}
    assert fields["tone"] >= {"name", "frame"}
    assert fields["heard"] >= {"command", "phrase", "said_end_ms", "acted_ms", "confidence"}
    assert fields["ledger"] >= {"exercise", "side", "done_ms", "owed_ms", "why"}
    assert fields["end"] >= {"reason", "left_ms", "right_ms", "both_ms", "owed_ms"}


def test_the_timeline_is_printed_a_line_an_event_and_messages_are_not_among_them(rehearsed: Rehearsed) -> None:
    events = parse_timeline(rehearsed.timeline)
    printed = rehearsed.out.splitlines()
    assert [line.split()[1] for line in printed] == [event.kind for event in events]
    assert "Hearing with " in rehearsed.err
    assert "Hearing with " not in rehearsed.out


def test_the_sound_is_as_long_as_the_session(rehearsed: Rehearsed) -> None:
    end = parse_timeline(rehearsed.timeline)[-1]
    assert isinstance(end, Ended)
    sound = soundfile.info(rehearsed.folder / "session.wav")
    assert (sound.samplerate, sound.channels, sound.subtype) == (48_000, 1, "PCM_16")
    assert end.t_ms <= sound.frames // 48 <= end.t_ms + 1_000


def test_the_picture_is_one(rehearsed: Rehearsed) -> None:
    assert ET.parse(rehearsed.folder / "session.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_a_time_after_the_end_of_the_session_is_told_and_nothing_is_left(home: Path, voicecoach: CommandLine) -> None:
    Path("small.yaml").write_text(SMALL)
    words = ["--out", "session.wav", "--timeline", "session.jsonl", "--picture", "session.svg"]
    Path("session.wav").write_bytes(b"what was there before")
    outcome = voicecoach("rehearse", "small.yaml", "--say", "59:59 next", *words)
    assert outcome.code == EXIT_USAGE
    last = outcome.err.splitlines()[-1]
    assert last.startswith("'next' is to come at 59:59, but the session ends at about 0:")
    assert not outcome.out, "before it begins"
    assert sorted(path.name for path in home.iterdir()) == ["session.wav", "small.yaml"]
    assert Path("session.wav").read_bytes() == b"what was there before"
