"""A session's own processes, with real sound, in a folder of poisoned modules."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.device.living import Home
from tests.faults.verbs import PROGRAM, poison, poisoned

DONE, INTERRUPTED = 0, 130


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    poison(folder)
    monkeypatch.chdir(folder)
    # Python itself would take the package that is here for the program.
    monkeypatch.setattr(Home, "_command", staticmethod(lambda *words: (PROGRAM, *words)))
    return folder


def test_in_a_session_nothing_there_is_imported(home: Home, here: Path) -> None:
    coach = home.run()
    coach.prints("tone start")
    assert coach.children("voicecoach.live.hearing")
    assert coach.ends() == DONE
    assert (poisoned(here), "\n".join(coach.told).count("was lost")) == ([], 0)


def test_nor_by_one_who_stands_by(home: Home, here: Path) -> None:
    coach = home.stand_by()
    coach.tells("Sound by")
    coach.process.send_signal(signal.SIGTERM)
    assert coach.ends() == INTERRUPTED
    assert (poisoned(here), "\n".join(coach.told).count("was lost")) == ([], 0)
