"""Reports to the systemd that started us, by its notification protocol (`man sd_notify`)."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

_LONGEST_STATUS: Final = 200


class Notifier:
    """Says to systemd how the service is; does nothing where it was not systemd that started it.

    Never waits and never fails: a report that does not arrive is missed by systemd, which acts upon that. One thread
    uses it.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Take `NOTIFY_SOCKET`, and `WATCHDOG_USEC` where it is meant for this process."""
        name = environment.get("NOTIFY_SOCKET", "")
        # A name that begins with @ is in the kernel's own space of names, which a NUL marks.
        self._address = f"\0{name[1:]}" if name.startswith("@") else name
        self._socket: socket.socket | None = None
        if name.startswith(("/", "@")):
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)
        self._status = ""
        self.watchdog_s = _watchdog_s(environment) if self._socket is not None else None
        """How long systemd waits for the next `alive` before it kills us; none where it does not watch."""

    def ready(self) -> None:
        """Say that the start is over."""
        self._send("READY=1")

    def alive(self) -> None:
        """Say that the work gets on. Call it only with evidence, and at least twice in `watchdog_s`."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Say in a line for people how things are. What was said already is not said again."""
        line = " ".join(text.split())[:_LONGEST_STATUS]
        if line != self._status:
            self._status = line
            self._send(f"STATUS={line}")

    def stopping(self) -> None:
        """Say that the end has begun."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.sendto(message.encode(), self._address)


def _watchdog_s(environment: Mapping[str, str]) -> float | None:
    meant_for = environment.get("WATCHDOG_PID")
    duration = environment.get("WATCHDOG_USEC", "")
    if not duration.isdecimal() or int(duration) == 0 or meant_for not in (None, str(os.getpid())):
        return None
    return int(duration) / 1_000_000
