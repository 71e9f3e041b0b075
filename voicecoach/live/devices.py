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
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from voicecoach.errors import DeviceError
from voicecoach.isolation import python_command
from voicecoach.live.alsa_settings import leave_encoders_out
from voicecoach.live.pulse_settings import without_folders
from voicecoach.live.whereabouts import astray, has_no_settings

PROBE_LIMIT_S: Final = 10.0
_PACTL_LIMIT_S: Final = 3.0
_CARDS: Final = Path("/proc/asound/cards")
_HARDWARE: Final = re.compile(r"\(hw:(\d+),(\d+)\)")
_USUAL: Final = " (the sound server's usual one)"
SERVER_PREFIX: Final = "pulse:"
"""Of the names of devices that a sound server has."""
CONVERTED: Final = "sysdefault:CARD="
"""Of the names of cards as ALSA's own settings for them have it, which convert what the card itself does not take."""
_CARD_VARIABLE: Final = "ALSA_PCM_CARD"
_HDMI: Final = re.compile(r"hdmi|iec958|spdif|s/pdif", re.IGNORECASE)
"""Outputs that may take nothing but IEC958 frames, as those of a Raspberry Pi."""
_OF_CARD: Final = re.compile(r"\w+:(?:CARD=)?([^,:]+)(?:,(?:DEV=)?(\d+))?")
"""How ALSA names a device of a card: `hw:2,0`, `plughw:CARD=Headset,DEV=0`, `hdmi:CARD=vc4hdmi0`."""


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
    os.environ.update(without_folders())
    if has_no_settings():
        # PortAudio ends the process then.
        raise DeviceError(f"ALSA finds no settings, and so no device; unset what is wrong.{astray()}")
    try:
        import sounddevice

        found = list(sounddevice.query_devices())
        defaults = {
            Direction.INPUT: _default_index(sounddevice.default.device[0], found, "input"),
            Direction.OUTPUT: _default_index(sounddevice.default.device[1], found, "output"),
        }
    except Exception as error:  # noqa: BLE001 - a missing or broken library fails in many ways
        is_missing = isinstance(error, (ImportError, OSError))
        advice = "install Debian's libportaudio2" if is_missing else "look for a mistake in ALSA's settings"
        why = " ".join(str(error).split())
        raise DeviceError(f"PortAudio cannot be used ({why}); {advice}.{astray()}") from None
    cards = _present_cards()
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
    devices += _converted(devices)
    behind = _of_server(devices)
    return [_as_the_server_has_it(device, devices, behind) for device in devices] + behind


def find_device(devices: Sequence[Device], name: str | None, direction: Direction) -> Device:
    """Return the device of that name, or the default one; a card's name will do, and what ALSA calls its devices.

    Raises `DeviceError`, one line with what there is and the nearest name, where there is none.
    """
    fitting = [device for device in devices if device.direction is direction]
    what = "loudspeaker" if direction is Direction.OUTPUT else "microphone"
    if not fitting:
        raise DeviceError(f"There is no {what}: connect one, then look with 'voicecoach devices'.{astray()}")
    if name is None:
        return next((device for device in fitting if device.is_default), fitting[0])
    for device in fitting:
        if device.name == name:
            return device
    names = list(dict.fromkeys(device.name for device in fitting))
    there_are = f"There are: {', '.join(names)}.{astray()}"
    of_card = _of_card(fitting, name)
    if len({_card(device) for device in of_card}) > 1:
        several = ", ".join(f"'{device.name}'" for device in of_card)
        raise DeviceError(f"There is more than one {what} '{name}': name one of {several}. {there_are}")
    if of_card:
        return of_card[0]
    if _plain(_wanted(name)[0]) in map(_plain, _present_cards().values()):
        raise DeviceError(
            f"The card of '{name}' is there, but it is no {what} now: something else may have it open, and HDMI "
            f"needs a screen that is on. {there_are}"
        )
    nearest = difflib.get_close_matches(name, names, 1, 0.0)[0]
    raise DeviceError(f"There is no {what} '{name}'; did you mean '{nearest}'? {there_are}")


def card_of(name: str) -> str | None:
    """Return the card's id in the name of a device; none where it names none."""
    named = _OF_CARD.fullmatch(name)
    return named[1] if named is not None and "CARD=" in name else None


def is_hdmi(name: str) -> bool:
    """Tell whether a device of this name, or what it says of itself, may take IEC958 frames only."""
    return _HDMI.search(name) is not None


def _of_card(devices: Sequence[Device], name: str) -> list[Device]:
    """Return the devices of what is called like that, the one to take first; by the strictest way that finds any."""
    wanted, number = _wanted(name)
    key = _plain(wanted)
    ways: tuple[Callable[[Device], bool], ...] = (
        lambda device: key == _plain(_card(device)),
        lambda device: key in (_plain(device.about), _plain(device.about.partition(":")[0])),
        lambda device: len(key) > 1 and any(_plain(one).startswith(key) for one in (_card(device), device.about)),
    )
    for fits in ways:
        found = [device for device in devices if key and fits(device) and _has_number(device, number)]
        if found:
            # A card that may take IEC958 frames only is opened by what converts; any other one directly.
            converts = any(is_hdmi(f"{device.name} {device.about}") for device in found)
            return sorted(found, key=lambda device: device.name.startswith(CONVERTED) is not converts)
    return []


def _has_number(device: Device, number: str | None) -> bool:
    return number is None or "DEV=" not in device.name or device.name.endswith(f"DEV={number}")


def _wanted(name: str) -> tuple[str, str | None]:
    """Return what a person calls a card, and the number of its device, where that is given."""
    named = None if name.startswith(SERVER_PREFIX) else _OF_CARD.fullmatch(name)
    if named is None:
        return name, None
    number = int(named[1]) if named[1].isdigit() else -1
    return _present_cards().get(number, named[1]), named[2]


def _card(device: Device) -> str:
    """Return the id of a device's card, or what else it is that has devices."""
    return card_of(device.name) or device.name.removeprefix(SERVER_PREFIX)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _present_cards() -> dict[int, str]:
    return card_ids(_CARDS.read_text(errors="replace") if _CARDS.exists() else "")


@contextmanager
def directed(device: Device) -> Iterator[None]:
    """Have the libraries of ALSA and the sound server, in this process, open this device where they open a usual one.

    PortAudio knows the server as a single device, and a card as ALSA's settings have it only where it is the first.
    """
    if device.name.startswith(SERVER_PREFIX):
        variable = "PULSE_SINK" if device.direction is Direction.OUTPUT else "PULSE_SOURCE"
        os.environ[variable] = device.name.removeprefix(SERVER_PREFIX)
    if not device.name.startswith(CONVERTED):
        yield
        return
    before = os.environ.get(_CARD_VARIABLE)
    os.environ[_CARD_VARIABLE] = device.name.removeprefix(CONVERTED)
    try:
        yield
    finally:
        # The other direction may be another card's.
        os.environ.pop(_CARD_VARIABLE)
        if before is not None:
            os.environ[_CARD_VARIABLE] = before


def probe_devices(limit_s: float = PROBE_LIMIT_S) -> list[Device]:
    """Return what there is, asking in a process of its own. Raises `DeviceError` where that fails or takes too long."""
    try:
        asked = subprocess.run(
            python_command("-m", "voicecoach.live.devices"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit_s,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DeviceError(
            f"The sound system did not answer within {limit_s:g} s; restart the sound server, or unplug what hangs."
            f"{astray()}"
        ) from None
    return devices_from_json(asked.stdout)


def devices_from_json(text: bytes) -> list[Device]:
    """Return what the process that asks PortAudio has printed. Raises `DeviceError` where it came to nothing."""
    try:
        answer = json.loads(text)
        if isinstance(answer, str):
            raise DeviceError(answer)
        if not all(isinstance(one["name"], str) for one in answer):
            raise ValueError
        return [Device(**{**one, "direction": Direction(one["direction"])}) for one in answer]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise DeviceError(
            "The sound system made the process that asked it end; restart the sound server, or unplug what is broken."
            f"{astray()}"
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


def _converted(devices: Sequence[Device]) -> list[Device]:
    """Return the HDMI cards as ALSA's own settings for them have it, by PortAudio's device for the first card."""
    ways = {way.direction: way for way in devices if way.about == "sysdefault"}
    cards = [device for device in devices if device.direction in ways and card_of(device.name) is not None]
    found = {
        str(card_of(device.name)): replace(
            device,
            name=f"{CONVERTED}{card_of(device.name)}",
            about=f"{device.about.partition(' (hw:')[0]}, converted by ALSA",
            index=ways[device.direction].index,
            is_default=False,
        )
        for device in cards
        if device.direction is Direction.OUTPUT and is_hdmi(f"{device.name} {device.about}")
    }
    return list(found.values())


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
    except (OSError, ValueError, RecursionError, subprocess.TimeoutExpired):
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
