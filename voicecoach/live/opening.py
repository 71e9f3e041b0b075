"""Opening a device, and what to do where that is refused: PortAudio says only numbers and a few words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from voicecoach.errors import DeviceError
from voicecoach.live.devices import CONVERTED, Device, card_of, directed, is_hdmi, sounddevice_error
from voicecoach.live.whereabouts import astray

_ADVICE: Final[Mapping[str, str]] = {
    "-9985": "something else uses it: end that, or choose the sound server's device ('voicecoach devices')",
    "-9997": "it has none of the usual rates (48000, 44100, 16000 Hz, and its own): choose the sound server's "
    "device, which converts ('voicecoach devices')",
    "-9998": "it does not have the channels that it claims: choose the sound server's device ('voicecoach devices')",
    "-9987": "this machine is too busy to start it: end other programs, and try again",
    "-9996": "it has gone since it was listed: plug it in again, and look with 'voicecoach devices'",
}
"""By PortAudio's number of the error."""
_NO_FORMAT: Final = "-9994"
_IEC958_SIGNS: Final = ("-9997", "-9998", "-9999", "Invalid argument")
"""What else is said of HDMI outputs that were asked for usual samples."""
_TIMED_OUT: Final = "-9987"
_TRIES: Final = 2
"""PortAudio waits for a second until its thread runs. Beside two busy processes it was once seen to wait in vain. Two
seconds are less than the coach waits for a process that gives no sign of life."""
_REFUSED: Final = "the driver refused: unplug it and plug it in again, at another USB port, without a hub"
_PREAMBLE: Final = re.compile(r"^Error opening \w+: ")

Stream = TypeVar("Stream")


def opened(kind: Callable[[int, int], Stream], device: Device) -> Stream:
    """Return the stream of a kind by a device. Raises `DeviceError`, one line with what to do, where it is refused.

    `kind` is given PortAudio's number of the device and its channels. It leaves no stream open where it raises: on a
    busy machine it is called again.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            with directed(device):
                return kind(device.index, device.channels)
        except sounddevice_error() as error:
            if not tries_left or _TIMED_OUT not in str(error):
                raise DeviceError(refusal(device.name, str(error), device.about)) from None
    raise AssertionError("the last try returns or raises")


def refusal(name: str, error: str, about: str = "") -> str:
    """Return in one line what PortAudio's message about a device means, and what to do.

    `about` is what the device says of itself.
    """
    what = _PREAMBLE.sub("", " ".join(error.split()))
    advice = next((advice for number, advice in _ADVICE.items() if number in what), _REFUSED)
    if _NO_FORMAT in what or (is_hdmi(f"{name} {about}") and any(sign in what for sign in _IEC958_SIGNS)):
        advice = _converting(name)
    return f"'{name}' cannot be opened ({what}); {advice}.{astray()}"


def _converting(name: str) -> str:
    """Return what to do about an output that takes none of the usual samples."""
    if name.startswith(CONVERTED):
        return "HDMI sounds only where a screen is on that has loudspeakers: look at that, and at its cable"
    card = card_of(name) or "NAME"
    where = "" if card != "NAME" else ", where NAME is its card in /proc/asound/cards"
    return (
        f"it takes no usual samples, as an HDMI output that wants IEC958 frames: choose '{CONVERTED}{card}', which "
        f'converts{where}, or put the lines `pcm.!default "{CONVERTED}{card}"` and `ctl.!default {{ type hw card '
        f"{card} }}` into /etc/asound.conf and choose 'default'"
    )
