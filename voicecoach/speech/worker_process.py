"""A child process that is asked one thing at a time, and killed when it does not answer."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

_LARGEST_ANSWER: Final = 64 << 20
_LONGEST_LINE: Final = 1 << 20


def _no_constant(name: str) -> None:
    raise ValueError(name)


class WorkerFailedError(Exception):
    """The process hangs, is gone, or talks nonsense. It has been killed."""


class WorkerProcess:
    """Speaks JSON lines with a child process. One thread uses it.

    A request goes in; a reply comes out, followed by as many bytes as it says in `bytes`. The child's stderr goes
    nowhere; the child is out of reach of Ctrl-C, and is expected to end with its stdin.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._buffer = bytearray()
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise WorkerFailedError(f"could not be started ({error.strerror})") from None

    def request(self, message: Mapping[str, object], limit_s: float) -> tuple[dict[str, Any], bytes]:
        """Send a message, and return the reply and the bytes after it.

        Raises `WorkerFailedError` where there is no complete reply within `limit_s`, after killing the process.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode("ascii") + b"\n")
        except OSError:
            raise self._gone() from None
        return self.receive(limit_s)

    def receive(self, limit_s: float) -> tuple[dict[str, Any], bytes]:
        """Return the next reply and the bytes after it. Raises as `request` does."""
        deadline = time.monotonic() + limit_s
        try:
            while (newline := self._buffer.find(b"\n")) < 0:
                if len(self._buffer) > _LONGEST_LINE:
                    raise ValueError
                self._read_more(deadline, limit_s)
            reply = json.loads(self._buffer[:newline], parse_constant=_no_constant)
            size = reply.get("bytes", 0)
            if type(size) is not int or not 0 <= size <= _LARGEST_ANSWER:
                raise ValueError
        except (ValueError, AttributeError, TypeError, RecursionError):
            self.kill()
            raise WorkerFailedError("gave an answer that makes no sense") from None
        del self._buffer[: newline + 1]
        while len(self._buffer) < size:
            self._read_more(deadline, limit_s)
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return reply, data

    def kill(self) -> None:
        """End the process now, and wait for it to be gone. Nothing happens a second time."""
        with suppress(OSError):
            # It leads a session of its own: whatever it has started goes with it.
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _read_more(self, deadline: float, limit_s: float) -> None:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            self.kill()
            raise WorkerFailedError(f"did not answer within {limit_s:g} s")
        data = os.read(descriptor, 1 << 16)
        if not data:
            raise self._gone()
        self._buffer += data

    def _gone(self) -> WorkerFailedError:
        # Its end of the pipe is closed: it is ending, if it has not ended.
        self.kill()
        status = self._process.returncode
        if status < 0:
            with suppress(ValueError):
                return WorkerFailedError(f"was ended by {signal.Signals(-status).name}")
        return WorkerFailedError(f"ended with status {status}")
