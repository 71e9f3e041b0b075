"""A real command is told of real events."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from voicecoach.coaching.messages import Tone
from voicecoach.commands import Command
from voicecoach.timeline.events import Ended, Heard, Said, StateEntered, ToneSounded
from voicecoach.timeline.hooks import AT_ONCE, Hook

STATE = StateEntered(1_000, "hold", "Calf stretch", "left", 1, None, 30_000)
KEEP = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"


def hook(*command: str, limit_s: float = 30.0) -> tuple[Hook, list[str]]:
    told: list[str] = []
    return Hook(command, told.append, limit_s), told


def test_a_command_reads_the_event_as_json(tmp_path: Path) -> None:
    found, told = hook(sys.executable, "-c", KEEP, str(tmp_path / "events"))
    found(STATE)
    found.close()
    assert told == []
    [line] = (tmp_path / "events").read_text().splitlines()
    event = json.loads(line)
    assert (event["kind"], event["state"], event["exercise"]) == ("state", "hold", "Calf stretch")


def test_what_happens_all_the_time_is_not_told(tmp_path: Path) -> None:
    found, _ = hook(sys.executable, "-c", KEEP, str(tmp_path / "events"))
    found(Said(0, "Hello.", 500, cut=False))
    found(ToneSounded(0, Tone.TICK, 0))
    found.close()
    assert not (tmp_path / "events").exists()


@pytest.mark.parametrize(
    ("event", "kind"),
    [(Heard(5, Command.NEXT, "next", 3, 5, 1.0), "heard"), (Ended(9, "done", 1, 2, 3, 0), "end"), (STATE, "state")],
)
def test_states_commands_and_the_end_are_told(event: Heard | Ended | StateEntered, kind: str, tmp_path: Path) -> None:
    found, _ = hook(sys.executable, "-c", KEEP, str(tmp_path / "events"))
    found(event)
    found.close()
    assert json.loads((tmp_path / "events").read_text())["kind"] == kind


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    target = tmp_path / "a b; $(touch owned)"
    found, told = hook(sys.executable, "-c", KEEP, str(target))
    found(STATE)
    found.close()
    assert (told, sorted(tmp_path.iterdir())) == ([], [target])


@pytest.mark.parametrize(
    ("command", "what"),
    [
        (("/nonexistent/lamp",), "/nonexistent/lamp cannot be started"),
        ((sys.executable, "-c", "raise SystemExit(3)"), "ended with code 3"),
        (("/dev/null",), "/dev/null cannot be started"),
    ],
)
def test_what_goes_wrong_is_told_once_and_harms_nobody(command: tuple[str, ...], what: str) -> None:
    found, told = hook(*command)
    for _ in range(3):
        found(STATE)
        found.close()
    assert len(told) == 1
    assert what in told[0]


def test_a_command_that_does_not_read_is_no_trouble() -> None:
    found, told = hook("/bin/true")
    for _ in range(5):
        found(STATE)
        found.close()
    assert told == []


def test_a_command_that_hangs_is_killed_with_what_it_started() -> None:
    found, told = hook("/bin/sh", "-c", "sleep 1000 & sleep 1000", limit_s=0.3)
    found(STATE)
    found.close()
    assert len(told) == 1
    assert "did not end within 0.3 s, and was killed" in told[0]


def test_only_so_many_run_at_once_and_nothing_waits_for_them() -> None:
    found, told = hook("/bin/sleep", "1000", limit_s=1.0)
    for _ in range(AT_ONCE + 3):
        found(STATE)
    assert told == [f"on_event: {AT_ONCE} commands run already; what happens meanwhile is not told to another."]
    found.close()
