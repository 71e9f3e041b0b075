"""Putting the service in place and taking it away. Both can be done twice, and say what they did."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

from voicecoach.atomic_file import AtomicTextFile, read_ordinary
from voicecoach.errors import UsageError
from voicecoach.service.systemd import Systemd
from voicecoach.service.unit import NAME, SYSUSERS, UNIT, Kind, unit_text

Tell = Callable[[str], None]

_HIDDEN_FROM_SERVICE: Final = tuple(map(Path, ("/home", "/root", "/run/user", "/tmp", "/var/tmp")))
"""What `ProtectHome=` and `PrivateTmp=` of the unit shut away."""
_LINGERING: Final = Path("/var/lib/systemd/linger")
"""Has a file for each user who lingers: `man loginctl`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the service's files go."""

    kind: Kind
    root: Path = Path("/")
    """Not `/` where the files of another system are prepared."""

    @property
    def unit(self) -> Path:
        """The unit file."""
        if self.kind is Kind.USER:
            return platformdirs.user_config_path() / "systemd" / "user" / UNIT
        return self.root / "etc/systemd/system" / UNIT

    @property
    def users(self) -> Path:
        """Where the service's user is described."""
        return self.root / "etc/sysusers.d" / f"{NAME}.conf"

    @property
    def settings(self) -> Path:
        """The folder for the settings of the system's service."""
        return self.root / "etc" / NAME


def this_program() -> tuple[str, ...]:
    """Return the command line that starts the program that runs now, without a verb."""
    # Isolated: neither the folder it is started in nor anybody's environment brings modules of its own.
    return (sys.executable, "-I", "-m", "voicecoach")


def check_program(program: tuple[str, ...], kind: Kind) -> None:
    """Raise `UsageError` where the system's service could not read the program that it is to start."""
    if kind is Kind.USER:
        return
    places = [Path(program[0])]
    if program == this_program():
        places += [Path(sys.prefix), Path(sys.base_prefix), Path(__file__)]
    for path in places:
        # Both: what the service sees is the name as it is given, and then what that points to.
        for seen in (path.absolute(), path.resolve()):
            hidden = next((folder for folder in _HIDDEN_FROM_SERVICE if seen.is_relative_to(folder)), None)
            if hidden is not None:
                raise UsageError(
                    f"The service may not look into {hidden}, and {seen} is there; install voicecoach elsewhere, as"
                    " `scripts/install-pi` does in /opt/voicecoach, or use `service install --user`."
                )


def install(place: Place, systemd: Systemd, program: tuple[str, ...], tell: Tell) -> None:
    """Put the service in place, and start it where systemd runs.

    Raises `UsageError` where something of that is not allowed or fails; what was done until then is there.
    """
    if place.kind is Kind.SYSTEM:
        _write(place.users, SYSUSERS, tell)
        if systemd.is_installed:
            systemd.make_users(place.users.name)
        _make_folder(place.settings)
    _write(place.unit, unit_text(place.kind, program, systemd.version()), tell)
    if not systemd.is_installed:
        tell("There is no systemd here, so it is not enabled: only its files are in place.")
        return
    if systemd.runs:
        systemd.control("daemon-reload")
    systemd.control("enable", UNIT)
    tell("It starts by itself from now on." if place.kind is Kind.SYSTEM else "It starts when you log in.")
    if systemd.runs:
        systemd.control("restart", UNIT)
        tell("It runs.")
    else:
        tell("It is not started: systemd does not run here.")


def uninstall(place: Place, systemd: Systemd, tell: Tell) -> None:
    """Stop the service and take its files away; what it keeps stays. Raises `UsageError` as `install`."""
    if not _is_there(place.unit) and not (place.kind is Kind.SYSTEM and _is_there(place.users)):
        other = Place(Kind.USER if place.kind is Kind.SYSTEM else Kind.SYSTEM)
        if place.root == other.root and _is_there(other.unit):
            words = ("your own", " --user") if other.kind is Kind.USER else ("the system's", "")
            tell(f"It is not installed, but {words[0]} is; type: voicecoach service uninstall{words[1]}")
        else:
            tell("It is not installed.")
        return
    if systemd.is_installed and _is_there(place.unit):
        if systemd.runs:
            systemd.control("stop", UNIT)
        systemd.control("disable", UNIT)
    _remove(place.unit, tell)
    if place.kind is Kind.SYSTEM:
        _remove(place.users, tell)
    if systemd.runs:
        systemd.control("daemon-reload")
    if place.kind is Kind.SYSTEM:
        tell(f"Kept: /etc/{NAME}, /var/lib/{NAME}, /var/cache/{NAME} and the user '{NAME}'. Remove them by hand.")


def lingers(folder: Path = _LINGERING) -> bool:
    """Tell whether the services of the person who asks run without them being logged in."""
    return _is_there(folder / getpass.getuser())


def needs_root(place: Place) -> bool:
    """Tell whether somebody else has to do it."""
    return place.kind is Kind.SYSTEM and place.root == Path("/") and os.geteuid() != 0


def _write(path: Path, text: str, tell: Tell) -> None:
    with suppress(OSError, ValueError):
        if read_ordinary(path, 1 << 20).decode() == text:
            tell(f"{path} is there already.")
            return
    _make_folder(path.parent)
    with AtomicTextFile(path) as file:
        file.write(text)
    path.chmod(0o644)
    tell(f"Wrote {path}.")


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"The folder {path} cannot be made ({error.strerror}); see who owns what is there.") from None


def _remove(path: Path, tell: Tell) -> None:
    try:
        path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"{path} cannot be removed ({error.strerror}); see who owns it.") from None
    tell(f"Removed {path}.")


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True
