from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import fftconvolve

from tests.device.living import FAKES, Coach, Home, kill
from tests.device.sound_server import SoundServer, until
from voicecoach.cli.voicing import renderer_of
from voicecoach.language.pack import load_pack
from voicecoach.standby.script import StandbyLine

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
    home.introduce()
    coach = home.stand_by()
    coach.tells("Hearing with")
    says_until_told(home, coach, "coach, louder", "Called: louder")
    hearing = coach.child("voicecoach.live.hearing")
    says_until_told(home, coach, "coach, start feet", "Tiny begins.")
    coach.tells("end: done", 150.0)
    says_until_told(home, coach, "coach, again", "Tiny begins.")
    assert coach.child("voicecoach.live.hearing") == hearing, "a model is loaded once"
    assert stop(coach) == INTERRUPTED
    kept = json.loads((tmp_path / "data" / "voicecoach" / "preferences.json").read_text())
    # It is said again where the answer is late, and then counts twice.
    assert kept["volume_db"] in (3, 6), kept


@pytest.fixture
def systemd() -> Iterator[tuple[str, list[str]]]:
    """Stand where systemd does: the name of its socket, and what it has been told."""
    told: list[str] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        name = f"voicecoach-standby-{os.getpid()}"
        listening.bind(f"\0{name}")

        def listen() -> None:
            while (report := listening.recv(300)) != b"over":
                told.append(report.decode())

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"@{name}", told
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ending:
            ending.sendto(b"over", f"\0{name}")
        thread.join()


def test_without_anything_it_is_ready_and_it_recovers_by_itself(
    home: Home, server: SoundServer, tmp_path: Path, systemd: tuple[str, list[str]]
) -> None:
    """No loudspeaker, no microphone, settings with a mistake, no time of day, and a disk that takes nothing."""
    clock = tmp_path / "clock"
    unset = {"PYTHONPATH": str(FAKES / "unset_clock"), "CLOCK_IS_SET": str(clock)}
    name, reports = systemd
    server.kill()
    (tmp_path / "data").write_text("no folder")
    (tmp_path / "config" / "voicecoach").mkdir(parents=True)
    (tmp_path / "config" / "voicecoach" / "config.yaml").write_text("volum: 3\n")
    coach = home.stand_by("--loudspeaker", "default", NOTIFY_SOCKET=name, WATCHDOG_USEC="1000000", **unset)
    until(lambda: "READY=1" in reports, 30, "it to be ready")
    coach.tells("config.yaml:1:1:")
    coach.tells("No loudspeaker")
    coach.tells("The clock was never set")
    clock.touch()
    coach.tells("The clock has been set")
    assert server.start() is None
    coach.tells("Sound by 'default', hearing by 'default'.")
    until(lambda: "STATUS=Waiting to be called." in reports, 30, "it to wait")
    says_until_told(home, coach, "coach, louder", "Called: louder")

    # Its watchdog goes on while a child is lost, and that one is replaced.
    kill(coach.child("voicecoach.live.hearing"))
    coach.tells("The hearing process was lost")
    fed = reports.count("WATCHDOG=1")
    until(lambda: reports.count("WATCHDOG=1") > fed + 2, 10, "the watchdog to be fed")
    assert stop(coach) == INTERRUPTED
    coach.tells("cannot keep what was wished")
    assert reports[-1] == "STOPPING=1"


def test_at_the_first_start_it_finds_somebody_who_hears_it_and_is_understood(
    home: Home, tmp_path: Path, systemd: tuple[str, list[str]]
) -> None:
    name, reports = systemd
    coach = home.stand_by(NOTIFY_SOCKET=name, WATCHDOG_USEC="4000000")
    coach.tells("Hearing with")
    for phrase, command in (("yes", "yes"), ("next exercise", "next"), ("switch foot", "switch")):
        says_until_told(home, coach, phrase, f"Understood: {command}")
    says_until_told(home, coach, "cramp, back off", "Understood: cramp")
    coach.tells("Somebody hears the coach by the usual loudspeaker.")
    kept = tmp_path / "data" / "voicecoach" / "preferences.json"
    until(lambda: kept.exists() and '"introduced": true' in kept.read_text(), 10, "that to be kept")
    fed = reports.count("WATCHDOG=1")
    coach.tells("levels: The microphone gave nothing but zeros")
    assert reports.count("WATCHDOG=1") > fed + 2, "it lives while it measures"
    coach.tells("echo: 0 of 3 chirps came back")
    until(lambda: "STATUS=Waiting to be called." in reports, 60, "it to wait, after it has said so")
    says_until_told(home, coach, "coach, louder", "Called: louder")
    assert stop(coach) == INTERRUPTED


def test_a_loudspeaker_that_nothing_is_said_by_rests_and_what_it_says_first_after_that_is_whole(
    home: Home, server: SoundServer, rendered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_open() -> bool:
        # The person's voice is played into the microphone, the other one.
        sinks = server.control("list", "short", "sinks").splitlines()
        return any("loudspeaker" in line and "RUNNING" in line for line in sinks)

    home.introduce()
    coach = home.stand_by()
    coach.tells("Hearing with")
    until(is_open, 30, "the loudspeaker to be open")
    until(lambda: not is_open(), 60, "the loudspeaker to rest")
    home.record()
    says_until_told(home, coach, "coach, good night", "Called: good_night")
    until(is_open, 10, "the loudspeaker to be opened")
    until(lambda: not is_open(), 60, "it to rest again")
    assert stop(coach) == INTERRUPTED
    assert not any("lost" in line for line in coach.told), coach.told

    monkeypatch.setenv("XDG_CACHE_HOME", str(rendered))
    pack = load_pack("en")
    text = pack.calls.script[StandbyLine.GOOD_NIGHT]
    clip = renderer_of(frozenset({text}), pack, lambda: False)(pack.voice.words_per_minute)[text]
    first = clip.samples[: 48 * 300]
    sound = home.recorded().astype(np.float32) / 32_768
    likeness = fftconvolve(sound, first[::-1], mode="valid")
    power = fftconvolve(sound**2, np.ones(len(first), np.float32), mode="valid")
    alike = likeness / np.sqrt(np.maximum(power, 1e-3) * float(first @ first))
    assert alike.max() > 0.98, "the first syllables are whole"
