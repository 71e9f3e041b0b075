"""What ALSA loads when PortAudio starts."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_USUAL: Final = Path("/usr/share/alsa/alsa.conf")
_OURS: Final = Path(__file__).parent / "alsa" / "alsa.conf"
"""ALSA's own settings, and after them `alsa.conf.left-out`."""
_LEFT_OUT: Final = ("a52", "lavrate")
_PATH: Final = "ALSA_CONFIG_PATH"


def leave_encoders_out() -> None:
    """Have ALSA do without two of its devices from now on; to be called before PortAudio starts in this process.

    PortAudio opens every device that ALSA's settings name to see what it can do. An encoder for home theatres and a
    converter, which Debian's libasound2-plugins brings, load half of ffmpeg then: 13 MB for as long as the process
    lives. Who has named either in settings of their own, or has ALSA read other settings, keeps them.
    """
    if _PATH not in os.environ and _USUAL.is_file() and not any(map(_names_them, _own_settings())):
        os.environ[_PATH] = str(_OURS)


def _own_settings() -> tuple[Path, ...]:
    # Those that ALSA's own settings read besides.
    home = Path(os.environ.get("HOME", "/"))
    configuration = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    return Path("/etc/asound.conf"), home / ".asoundrc", configuration / "alsa" / "asoundrc"


def _names_them(settings: Path) -> bool:
    with suppress(OSError):
        text = settings.read_text(encoding="utf-8", errors="replace")
        return any(name in text for name in _LEFT_OUT)
    return False
