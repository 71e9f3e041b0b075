"""Asking the systemd of this machine, or the files of another one's below a root."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from voicecoach.errors import UsageError
from voicecoach.service.unit import Kind

_LIMIT_S: Final = 60.0
_BOOTED: Final = Path("/run/systemd/system")
"""Exists where systemd is process 1: `man sd_booted`."""


class Systemd:
    """The programs of systemd, each with a time limit. `root` is `/`, or where another system's files lie."""

    def __init__(self, kind: Kind, root: Path = Path("/")) -> None:
        self._kind = kind
        self._root = root

    @property
    def runs(self) -> bool:
        """Whether there is a systemd that can be asked to start something."""
        return self._root == Path("/") and _BOOTED.is_dir() and shutil.which("systemctl") is not None

    @property
    def is_installed(self) -> bool:
        """Whether its programs are here, running or not."""
        return shutil.which("systemctl") is not None

    def version(self) -> int:
        """Return its version; 0 where there is none."""
        if not self.is_installed:
            return 0
        words = _output(["systemctl", "--version"]).split()
        return int(words[1]) if len(words) > 1 and words[1].isdecimal() else 0

    def control(self, *words: str) -> str:
        """Return what `systemctl` with these words prints. Raises `UsageError` where it refuses."""
        scope = ["--user"] if self._kind is Kind.USER else []
        return _output(["systemctl", *scope, *self._in_root(), *words])

    def make_users(self, name: str) -> None:
        """Have the users of one `sysusers.d` file made. Raises `UsageError` where that fails."""
        _output(["systemd-sysusers", *self._in_root(), name])

    def properties(self, unit: str, *names: str) -> Mapping[str, str]:
        """Return what systemd knows of a unit, by the names in `systemctl show`."""
        printed = self.control("show", unit, f"--property={','.join(names)}")
        pairs = (line.partition("=") for line in printed.splitlines())
        return {name: value for name, _, value in pairs}

    def _in_root(self) -> list[str]:
        return [] if self._root == Path("/") else [f"--root={self._root}"]


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
    except FileNotFoundError:
        raise UsageError(f"There is no `{command[0]}` here; this needs a system with systemd.") from None
    except subprocess.TimeoutExpired:
        raise UsageError(
            f"`{' '.join(command)}` did not end within {_LIMIT_S:.0f} seconds; see `systemctl list-jobs`."
        ) from None
    if done.returncode:
        why = " ".join((done.stderr or done.stdout).split()) or f"it ended with code {done.returncode}"
        raise UsageError(f"`{' '.join(command)}` failed: {why}{_advice(why, command)}")
    return done.stdout


def _advice(why: str, command: list[str]) -> str:
    if "connect to bus" not in why:
        return ""
    if "--user" in command:
        return ". Do it in a log-in of your own, not by su or sudo: only that has a systemd to ask."
    return ". The machine's systemd does not answer; in a container there is none: start `voicecoach standby` by hand."
