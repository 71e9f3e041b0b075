"""The sound server of this user, and what makes one absent or end: mostly that nobody is logged in.

PipeWire and PulseAudio are usually services of a person who is logged in. They end with the last log-in unless the
person "lingers"; a service of the system, `sudo` and `cron` do not even find a running one, because nothing tells them
where it is. Sound by ALSA alone needs no server at all.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicecoach.doctor.finding import Fact, Finding, Standing
from voicecoach.live.pulse_settings import without_folders
from voicecoach.live.whereabouts import misdirected

CHECK: Final = "sound server"
_LIMIT_S: Final = 3.0
"""A server that works answers within a hundredth of this."""
_SOCKETS: Final = ("pulse/native", "pipewire-0")
_FIRST_PERSON: Final = 1000
"""Users below this number belong to the system, root among them."""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """Where a server would be, and whether one is there."""

    user: str
    uid: int
    runtime_folder: str | None
    """`XDG_RUNTIME_DIR`, which says where a person's servers are."""
    usual_folder: bool
    """Whether `/run/user/UID` is there: it is while somebody is logged in, or lingers."""
    named: str | None
    """`PULSE_SERVER`, where somebody has named one."""
    sockets: tuple[str, ...]
    """Which doors of servers there are in that folder, or in the usual one where none is named."""
    answers: bool | None
    """Whether a server answered; None where there is no tool to ask it by."""
    server: str | None
    """What it calls itself."""
    has_systemd: bool
    lingers: bool
    """Whether this user's services stay when nobody is logged in."""
    is_graphical: bool
    """Whether this is a log-in at a screen."""
    others: tuple[str, ...]
    """Other users who have a server running."""
    misdirected: str = ""
    """Which variables point to nothing, as sentences, where no server answered."""


def probe() -> ServerFacts:
    """Look at the environment and the doors, and ask the server its name with a time limit."""
    uid = os.getuid()
    user = str(uid)
    with suppress(KeyError):
        user = pwd.getpwuid(uid).pw_name
    runtime = os.environ.get("XDG_RUNTIME_DIR") or None
    usual = Path(f"/run/user/{uid}")
    folder = Path(runtime) if runtime else usual
    # Who is asked may make a folder that is missing.
    wrong = misdirected()
    answers, server = _ask()
    return ServerFacts(
        user=user,
        uid=uid,
        runtime_folder=runtime,
        usual_folder=usual.is_dir(),
        named=os.environ.get("PULSE_SERVER") or None,
        sockets=tuple(name for name in _SOCKETS if _is_door(folder / name)),
        answers=answers,
        server=server,
        has_systemd=Path("/run/systemd/system").is_dir(),
        lingers=Path("/var/lib/systemd/linger", user).exists(),
        is_graphical=os.environ.get("XDG_SESSION_TYPE") in ("x11", "wayland"),
        others=_others(uid),
        misdirected=wrong if answers is not True else "",
    )


def has_server(facts: ServerFacts) -> bool:
    """Tell whether sound can go through a server."""
    return facts.answers is True or (facts.answers is None and bool(facts.sockets) and facts.runtime_folder is not None)


def judge(facts: ServerFacts) -> Finding:
    """Say whether there is a server, and whether it will still be there tomorrow."""
    numbers: dict[str, Fact] = {
        "server": facts.server,
        "answers": facts.answers,
        "runtime_folder": facts.runtime_folder,
        "sockets": list(facts.sockets),
        "lingers": facts.lingers,
        "user": facts.user,
    }
    name = facts.server or ("the sound server" if facts.sockets else "no sound server")
    if facts.misdirected:
        return Finding(
            CHECK,
            Standing.WARNING,
            "misdirected",
            facts.misdirected,
            "Correct it where it is set (`env | grep -E 'PULSE|PIPEWIRE|XDG_RUNTIME|ALSA'` shows it; a service has it "
            "from its unit), or unset it.",
            "I was told a wrong place to look for the sound server.",
            numbers,
        )
    if facts.answers is False and facts.sockets and facts.runtime_folder:
        return Finding(
            CHECK,
            Standing.FAILURE,
            "hangs",
            f"There is one ({', '.join(facts.sockets)}), but it does not answer within {_LIMIT_S:g} s.",
            "Restart it: `systemctl --user restart pipewire pipewire-pulse wireplumber`, or `pulseaudio --kill`; "
            "unplug a USB sound device that hangs.",
            "The sound server does not answer. Please restart me, or unplug the sound device and plug it in again.",
            numbers,
        )
    if has_server(facts):
        if facts.has_systemd and not facts.lingers and not facts.is_graphical and facts.named is None:
            return Finding(
                CHECK,
                Standing.WARNING,
                "ends_with_login",
                f"{_capital(name)} answers, but it ends when '{facts.user}' logs out.",
                f"Run `sudo loginctl enable-linger {facts.user}`, so that it stays; or use ALSA's own devices.",
                "My sound will stop when you log out.",
                numbers,
            )
        return Finding(CHECK, Standing.OK, "answers", f"{_capital(name)} answers.", facts=numbers)
    if facts.runtime_folder is None and facts.sockets:
        return Finding(
            CHECK,
            Standing.WARNING,
            "not_told",
            f"One runs for '{facts.user}', but XDG_RUNTIME_DIR is not set, so it is not found "
            "(cron, su and services without a log-in have that trap).",
            f"Set XDG_RUNTIME_DIR=/run/user/{facts.uid}, or start this from a proper log-in.",
            "A sound server runs, but I was not told where.",
            numbers,
        )
    if facts.others and facts.uid < _FIRST_PERSON:
        return Finding(
            CHECK,
            Standing.WARNING,
            "of_somebody_else",
            f"None for '{facts.user}'; one runs for {_listed(facts.others)}.",
            "Run voicecoach as that user, without sudo. A service of the system has to use ALSA's own devices "
            "(`hw:CARD=...` in `voicecoach devices`), which it can only while no server holds them.",
            "The sound server belongs to another user.",
            numbers,
        )
    found = f"None for '{facts.user}'; sound goes to ALSA directly."
    if facts.uid >= _FIRST_PERSON and facts.has_systemd and not facts.lingers:
        found += " If one ran while somebody was logged in, it ended with that."
        advice = f"Where you rely on one, run `sudo loginctl enable-linger {facts.user}` and restart the machine."
        return Finding(CHECK, Standing.OK, "none", found, advice, facts=numbers)
    return Finding(CHECK, Standing.OK, "none", found, facts=numbers)


def _ask() -> tuple[bool | None, str | None]:
    if shutil.which("pactl") is None:
        return None, None
    try:
        asked = subprocess.run(
            ["pactl", "--format=json", "info"],
            env=os.environ | without_folders(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LIMIT_S,
            check=False,
            start_new_session=True,
        )
        return asked.returncode == 0, str(json.loads(asked.stdout)["server_name"]) if asked.returncode == 0 else None
    except subprocess.TimeoutExpired:
        return False, None
    except (OSError, ValueError, KeyError, TypeError):
        return None, None


def _is_door(path: Path) -> bool:
    """Tell whether somebody stands behind a socket. One that hangs still has its door open."""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as knocking:
        knocking.settimeout(1.0)
        knocking.connect(str(path))
        return True
    return False


def _others(uid: int) -> tuple[str, ...]:
    found = []
    with suppress(OSError):
        for folder in Path("/run/user").iterdir():
            if folder.name.isdigit() and int(folder.name) != uid:
                with suppress(OSError, KeyError):
                    if any((folder / name).exists() for name in _SOCKETS):
                        found.append(pwd.getpwuid(int(folder.name)).pw_name)
    return tuple(sorted(found))


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(f"'{name}'" for name in names)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
