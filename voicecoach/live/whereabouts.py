"""What tells the libraries of sound where to look, and is wrong: variables that point to nothing.

They end with "no device" or "connection refused" then, and say neither the name nor the value. Nothing but files and
sockets of this machine is looked at.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

from voicecoach.live.pulse_settings import NOWHERE

_LONGEST: Final = 200
_KNOCK_S: Final = 1.0


def astray() -> str:
    """Return a sentence, after a space, for each variable that may be why there is no sound; empty where there is none.

    To be told where something has failed: an address in a network is not looked at, and so always mentioned.
    """
    usual = Path(f"/run/user/{os.getuid()}")
    is_lost = usual.is_dir() and not any(map(os.environ.get, ("XDG_RUNTIME_DIR", "PULSE_SERVER")))
    lost = f" XDG_RUNTIME_DIR is not set: {usual} there finds a sound server of yours." if is_lost else ""
    return f" {misdirected()}".rstrip() + lost


def misdirected() -> str:
    """Return the same for variables that are set; see `astray`."""
    return " ".join(f"{name} is '{_printable(value)}', {why}." for name, value, why in _wrong())


def has_no_settings() -> bool:
    """Tell whether ALSA has been sent to settings that are not there."""
    named = os.environ.get("ALSA_CONFIG_PATH")
    return bool(named) and not any(map(os.path.isfile, str(named).split(":")))


def _wrong() -> list[tuple[str, str, str]]:
    checks = {
        "PULSE_SERVER": _pulse_server,
        "PIPEWIRE_REMOTE": _pipewire_remote,
        "PULSE_RUNTIME_PATH": _folder,
        "PIPEWIRE_RUNTIME_DIR": _folder,
        "XDG_RUNTIME_DIR": _folder,
        "ALSA_CONFIG_PATH": _files,
    }
    set_to = {name: os.environ[name] for name in checks if os.environ.get(name)}
    return [(name, value, why) for name, value in set_to.items() if (why := checks[name](value)) is not None]


def _pulse_server(value: str) -> str | None:
    addresses = [address.rpartition("}")[2] for address in value.split()]
    paths = [address.removeprefix("unix:") for address in addresses if address.startswith(("/", "unix:"))]
    if any(map(_answers, paths)):
        return None
    is_here = len(paths) == len(addresses)
    return "where no sound server answers" if is_here else "in a network, which what hears the microphone cannot reach"


def _pipewire_remote(value: str) -> str | None:
    folder = os.environ.get("PIPEWIRE_RUNTIME_DIR") or os.environ.get("XDG_RUNTIME_DIR") or "/"
    paths = [str(Path(folder, one.strip())) for one in value.split(",")]
    return None if any(map(_answers, paths)) else "where no PipeWire answers"


def _folder(value: str) -> str | None:
    return None if value == NOWHERE or Path(value).is_dir() else "which is no folder"


def _files(value: str) -> str | None:
    return None if all(map(os.path.isfile, value.split(":"))) else "which is not there"


def _answers(path: str) -> bool:
    """Tell whether somebody stands behind a socket. One that hangs still has its door open."""
    with suppress(OSError, ValueError), socket.socket(socket.AF_UNIX) as knocking:
        knocking.settimeout(_KNOCK_S)
        knocking.connect(path)
        return True
    return False


def _printable(value: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in value)[:_LONGEST]
