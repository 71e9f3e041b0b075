"""Loudspeakers and microphones by names that stay: `python -m voicecoach.live.devices` lists them as JSON.

PortAudio numbers devices anew at every start, and ALSA's cards change their order at reboot. So a card is called by its
id (`hw:CARD=Headset,DEV=0`), a device of a sound server by the server's name for it (`pulse:alsa_output.usb-...`), and
what is only configuration by its own name (`default`). Asking PortAudio can hang, so the coach has a process do it.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from voicecoach.errors import DeviceError
from voicecoach.live.alsa_settings import leave_encoders_out

PROBE_LIMIT_S: Final = 10.0
_PACTL_LIMIT_S: Final = 3.0
_CARDS: Final = Path("/proc/asound/cards")
_HARDWARE: Final = re.compile(r"\(hw:(\d+),(\d+)\)")
_USUAL: Final = " (the sound server's usual one)"
SERVER_PREFIX: Final = "pulse:"
"""Of the names of devices that a sound server has."""


class Direction(StrEnum):
    """Which way sound goes."""

    OUTPUT = "output"
    INPUT = "input"


@dataclass(frozen=True, slots=True)
class Device:
    """A loudspeaker or a microphone; what is both is listed twice."""

    name: str
    direction: Direction
    about: str
    """For people."""
    rate_hz: int
    """Its native rate, as far as that is known."""
    channels: int
    is_default: bool
    index: int
    """PortAudio's number for it, good within one process."""


def list_devices() -> list[Device]:
    """Return what there is, asking PortAudio in this process: it may hang. Raises `DeviceError` where it fails."""
    leave_encoders_out()
    try:
        import sounddevice

        found = list(sounddevice.query_devices())
        defaults = {
            Direction.INPUT: _default_index(sounddevice.default.device[0], found, "input"),
            Direction.OUTPUT: _default_index(sounddevice.default.device[1], found, "output"),
        }
    except Exception as error:  # noqa: BLE001 - a missing or broken library fails in many ways
        raise DeviceError(f"PortAudio cannot be used ({error}); install Debian's libportaudio2.") from None
    cards = card_ids(_CARDS.read_text(errors="replace") if _CARDS.exists() else "")
    devices = [
        Device(
            name=stable_name(str(entry["name"]), cards),
            direction=direction,
            about=str(entry["name"]),
            rate_hz=int(entry["default_samplerate"]),
            channels=int(entry[f"max_{direction}_channels"]),
            is_default=index == defaults[direction],
            index=index,
        )
        for direction in Direction
        for index, entry in enumerate(found)
        if entry[f"max_{direction}_channels"] > 0
    ]
    behind = _of_server(devices)
    return [_as_the_server_has_it(device, devices, behind) for device in devices] + behind


def find_device(devices: Sequence[Device], name: str | None, direction: Direction) -> Device:
    """Return the device of that name, or the default one.

    Raises `DeviceError`, one line with what there is and the nearest name, where there is none.
    """
    fitting = [device for device in devices if device.direction is direction]
    what = "loudspeaker" if direction is Direction.OUTPUT else "microphone"
    if not fitting:
        raise DeviceError(f"There is no {what}: connect one, then look with 'voicecoach devices'.")
    if name is None:
        return next((device for device in fitting if device.is_default), fitting[0])
    for device in fitting:
        if device.name == name:
            return device
    names = list(dict.fromkeys(device.name for device in fitting))
    nearest = difflib.get_close_matches(name, names, 1, 0.0)[0]
    raise DeviceError(f"There is no {what} '{name}'; did you mean '{nearest}'? There are: {', '.join(names)}.")


def direct_server(device: Device) -> None:
    """Have the sound server's client library, in this process, open this device where it opens its usual one.

    PortAudio knows the server as a single device. Call before the device is opened.
    """
    if device.name.startswith(SERVER_PREFIX):
        variable = "PULSE_SINK" if device.direction is Direction.OUTPUT else "PULSE_SOURCE"
        os.environ[variable] = device.name.removeprefix(SERVER_PREFIX)


def probe_devices(limit_s: float = PROBE_LIMIT_S) -> list[Device]:
    """Return what there is, asking in a process of its own. Raises `DeviceError` where that fails or takes too long."""
    try:
        asked = subprocess.run(
            [sys.executable, "-m", "voicecoach.live.devices"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit_s,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DeviceError(
            f"The sound system did not answer within {limit_s:g} s; restart the sound server, or unplug what hangs."
        ) from None
    return devices_from_json(asked.stdout)


def devices_from_json(text: bytes) -> list[Device]:
    """Return what the process that asks PortAudio has printed. Raises `DeviceError` where it came to nothing."""
    try:
        answer = json.loads(text)
        if isinstance(answer, str):
            raise DeviceError(answer)
        return [Device(**{**one, "direction": Direction(one["direction"])}) for one in answer]
    except (ValueError, TypeError, KeyError):
        raise DeviceError(
            "The sound system made the process that asked it end; restart the sound server, or unplug what is broken."
        ) from None


def stable_name(portaudio_name: str, cards: dict[int, str]) -> str:
    """Return the name that a device keeps, given the ids of ALSA's cards by their numbers."""
    hardware = _HARDWARE.search(portaudio_name)
    if hardware is None or int(hardware[1]) not in cards:
        return portaudio_name
    return f"hw:CARD={cards[int(hardware[1])]},DEV={hardware[2]}"


def card_ids(listing: str) -> dict[int, str]:
    """Return ALSA's card ids by number, from the text of `/proc/asound/cards`."""
    return {int(number): name.strip() for number, name in re.findall(r"^\s*(\d+) \[([^\]]+)\]:", listing, re.MULTILINE)}


def sounddevice_error() -> type[Exception]:
    """Return what PortAudio's failures are raised as."""
    import sounddevice

    error: type[Exception] = sounddevice.PortAudioError
    return error


def _default_index(index: int, found: Sequence[Any], direction: str) -> int:
    if index >= 0:
        return index
    return next((i for i, entry in enumerate(found) if entry[f"max_{direction}_channels"] > 0), -1)


def _of_server(devices: Iterable[Device]) -> list[Device]:
    """Return the sound server's own devices, which PortAudio shows as a single one called `pulse`."""
    through = {device.direction: device for device in devices if device.about == "pulse"}
    if not through or shutil.which("pactl") is None:
        return []
    found = []
    for direction, what, default in (
        (Direction.OUTPUT, "sinks", "default_sink_name"),
        (Direction.INPUT, "sources", "default_source_name"),
    ):
        usual = ask_server("info").get(default) if direction in through else None
        for entry in ask_server("list", what) if direction in through else ():
            name = str(entry.get("name"))
            if direction is Direction.INPUT and name.endswith(".monitor") and name != usual:
                continue
            sample = re.search(r"(\d+)ch (\d+)Hz", str(entry.get("sample_specification")))
            found.append(
                Device(
                    name=SERVER_PREFIX + name,
                    direction=direction,
                    about=str(entry.get("description")) + (_USUAL if name == usual else ""),
                    rate_hz=int(sample[2]) if sample else through[direction].rate_hz,
                    channels=int(sample[1]) if sample else 1,
                    is_default=False,
                    index=through[direction].index,
                )
            )
    return found


def _as_the_server_has_it(device: Device, devices: Sequence[Device], behind: Sequence[Device]) -> Device:
    """Return a way to the server's usual device with the channels of that: the way itself claims all that can be."""
    ways = {(way.direction, way.channels) for way in devices if way.about == "pulse"}
    usual = next((one for one in behind if one.direction is device.direction and one.about.endswith(_USUAL)), None)
    if usual is None or device.about not in ("pulse", "default") or (device.direction, device.channels) not in ways:
        return device
    return replace(device, channels=usual.channels)


def ask_server(*arguments: str) -> Any:
    """Return what `pactl` answers, as JSON; an empty object where there is no answer within a few seconds."""
    try:
        asked = subprocess.run(
            ["pactl", "--format=json", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PACTL_LIMIT_S,
            check=False,
        )
        return json.loads(asked.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return {}


def main() -> None:
    """Print the devices, or the reason why there are none as a JSON string."""
    try:
        answer: object = [asdict(device) for device in list_devices()]
    except DeviceError as error:
        answer = str(error)
    # What native libraries print goes to stderr; the answer is all there is on stdout.
    os.write(1, json.dumps(answer).encode("ascii"))
    os._exit(0)


if __name__ == "__main__":
    main()
