"""What systemd is given: the unit file and the service's own user. Pure texts."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from importlib import resources
from typing import Final

from voicecoach.errors import UsageError

NAME: Final = "voicecoach"
"""Of the service, its user and its group."""
UNIT: Final = f"{NAME}.service"

SERVICE_ENVIRONMENT: Final[Mapping[str, str]] = {
    "XDG_CONFIG_HOME": "/etc",
    "XDG_DATA_HOME": "/var/lib",
    "XDG_STATE_HOME": "/var/lib",
    "XDG_CACHE_HOME": "/var/cache",
}
"""By which everything that a person has in their home is in `/etc`, `/var/lib` and `/var/cache/voicecoach`."""

SYSUSERS: Final = f"""\
# Written by `voicecoach service install`: whom the service runs as (man sysusers.d).
u {NAME} - "Voice coach" /var/lib/{NAME}
m {NAME} audio
"""

_UNSPEAKABLE: Final = frozenset("\"'$\\")
"""The name of a program is not unquoted as its arguments are: these would not be found."""
_STEPS_SINCE: Final = 254
"""The version of systemd that waits longer after every failed start. Earlier ones would only warn about the words."""
_STEPS: Final = """\
# After some failures in a row it is tried every five minutes.
RestartSteps=6
RestartMaxDelaySec=300"""


class Kind(StrEnum):
    """Whose service it is."""

    SYSTEM = "system"
    """The machine's: it starts at boot, and has a user of its own."""
    USER = "user"
    """A person's: it runs in their session, or lingers."""


def unit_text(kind: Kind, program: tuple[str, ...], systemd_version: int) -> str:
    """Return the unit file that starts `program`, an absolute path and its arguments.

    `systemd_version` is that of the systemd which will read it; 0 where that is not known. Raises `UsageError` for a
    program with a name that cannot be written there.
    """
    template = resources.files(__package__).joinpath(f"{kind}.service").read_text(encoding="utf-8")
    environment = [f"Environment={name}={value}" for name, value in SERVICE_ENVIRONMENT.items()]
    filled = {
        "@PROGRAM@": " ".join(_quoted(word) for word in program),
        "@RESTART_STEPS@\n": f"{_STEPS}\n" if systemd_version >= _STEPS_SINCE else "",
        "@ENVIRONMENT@": "\n".join(environment),
    }
    for mark, text in filled.items():
        template = template.replace(mark, text)
    return template


def _quoted(word: str) -> str:
    """Return a word of a command line in systemd's spelling. Raises `UsageError` where there is none."""
    if set(word) & _UNSPEAKABLE or not word.isprintable():
        raise UsageError(f"systemd cannot be told to start {word!r}; give it a name without quotes, $ and backslashes.")
    escaped = word.replace("%", "%%")
    return f'"{escaped}"' if set(escaped) & set(" ;") else escaped
