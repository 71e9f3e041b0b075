"""What a sound server silences: a device, or this program's stream, that is muted or turned down to nothing."""

from __future__ import annotations

from typing import Any, Final

from voicecoach.live.devices import Direction

_FULL: Final = 65_536
_SILENT: Final = _FULL // 10
"""At a tenth a sound server turns down by 60 dB, which nobody hears."""


def silence(direction: Direction, device: Any, stream: Any) -> str:
    """Return why nothing is heard, as a sentence with what to do; empty where there is no reason.

    `device` and `stream` are what the server's `pactl --format=json list` says of them.
    """
    what, kind, of_stream, whom = (
        ("loudspeaker", "sink", "sink-input", "this program's sound")
        if direction is Direction.OUTPUT
        else ("microphone", "source", "source-output", "what this program hears")
    )
    name = _printable(device.get("name"))
    if device.get("mute") is True:
        return f"The {what} '{name}' is muted in the sound server: unmute it with `pactl set-{kind}-mute {name} 0`."
    if (percent := _silent_percent(device)) is not None:
        return (
            f"The {what} '{name}' is at volume zero in the sound server ({percent} %): turn it up with "
            f"`pactl set-{kind}-volume {name} 70%`."
        )
    index = stream.get("index")
    if stream.get("mute") is True:
        return f"The sound server has muted {whom}: unmute it with `pactl set-{of_stream}-mute {index} 0`."
    if (percent := _silent_percent(stream)) is not None:
        return (
            f"The sound server has {whom} at volume zero ({percent} %): turn it up with "
            f"`pactl set-{of_stream}-volume {index} 100%`."
        )
    return ""


def _silent_percent(entry: Any) -> int | None:
    """Return at how many percent the loudest channel is, where that is not heard."""
    volume = entry.get("volume")
    values = [one.get("value") for one in volume.values()] if isinstance(volume, dict) else []
    loudest = max((value for value in values if isinstance(value, int)), default=_FULL)
    return loudest * 100 // _FULL if loudest <= _SILENT else None


def _printable(name: object) -> str:
    return "".join(letter for letter in str(name) if letter.isprintable())
