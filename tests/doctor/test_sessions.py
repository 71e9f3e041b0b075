from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from voicecoach.doctor.sessions import running

COACH = 4_194_000
"""The number of no process, as those of Linux end before it on most machines; only its looks matter."""
HERE = {b"XDG_RUNTIME_DIR": b"/run/user/4711"}
LOOKS = ("-m", "voicecoach.live.sound", "7", str(COACH), "", "")


@pytest.fixture
def looking_like_a_session(tmp_path: Path) -> Iterator[None]:
    ready = tmp_path / "ready"
    program = f"import pathlib, time; pathlib.Path({str(ready)!r}).touch(); time.sleep(60)"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *LOOKS], env={"XDG_RUNTIME_DIR": "/run/user/4711", "PATH": os.environ["PATH"]}
    )
    while not ready.exists():
        assert process.poll() is None
    yield
    process.kill()
    process.wait(10)


@pytest.mark.usefixtures("looking_like_a_session")
def test_a_session_by_the_same_sound_server_is_seen() -> None:
    assert COACH in running(HERE)


@pytest.mark.usefixtures("looking_like_a_session")
def test_a_session_by_another_sound_server_is_nobodys_concern() -> None:
    assert COACH not in running({b"XDG_RUNTIME_DIR": b"/run/user/4712"})


def test_where_there_is_no_session_none_is_seen() -> None:
    assert COACH not in running(HERE)
