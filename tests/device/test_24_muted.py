"""Devices that are muted or turned down: `doctor` finds it, sessions and `listen` tell it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.device.living import Home
from tests.device.sound_server import SoundServer

DONE, INTERRUPTED = 0, 130
MUTED, ZERO, FAINT, WELL = ("mute", "1", "0"), ("volume", "0%", "100%"), ("volume", "5%", "100%"), ("mute", "0", "0")
"""What is set, to which value, and to which one afterwards."""
SINK, SOURCE = ("sink", "loudspeaker"), ("source", "microphone.monitor")


@contextmanager
def set_to(server: SoundServer, of: tuple[str, str], setting: tuple[str, str, str]) -> Iterator[None]:
    kind, name = of
    what, value, usual = setting
    server.control(f"set-{kind}-{what}", name, value)
    try:
        yield
    finally:
        server.control(f"set-{kind}-{what}", name, usual)


@pytest.mark.parametrize(
    ("of", "setting", "said"),
    [
        (SINK, MUTED, "pactl set-sink-mute loudspeaker 0"),
        (SINK, ZERO, "pactl set-sink-volume loudspeaker 70%"),
        (SOURCE, MUTED, "pactl set-source-mute microphone.monitor 0"),
        (SOURCE, FAINT, "pactl set-source-volume microphone.monitor 70%"),
    ],
)
def test_doctor_says_that_a_device_is_silenced_and_by_what(
    home: Home, server: SoundServer, of: tuple[str, str], setting: tuple[str, str, str], said: str
) -> None:
    with set_to(server, of, setting):
        asked = home.ask("doctor", "--json", "--silent")
    assert asked.returncode == DONE, "a session can be run"
    checks = {check["check"]: check for check in json.loads(asked.stdout)["checks"]}
    silenced, other = ("loudspeaker", "microphone") if of is SINK else ("microphone", "loudspeaker")
    assert (checks[silenced]["standing"], checks[silenced]["code"]) == ("failure", "silenced")
    assert said in checks[silenced]["advice"]
    assert checks[other]["standing"] == "ok"


def test_a_session_tells_what_is_muted_and_when_it_is_not_any_more(home: Home, server: SoundServer) -> None:
    with set_to(server, SINK, MUTED):
        coach = home.run()
        coach.tells("The loudspeaker 'loudspeaker' is muted in the sound server")
    coach.tells("The loudspeaker is not silenced any more.")
    streams = json.loads(server.control("--format=json", "list", "source-outputs"))
    (ours,) = [one["index"] for one in streams if "python" in one["properties"].get("application.name", "").lower()]
    server.control("set-source-output-mute", str(ours), "1")
    coach.tells("The sound server has muted what this program hears")
    coach.process.send_signal(signal.SIGINT)
    assert coach.ends() == INTERRUPTED


def test_listen_tells_that_the_microphone_is_muted(home: Home, server: SoundServer) -> None:
    with set_to(server, SOURCE, MUTED):
        listening = home.listen()
        listening.tells("The microphone 'microphone.monitor' is muted in the sound server")
    listening.process.send_signal(signal.SIGINT)
    assert listening.ends(limit_s=10) == INTERRUPTED


@pytest.mark.parametrize(
    ("of", "setting", "said"),
    [
        (SINK, MUTED, "The loudspeaker 'default' is muted ('Master' in ALSA's mixer)"),
        (SINK, ZERO, "The loudspeaker 'default' is at volume zero"),
        (SOURCE, MUTED, "The microphone 'default' is muted ('Capture' in ALSA's mixer)"),
        (SOURCE, WELL, ""),
        (SINK, WELL, ""),
    ],
)
def test_the_mixer_of_alsa_is_read_where_there_is_no_tool_of_a_server(
    server: SoundServer, of: tuple[str, str], setting: tuple[str, str, str], said: str
) -> None:
    """By the real library, in a process of its own: PulseAudio offers a mixer to it."""
    server.restore()
    direction = "OUTPUT" if of is SINK else "INPUT"
    program = (
        "from voicecoach.live.alsa_mixer import silence\n"
        "from voicecoach.live.devices import Device, Direction\n"
        f"print(silence(Device('default', Direction.{direction}, '', 48_000, 2, True, 0)))"
    )
    with set_to(server, of, setting):
        asked = subprocess.run(
            [sys.executable, "-c", program],
            env=server.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert asked.stdout.startswith(said)
    assert bool(asked.stdout.strip()) == bool(said)
