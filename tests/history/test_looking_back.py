"""The sessions that were done, as `history` lists them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.coaching.stage import one_exercise_plan
from tests.history.keeping import KeptStage
from voicecoach.cli import main
from voicecoach.coaching.states import Ended, Working
from voicecoach.commands import Command
from voicecoach.errors import EXIT_DONE, EXIT_USAGE
from voicecoach.history import HISTORY_VARIABLE, history_folder
from voicecoach.history.store import NAME


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv(HISTORY_VARIABLE, str(tmp_path))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield tmp_path
    monkeypatch.undo()
    time.tzset()


def in_a_hold(folder: Path) -> KeptStage:
    stage = KeptStage(folder, one_exercise_plan())
    stage.begin()
    stage.until_state(Working)
    stage.until(stage.now + 10_000)
    return stage


def test_a_session_is_listed_while_it_goes_on_and_when_it_is_done(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = in_a_hold(folder)
    assert main(["history"]) == EXIT_DONE
    assert capsys.readouterr().out == "2027-01-15 08:00  One: nothing done (broken off)\n"
    stage.until_state(Ended)
    stage.close()
    assert main(["history"]) == EXIT_DONE
    assert capsys.readouterr().out == "2027-01-15 08:00  One: left 0:30, right 0:30 (done)\n"


def test_what_was_broken_off_and_begun_anew_are_two_sessions(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    in_a_hold(folder).close()
    stage = KeptStage(folder, one_exercise_plan())
    stage.begin()
    stage.hear(Command.READY)
    stage.until_state(Ended)
    stage.close()
    assert main(["history", "--json"]) == EXIT_DONE
    anew, before = json.loads(capsys.readouterr().out)
    assert anew == {
        "began": "2027-01-15T08:00:00+00:00",
        "began_s": 1_800_000_000,
        "routine": "feet",
        "title": "One",
        "outcome": "done",
        "continued": 0,
        "left_ms": 30_000,
        "right_ms": 30_000,
        "both_ms": 0,
        "owed_ms": 0,
    }
    assert (before["outcome"], before["continued"], before["right_ms"]) == ("broken_off", 0, 0)


def test_a_session_that_was_gone_on_with_is_one_and_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    in_a_hold(folder).close()
    stage = KeptStage(folder, one_exercise_plan())
    stage.begin()
    stage.until_state(Ended)
    stage.close()
    assert main(["history"]) == EXIT_DONE
    assert capsys.readouterr().out.endswith("left 0:30, right 0:30 (done, continued)\n")


def test_an_empty_history_is_an_empty_list(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "--json"]) == EXIT_DONE
    assert json.loads(capsys.readouterr().out) == []
    assert list(folder.iterdir()) == []


def test_a_damaged_history_is_one_line_and_stays_as_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder.joinpath(NAME).write_bytes(b"This is no database. " * 100)
    assert main(["history"]) == EXIT_USAGE
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "cannot be read: file is not a database" in told
    assert folder.joinpath(NAME).read_bytes().startswith(b"This is no database")


def test_it_is_kept_beside_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HISTORY_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/var/lib")
    assert history_folder() == Path("/var/lib/voicecoach/history")
