from __future__ import annotations

import signal
import socket
from pathlib import Path

from tests.device.living import Coach, Home, kill
from tests.device.sound_server import SoundServer, until

INTERRUPTED = 130
PATIENCE = 4
"""How often something is said before the test gives up: how well it hears is a matter of the hearing's own tests."""


def says_until_told(home: Home, coach: Coach, phrase: str, told: str) -> None:
    for _ in range(PATIENCE):
        after = len(coach.told)
        home.speak(phrase)
        try:
            coach.tells(told, 6.0, after)
        except AssertionError:
            continue
        return
    raise AssertionError(f"{phrase!r} was said and {told!r} not told: {coach.told}")


def stop(coach: Coach) -> int:
    coach.process.send_signal(signal.SIGTERM)
    return coach.ends(10)


def test_it_leads_what_it_is_called_for_and_waits_again_and_keeps_what_was_wished(home: Home, tmp_path: Path) -> None:
    coach = home.stand_by()
    coach.tells("Hearing with")
    says_until_told(home, coach, "coach, louder", "Called: louder")
    processes = coach.children()
    says_until_told(home, coach, "coach, start feet", "Tiny begins.")
    coach.tells("end: done", 60.0)
    after = len(coach.told)
    says_until_told(home, coach, "coach, again", "Tiny begins.")
    assert coach.children() == processes, "the same processes serve session after session"
    assert stop(coach) == INTERRUPTED
    assert "end: finished" in " ".join(coach.told[after:])
    assert '"volume_db": 3,' in (tmp_path / "data" / "voicecoach" / "preferences.json").read_text()


def test_without_anything_it_is_ready_and_it_recovers_by_itself(
    home: Home, server: SoundServer, tmp_path: Path
) -> None:
    """No loudspeaker, no microphone, settings with a mistake, and a disk on which nothing can be written."""
    server.kill()
    (tmp_path / "data").write_text("no folder")
    (tmp_path / "config" / "voicecoach").mkdir(parents=True)
    (tmp_path / "config" / "voicecoach" / "config.yaml").write_text("volum: 3\n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"\0voicecoach-{tmp_path.name}")
        systemd.settimeout(30)
        environment = {"NOTIFY_SOCKET": f"@voicecoach-{tmp_path.name}", "WATCHDOG_USEC": "1000000"}
        coach = home.stand_by(**environment)
        assert systemd.recv(200) == b"READY=1"
        coach.tells("config.yaml:1:1:")
        coach.tells("No loudspeaker")
        assert server.start() is None
        coach.tells("Sound by 'default', hearing by 'default'.")
        until(lambda: b"STATUS=Waiting to be called." in systemd.recv(200), 30, "it to wait")
        says_until_told(home, coach, "coach, louder", "Called: louder")

        # Its watchdog goes on while a child hangs, and that one is replaced.
        kill(coach.child("voicecoach.live.hearing"))
        coach.tells("The hearing process was lost")
        assert b"WATCHDOG=1" in {systemd.recv(200) for _ in range(3)}
        assert stop(coach) == INTERRUPTED
        coach.tells("cannot keep what was wished")
