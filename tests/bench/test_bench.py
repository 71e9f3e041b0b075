"""The whole bench, on real engines: a handful of commands, and what is wrong with what it is given."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from voicecoach.bench.conditions import CONDITIONS, KITCHEN_SNR_DB
from voicecoach.bench.noises import noise
from voicecoach.bench.over_coach import room_of
from voicecoach.bench.recordings import find_recordings
from voicecoach.cli import main
from voicecoach.errors import EXIT_DONE, EXIT_INTERRUPTED, EXIT_USAGE, UsageError
from voicecoach.language.pack import load_pack
from voicecoach.rehearsal.room import BLOCK_FRAMES, PERSON_DBFS, Room
from voicecoach.rehearsal.voices import recording

ENGLISH = load_pack("en")
SAID = ("next", "switch foot", "what's next", "cramp")


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "my voice"
    folder.mkdir()
    for phrase in SAID:
        shutil.copy(recording("en", "rms", phrase), folder / f"{phrase.replace(' ', '_').replace(chr(39), '')}.flac")
    return folder


def test_a_persons_own_commands_are_measured_in_quiet_and_over_the_coach_and_in_a_kitchen(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    names = ["quiet dry", "over the coach 0 dB", "over the coach in steady noise 0 dB"]
    only = [part for name in names for part in ("--only", name)]
    code = main(["bench", "hearing", "--recordings", str(recordings), *only, "--out", str(out)])
    assert code == EXIT_DONE
    figures = json.loads((out / "hearing.json").read_text())
    by_name = {line["name"]: line for line in figures["conditions"]}
    assert list(by_name) == names
    assert by_name["quiet dry"]["ours"] == {"right": 4, "wrong": 0, "rejected": 0}
    assert by_name["quiet dry"]["bare"]["right"] >= 2
    for name in names[1:]:
        over = by_name[name]["ours"]
        assert sum(over.values()) == 4
        assert over["right"] >= 2, "giving way lets most of them be heard"
    printed = capsys.readouterr().out
    assert printed == (out / "hearing.md").read_text()
    assert "| quiet dry | 4 | 100.0 (39.8 to 100.0) |" in printed
    assert re.search(r"\n\d+ of 12 understood: (good|fair|poor)\.\n$", printed)
    assert (out / "hearing.svg").read_text().startswith("<svg")


def test_over_the_coach_in_a_kitchen_its_noise_is_in_the_room() -> None:
    kitchen = next(condition for condition in CONDITIONS if condition.name == "over the coach in steady noise 0 dB")
    hood = noise("hood", 1, seed=1)

    def loudest_dbfs(room: Room) -> float:
        blocks = [room.render(np.zeros(BLOCK_FRAMES, np.float32)) / 32_768 for _ in range(50)]
        return float(10 * np.log10(max(np.mean(block**2) for block in blocks)))

    assert loudest_dbfs(room_of(kitchen, hood, seed=0)) == pytest.approx(PERSON_DBFS - KITCHEN_SNR_DB, abs=1.0)
    assert loudest_dbfs(room_of(kitchen, None, seed=0)) < PERSON_DBFS - 40


def test_what_ctrl_c_leaves_is_told(recordings: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "voicecoach", "bench", "hearing", "--recordings", str(recordings)]
    file = tmp_path / "figures.json"
    child = subprocess.Popen(
        [*command, "--only", "quiet", "--only", "steady noise", "--json", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stderr is not None
    assert "Hearing with Moonshine" in child.stderr.readline()
    _await_children(child.pid)
    while True:
        # Whoever presses it in the very moment in which the workers are started presses it again.
        os.killpg(child.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            printed, said = child.communicate(timeout=5)
            break
    assert child.returncode == EXIT_INTERRUPTED, said
    assert "Traceback" not in said
    assert "leaked" not in said
    if printed:
        assert "Only part of it was done: interrupted." in printed
        assert json.loads(file.read_text())["ending"] == "interrupted"


def _await_children(pid: int) -> None:
    deadline = time.monotonic() + 60
    while not Path(f"/proc/{pid}/task/{pid}/children").read_text().split() and time.monotonic() < deadline:
        time.sleep(0.05)


class TestRecordings:
    def test_say_what_they_are_named_after_in_any_spelling(self, tmp_path: Path) -> None:
        names = {
            "next.wav": "next",
            "Next-2.wav": "next",
            "next@kitchen.flac": "next",
            "whats_next.ogg": "what's next",
            "Switch Foot (3).wav": "switch foot",
            "how-do-I-do-it.wav": "how do I do it",
        }
        for name in names:
            (tmp_path / name).touch()
        found = {file.name: phrase for _, phrase, file in find_recordings(tmp_path, ENGLISH)}
        assert found == names

    def test_belong_to_whoever_their_folder_is_named_after(self, tmp_path: Path) -> None:
        (tmp_path / "anna").mkdir()
        (tmp_path / "anna" / "next.wav").touch()
        (tmp_path / "stop.wav").touch()
        assert [(speaker.name, phrase) for speaker, phrase, _ in find_recordings(tmp_path, ENGLISH)] == [
            ("anna", "next"),
            ("you", "stop"),
        ]

    @pytest.mark.parametrize(
        ("make", "says"),
        [
            (lambda folder: folder / "nowhere", "there is no such folder"),
            (lambda folder: folder / "a-file", "it is not a folder"),
            (lambda folder: folder / "empty", "there is no sound file in it; record phrases as, for example, next.wav"),
            (lambda folder: folder / "strange", "'swich foot' is no phrase of English; name it after one, for example"),
        ],
    )
    def test_that_cannot_be_used_are_refused_in_one_line(self, tmp_path: Path, make: object, says: str) -> None:
        (tmp_path / "a-file").touch()
        (tmp_path / "empty").mkdir()
        (tmp_path / "strange").mkdir()
        (tmp_path / "strange" / "swich-foot.wav").touch()
        assert callable(make)
        with pytest.raises(UsageError, match=says) as error:
            find_recordings(make(tmp_path), ENGLISH)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--recordings", "/nowhere"], "cannot take recordings from /nowhere: there is no such folder"),
        (["--only", "babble 13 dB"], "There is no condition 'babble 13 dB'; there are quiet, steady noise"),
        (["--jobs", "0"], "--jobs 0 cannot be; give a whole number from 1 to 64."),
        (["--talk", "0"], "--talk 0 cannot be"),
        (["--out", "/dev/null"], "cannot write to /dev/null"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_one_line(
    options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "hearing", *options]) == EXIT_USAGE
    said = capsys.readouterr().err.splitlines()
    assert says in said[-1]
    assert not any("Traceback" in line for line in said)
