"""What the client library of PulseAudio and PipeWire leaves behind."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_PATH: Final = "PULSE_RUNTIME_PATH"
NOWHERE: Final = "/proc/no-sound-server"
"""No folder can be made there. Nobody but this program sets it."""


def without_folders() -> dict[str, str]:
    """Return what to set in the environment so that libpulse makes no folders as it looks about.

    Where XDG_RUNTIME_DIR is not set, it makes one in the temporary folder and links to that from
    `~/.config/pulse`, and looks there for a server. A server makes the same link, so where there is
    none, nobody would answer.
    """
    if os.environ.get("XDG_RUNTIME_DIR") or _PATH in os.environ:
        return {}
    home = Path(os.environ.get("HOME", "/"))
    places = (home / ".pulse", Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "pulse")
    return {} if any(link for place in places for link in place.glob("*-runtime")) else {_PATH: NOWHERE}
