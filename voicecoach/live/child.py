"""A child process that cannot hold up the coach: whatever it does, nothing here waits for it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from voicecoach.isolation import python_command
from voicecoach.live.wire import Decoder, Message, WireError, encode

LARGEST_BACKLOG: Final = 128 << 20
"""More than this is only unsent where the child has stopped reading."""
_READ_BYTES: Final = 1 << 18
_MOST_AT_ONCE: Final = 4 << 20
"""Twenty times what the socket holds: who sends more while we read would keep us from all else."""


class Child:
    """One run of `python -m MODULE DESCRIPTOR PARENT ARGUMENTS...`, joined to us by a socket. One thread uses it."""

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        kinds: tuple[type[Message], ...],
        environment: dict[str, str] | None = None,
    ) -> None:
        """Start it. `kinds` are the messages that it may send. Raises `OSError` where it cannot be started."""
        ours, theirs = socket.socketpair()
        self._socket = ours
        self._decoder = Decoder(kinds)
        self._unsent = bytearray()
        self._alive = True
        try:
            self._process = subprocess.Popen(
                python_command("-m", module, str(theirs.fileno()), str(os.getpid()), *arguments),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=None if os.environ.get("VOICECOACH_DEBUG") else subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
                env=os.environ | (environment or {}),
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        ours.setblocking(False)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def socket(self) -> socket.socket:
        """For a selector."""
        return self._socket

    @property
    def alive(self) -> bool:
        """Whether it still talks to us. What it does is another question."""
        return self._alive

    @property
    def has_unsent(self) -> bool:
        """Whether something waits for the socket to take it."""
        return bool(self._unsent)

    def send(self, message: Message) -> None:
        """Send a message, now or when the child gets round to reading."""
        if self._alive:
            self._unsent += encode(message)
            self.send_unsent()

    def send_unsent(self) -> None:
        """Send on as much as the socket takes."""
        try:
            while self._unsent:
                sent = self._socket.send(memoryview(self._unsent)[: 1 << 20])
                del self._unsent[:sent]
        except BlockingIOError:
            self._alive = len(self._unsent) < LARGEST_BACKLOG
        except OSError:
            self._alive = False

    def receive(self) -> list[Message]:
        """Return what has come in. After its end, nonsense or a flood, the child counts as dead."""
        found: list[Message] = []
        taken = 0
        try:
            while data := self._socket.recv(_READ_BYTES):
                found += self._decoder.feed(data)
                taken += len(data)
                if taken > _MOST_AT_ONCE:
                    break
            self._alive = False
        except BlockingIOError:
            pass
        except (OSError, WireError):
            self._alive = False
        return found

    def kill(self) -> None:
        """End it at once, without waiting for that. Nothing happens a second time."""
        self._alive = False
        with suppress(OSError):
            # It leads a session of its own: whatever it has started goes with it.
            os.killpg(self._process.pid, signal.SIGKILL)
        self._socket.close()

    def reap(self, limit_s: float = 0.0) -> bool:
        """Tell whether a killed child is gone, after waiting for it that long; in a device's driver it may hang on."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(limit_s)
        return self._process.returncode is not None
