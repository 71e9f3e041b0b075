"""What silences a device, and variables that send the libraries of sound to nothing."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.live.test_stream_watch import Server, watched
from voicecoach.doctor import sound_server
from voicecoach.doctor.finding import Standing
from voicecoach.errors import DeviceError
from voicecoach.live.alsa_mixer import Control, judge
from voicecoach.live.devices import Device, Direction, find_device, list_devices
from voicecoach.live.muting import silence
from voicecoach.live.opening import refusal
from voicecoach.live.pulse_settings import without_folders
from voicecoach.live.whereabouts import astray, misdirected

VARIABLES = (
    "PULSE_SERVER",
    "PIPEWIRE_REMOTE",
    "PULSE_RUNTIME_PATH",
    "PIPEWIRE_RUNTIME_DIR",
    "XDG_RUNTIME_DIR",
    "ALSA_CONFIG_PATH",
)


def volume(*values: int) -> dict[str, Any]:
    return {"volume": {str(number): {"value": value} for number, value in enumerate(values)}}


WELL = {"name": "speakers", "index": 7, "mute": False} | volume(40_000, 40_000)


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize(
    ("device", "stream", "said"),
    [
        (WELL | {"mute": True}, WELL, "is muted in the sound server"),
        (WELL | volume(0, 0), WELL, "at volume zero"),
        (WELL | volume(3_000, 6_000), WELL, "at volume zero"),
        (WELL, WELL | {"mute": True}, "The sound server has muted"),
        (WELL, WELL | volume(0), "at volume zero"),
        (WELL | volume(0, 40_000), WELL, ""),
        (WELL, WELL, ""),
        ({"name": "x"}, {}, ""),
    ],
)
def test_what_the_server_silences_is_told_with_what_to_do(
    direction: Direction, device: dict[str, Any], stream: dict[str, Any], said: str
) -> None:
    line = silence(direction, device, stream)
    assert said in line
    assert bool(line) == bool(said)
    assert line.count("\n") == 0
    assert not said or line.count(": ") == 1, "the advice is told from what is wrong by that"


class MutingServer(Server):
    """One that has muted its first device."""

    def ask(self, *arguments: str) -> Any:
        answer = super().ask(*arguments)
        return [one | {"mute": one["index"] == 1} for one in answer] if arguments[1] == "sinks" else answer


def test_the_watch_sees_that_the_device_of_our_stream_is_muted_and_when_it_is_not_any_more() -> None:
    server = MutingServer(at=1)
    watch = watched("default", server)
    assert "'headphones' is muted" in watch.silenced
    assert watch.gone is None
    server.at = 2
    watch.look()
    assert watch.silenced == ""


def on(*names: str) -> list[Control]:
    return [Control(name, is_on=True, is_at_zero=False) for name in names]


def off(*names: str) -> list[Control]:
    return [Control(name, is_on=False, is_at_zero=False) for name in names]


@pytest.mark.parametrize(
    ("direction", "controls", "silent_by"),
    [
        (Direction.OUTPUT, on("Master", "Speaker") + off("Mic", "Beep"), ""),
        (Direction.OUTPUT, off("Master") + on("Speaker", "PCM"), "Master"),
        (Direction.OUTPUT, on("Master", "Speaker") + off("Headphone"), ""),
        (Direction.OUTPUT, on("Master") + off("Speaker", "Headphone"), "Speaker"),
        (Direction.OUTPUT, [Control("PCM", is_on=True, is_at_zero=True)], "PCM"),
        (Direction.OUTPUT, off("Mic"), ""),
        (Direction.OUTPUT, off("Master Mono", "Speaker"), "Master Mono"),
        (Direction.INPUT, off("Mic"), "Mic"),
        (Direction.INPUT, on("Mic") + off("Line"), ""),
        (Direction.INPUT, on("Mic") + off("Capture"), "Capture"),
        (Direction.INPUT, [], ""),
    ],
)
def test_what_alsas_mixer_silences_is_told(direction: Direction, controls: list[Control], silent_by: str) -> None:
    device = Device("hw:CARD=Headset,DEV=0", direction, "", 48_000, 2, is_default=False, index=0)
    line = judge(device, controls)
    assert f"'{silent_by}'" in line if silent_by else line == ""


@pytest.fixture
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PULSE_SERVER", "unix:/nowhere/native"),
        ("PULSE_SERVER", "/nowhere"),
        ("PULSE_SERVER", "{0123abcd}unix:/nowhere tcp:nobody.example:4713"),
        ("PULSE_SERVER", "nobody.example"),
        ("PIPEWIRE_REMOTE", "nothing-0"),
        ("XDG_RUNTIME_DIR", "/dev/null/nowhere"),
        ("PULSE_RUNTIME_PATH", "/dev/null/nowhere"),
        ("ALSA_CONFIG_PATH", "/nowhere/asound.conf"),
    ],
)
def test_a_variable_that_points_to_nothing_is_named_with_its_value_wherever_sound_fails(
    nothing_set: pytest.MonkeyPatch, name: str, value: str
) -> None:
    nothing_set.setenv(name, value)
    said = f"{name} is '{value}', "
    assert said in misdirected()
    with pytest.raises(DeviceError, match="There is no loudspeaker: connect one") as nothing:
        find_device([], None, Direction.OUTPUT)
    assert said in str(nothing.value)
    assert said in refusal("default", "Device unavailable [PaErrorCode -9985]")
    finding = sound_server.judge(sound_server.probe())
    assert (finding.standing, finding.code) == (Standing.WARNING, "misdirected")
    assert said in finding.found


def test_alsa_without_settings_is_told_before_portaudio_ends_the_process(nothing_set: pytest.MonkeyPatch) -> None:
    nothing_set.setenv("ALSA_CONFIG_PATH", "/nowhere")
    with pytest.raises(DeviceError, match="ALSA_CONFIG_PATH is '/nowhere'"):
        list_devices()


def test_what_is_there_is_not_complained_of(nothing_set: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "native"))
        server.listen()
        nothing_set.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        nothing_set.setenv("PULSE_SERVER", f"unix:{tmp_path / 'native'}")
        nothing_set.setenv("PIPEWIRE_REMOTE", "native")
        (tmp_path / "asound.conf").touch()
        nothing_set.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
        assert astray() == ""


def test_nobody_is_blamed_for_what_this_program_sets(nothing_set: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nothing_set.setenv("HOME", str(tmp_path))
    nothing_set.delenv("XDG_CONFIG_HOME", raising=False)
    ours = without_folders()
    assert ours
    for name, value in ours.items():
        nothing_set.setenv(name, value)
    assert misdirected() == ""


@given(name=st.sampled_from(VARIABLES), value=st.text(st.characters(exclude_characters="\0", codec="utf-8")))
def test_whatever_a_variable_has_is_told_in_one_printable_line(name: str, value: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for other in VARIABLES:
            patch.delenv(other, raising=False)
        patch.setenv(name, value)
        assert astray().isprintable()
