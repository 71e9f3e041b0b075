"""`doctor` on a real sound server, whose faults and echo path are known."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.device.living import Home
from tests.device.sound_server import SoundServer
from voicecoach.live.child import Child
from voicecoach.live.wire import FROM_SOUND

DONE, NO_DEVICE = 0, 4
LATENCY_MS, LOSS_DB = 80, 20
AROUND_MS = 300
"""What PortAudio and the server keep in their buffers on the way, on a busy machine."""


@contextmanager
def echo_path(server: SoundServer) -> Iterator[None]:
    """Let the microphone hear the loudspeaker, later and weaker."""
    module = server.control(
        "load-module",
        "module-loopback",
        "source=loudspeaker.monitor",
        "sink=microphone",
        f"latency_msec={LATENCY_MS}",
        "sink_input_properties=media.name=echo",
    ).strip()
    try:
        listed = json.loads(server.control("--format=json", "list", "sink-inputs"))
        (index,) = [one["index"] for one in listed if one["properties"].get("media.name") == "echo"]
        server.control("set-sink-input-volume", str(index), f"-{LOSS_DB}dB")
        yield
    finally:
        server.control("unload-module", module)


def examined(
    home: Home, *arguments: str, server: bool = True, fakes: str = ""
) -> tuple[int, dict[str, dict[str, Any]]]:
    """Return the exit code, and each finding by the name of its check."""
    asked = home.ask("doctor", "--json", *arguments, server=server, fakes=fakes)
    report = json.loads(asked.stdout)
    assert list(report) == ["format", "version", "can_run", "exit_code", "checks"]
    assert report["exit_code"] == asked.returncode
    assert report["can_run"] == (asked.returncode == DONE)
    keys = ["check", "standing", "code", "found", "advice", "spoken", "facts", "exit_code"]
    assert all(list(check) == keys for check in report["checks"])
    return asked.returncode, {check["check"]: check for check in report["checks"]}


def test_where_all_is_well_the_delay_and_the_loss_of_the_echo_are_found(home: Home, server: SoundServer) -> None:
    home.make_noise()
    with echo_path(server):
        code, checks = examined(home)
    assert code == DONE
    standings = {name: checks[name]["standing"] for name in ("voice", "model", "loudspeaker")}
    assert set(standings.values()) == {"ok"}, checks
    # Whether a sound server ends with a login is a matter of the machine that tests.
    assert checks["sound server"]["code"] == "ends_with_login" or checks["sound server"]["standing"] == "ok", checks
    assert (checks["levels"]["code"], checks["microphone"]["code"]) == ("good", "works"), checks
    assert checks["levels"]["facts"]["floor_db"] == pytest.approx(-55, abs=3)
    echo = checks["echo"]["facts"]
    assert echo["returned"] == 3, checks["echo"]
    assert echo["loss_db"] == pytest.approx(LOSS_DB, abs=2)
    assert LATENCY_MS <= echo["delay_ms"] <= LATENCY_MS + AROUND_MS


def test_where_there_is_no_echo_canceller_it_says_what_that_costs(home: Home, server: SoundServer) -> None:
    home.make_noise()
    with echo_path(server):
        code, checks = examined(home, fakes="uncancelled")
    assert code == DONE, "a session can be run"
    assert checks["echo"]["code"] == "no_canceller", checks["echo"]
    assert "only urgent words" in checks["echo"]["advice"]


def test_a_microphone_without_any_signal_is_told_and_does_not_keep_a_session_from_running(home: Home) -> None:
    asked = home.ask("doctor")
    assert asked.returncode == DONE
    assert "The microphone gave nothing but zeros" in asked.stdout
    # On a machine that stands still the loudspeaker may not take all three in time.
    assert re.search(r"\b0 of [1-3] chirps came back", asked.stdout), asked.stdout
    assert "A session can run, but the coach cannot hear you" in asked.stdout
    before_it_sounds = "Three short chirps sound now"
    assert before_it_sounds in asked.stderr


def test_a_name_that_is_not_there_is_answered_with_the_nearest(home: Home) -> None:
    code, checks = examined(home, "--silent", "--microphone", "pulse:microfone.monitor")
    assert code == NO_DEVICE, "a session does not start then, either"
    assert "did you mean 'pulse:microphone.monitor'?" in checks["microphone"]["found"]
    assert checks["levels"]["found"] == "skipped: there is no microphone that works"


def test_where_there_is_no_sound_server_and_no_card_that_is_what_it_finds(home: Home) -> None:
    code, checks = examined(home, "--silent", server=False)
    assert code == NO_DEVICE
    assert (checks["loudspeaker"]["code"], checks["microphone"]["code"]) == ("absent", "absent")
    assert checks["echo"]["standing"] == "skipped"


def test_a_session_that_is_going_on_is_not_disturbed(home: Home, server: SoundServer) -> None:
    sounding = Child("voicecoach.live.sound", (), FROM_SOUND, server.environment)
    try:
        _, checks = examined(home)
    finally:
        sounding.kill()
        sounding.reap(10)
    for name in ("loudspeaker", "microphone", "levels", "echo"):
        assert checks[name]["standing"] == "skipped"
        assert f"a session is going on (process {os.getpid()})" in checks[name]["found"]
