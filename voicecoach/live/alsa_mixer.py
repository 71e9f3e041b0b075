"""What ALSA's mixer silences, asked of the library that PortAudio has loaded anyway. It may hang as that may."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from voicecoach.live.devices import SERVER_PREFIX, Device, Direction, card_of

_ALL_PASS: Final = re.compile(r"(master|pcm|digital|dac|capture)\b.*", re.IGNORECASE)
"""Controls through which all sound of a card goes: one of them is enough to silence it."""
_WAYS: Final = {
    Direction.OUTPUT: re.compile(r"(speaker|headphones?|headset|front|line out|hdmi|playback)\b.*", re.IGNORECASE),
    Direction.INPUT: re.compile(r".*"),
}
"""Ways out or in, of which one that is open is enough. What else can be played is not ours, as a microphone's own."""
_FAINT_CENTIBELS: Final = -4_000
"""The lowest volume of some cards is not silent: this is, in hundredths of decibels."""
_MOST_CHANNELS: Final = 8
_USUAL: Final = "default"


@dataclass(frozen=True, slots=True)
class Control:
    """What a mixer has for one direction."""

    name: str
    is_on: bool
    is_at_zero: bool


def silence(device: Device, *, has_server: bool = False) -> str:
    """Return why a device is silent, as a sentence with what to do; empty where the mixer knows nothing of that.

    `has_server`: what names no card belongs to a sound server that can be asked itself.
    """
    mixer = _mixer(device.name)
    if mixer is None or (has_server and mixer == _USUAL):
        return ""
    return judge(device, _controls(mixer, device.direction))


def judge(device: Device, controls: list[Control]) -> str:
    """Return what the controls of a device's card mean for it; see `silence`."""
    through = [control for control in controls if _ALL_PASS.fullmatch(control.name)]
    ways = [control for control in controls if control not in through and _WAYS[device.direction].match(control.name)]
    closed = [control for control in through if not control.is_on or control.is_at_zero]
    if not closed and ways and all(not way.is_on or way.is_at_zero for way in ways):
        closed = ways
    if not closed:
        return ""
    what = "loudspeaker" if device.direction is Direction.OUTPUT else "microphone"
    how = "muted" if not closed[0].is_on else "at volume zero"
    page = "" if device.direction is Direction.OUTPUT else " (F4)"
    return f"The {what} '{device.name}' is {how} ('{closed[0].name}' in ALSA's mixer): open `alsamixer`{page}, " + (
        "and unmute it with M." if not closed[0].is_on else "and turn it up."
    )


def _mixer(name: str) -> str | None:
    """Return what ALSA calls the mixer of a device; none where the sound server has it."""
    if name.startswith(SERVER_PREFIX):
        return None
    numbered = re.search(r"hw:(\d+)", name)
    card = card_of(name) or (numbered[1] if numbered else None)
    return _USUAL if card is None else f"hw:{card}"


def _controls(mixer: str, direction: Direction) -> list[Control]:
    try:
        library = ctypes.CDLL("libasound.so.2")
        with _opened(library, mixer) as handle:
            return [_control(library, element, direction) for element in _elements(library, handle, direction)]
    except (OSError, AttributeError):
        return []


@contextmanager
def _opened(library: Any, mixer: str) -> Iterator[ctypes.c_void_p]:
    """Open a mixer. Raises `OSError` where that fails."""
    handle = ctypes.c_void_p()
    if library.snd_mixer_open(ctypes.byref(handle), 0) < 0:
        raise OSError("no mixer")
    try:
        if (
            library.snd_mixer_attach(handle, mixer.encode()) < 0
            or library.snd_mixer_selem_register(handle, None, None) < 0
            or library.snd_mixer_load(handle) < 0
        ):
            raise OSError("no mixer")
        yield handle
    finally:
        library.snd_mixer_close(handle)


def _elements(library: Any, handle: ctypes.c_void_p, direction: Direction) -> Iterator[ctypes.c_void_p]:
    way = _way(direction)
    for name in ("snd_mixer_first_elem", "snd_mixer_elem_next"):
        getattr(library, name).restype = ctypes.c_void_p
    element = ctypes.c_void_p(library.snd_mixer_first_elem(handle))
    while element:
        if any(getattr(library, f"snd_mixer_selem_has_{way}_{what}")(element) for what in ("switch", "volume")):
            yield element
        element = ctypes.c_void_p(library.snd_mixer_elem_next(element))


def _control(library: Any, element: ctypes.c_void_p, direction: Direction) -> Control:
    way = _way(direction)
    library.snd_mixer_selem_get_name.restype = ctypes.c_char_p

    def has(what: str) -> bool:
        return bool(getattr(library, f"snd_mixer_selem_has_{way}_{what}")(element))

    def of_channels(what: str, kind: Any) -> list[int]:
        values = []
        for channel in range(_MOST_CHANNELS):
            value = kind()
            is_there = getattr(library, f"snd_mixer_selem_has_{way}_channel")(element, channel)
            get = getattr(library, f"snd_mixer_selem_get_{way}_{what}")
            if is_there and get(element, channel, ctypes.byref(value)) >= 0:
                values.append(int(value.value))
        return values

    least, most = ctypes.c_long(), ctypes.c_long()
    is_at_zero = False
    if has("volume"):
        getattr(library, f"snd_mixer_selem_get_{way}_volume_range")(element, ctypes.byref(least), ctypes.byref(most))
        volumes, decibels = of_channels("volume", ctypes.c_long), of_channels("dB", ctypes.c_long)
        is_at_zero = bool(volumes) and max(volumes) <= least.value < most.value
        is_at_zero = is_at_zero and max(decibels, default=_FAINT_CENTIBELS) <= _FAINT_CENTIBELS
    switches = of_channels("switch", ctypes.c_int) if has("switch") else []
    name = library.snd_mixer_selem_get_name(element) or b""
    return Control(name.decode(errors="replace"), not switches or any(switches), is_at_zero)


def _way(direction: Direction) -> str:
    return "playback" if direction is Direction.OUTPUT else "capture"
