"""Sessions that are going on with the same sound system: nobody opens their devices or plays into them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_MODULES: Final = (b"voicecoach.live.sound", b"voicecoach.live.microphone")
_WHERE: Final = (b"XDG_RUNTIME_DIR", b"PULSE_SERVER")
"""Two processes that agree in these use the same sound server."""


def running(environment: dict[bytes, bytes] | None = None) -> tuple[int, ...]:
    """Return the ids of the coaches whose sound processes use the sound system of this environment."""
    own = _where(dict(os.environb) if environment is None else environment)
    found = set()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with suppress(OSError, ValueError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b"-m" not in words or words[words.index(b"-m") + 1] not in _MODULES:
                continue
            if _is_apart(folder, own):
                continue
            # The words after the module: a descriptor, and the coach.
            found.add(int(words[words.index(b"-m") + 3]))
    return tuple(sorted(found))


def _is_apart(folder: Path, own: dict[bytes, bytes]) -> bool:
    """Tell whether a process uses another sound server for certain. Others' environments cannot be read."""
    try:
        pairs = (line.partition(b"=") for line in (folder / "environ").read_bytes().split(b"\0"))
        return _where({name: value for name, _, value in pairs}) != own
    except OSError:
        return False


def _where(environment: dict[bytes, bytes]) -> dict[bytes, bytes]:
    return {name: environment.get(name, b"") for name in _WHERE}
