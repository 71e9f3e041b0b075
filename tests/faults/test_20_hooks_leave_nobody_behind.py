"""What a person's own command starts ends with it at the limit, wherever it has gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.device.sound_server import until
from voicecoach.timeline.events import StateEntered
from voicecoach.timeline.hooks import Hook

STATE = StateEntered(1_000, "hold", "Calf stretch", "left", 1, None, 30_000)

COMMANDS = {
    "a session of its own": "setsid sleep 1000 & echo $! >{pid}; sleep 1000",
    "a session of its own, and the command ends": "setsid sleep 1000 & echo $! >{pid}",
    "twice forked": "(setsid sh -c 'sleep 1000 & echo $! >{pid}; exit' &) ; sleep 1000",
    "deaf to every signal": "trap '' TERM INT HUP; echo $$ >{pid}; while :; do sleep 1000; done",
    "a flood": "sleep 1000 & echo $! >{pid}; yes",
}


@pytest.mark.parametrize("manner", COMMANDS)
def test_what_a_command_starts_does_not_outlive_the_limit(manner: str, tmp_path: Path) -> None:
    told: list[str] = []
    note = tmp_path / "pid"
    hook = Hook(["/bin/sh", "-c", COMMANDS[manner].replace("{pid}", str(note))], told.append, limit_s=1.0)
    hook(STATE)
    until(lambda: note.exists() and bool(note.read_text().strip()), 20, "the command to begin")
    process = int(note.read_text())
    hook.close()
    assert not _lives(process)
    assert told == ["on_event: /bin/sh did not end within 1 s, and was killed."]


def test_what_it_leaves_running_has_until_the_limit(tmp_path: Path) -> None:
    told: list[str] = []
    hook = Hook(["/bin/sh", "-c", f"(sleep 0.3; touch {tmp_path}/done) &"], told.append, limit_s=20.0)
    hook(STATE)
    hook.close()
    assert (tmp_path / "done").exists()
    assert told == []


def test_a_coach_that_is_killed_leaves_none(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = f"""
import time
from tests.faults.test_20_hooks_leave_nobody_behind import STATE
from voicecoach.timeline.hooks import Hook
Hook(["/bin/sh", "-c", "setsid sleep 1000 & echo $! >{note}; sleep 1000"], print, limit_s=100.0)(STATE)
time.sleep(1000)
"""
    coach = subprocess.Popen([sys.executable, "-c", code])
    until(lambda: note.exists() and bool(note.read_text().strip()), 30, "the command to begin")
    process = int(note.read_text())
    coach.kill()
    coach.wait()
    until(lambda: not _lives(process), 20, "what it left to end")


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
