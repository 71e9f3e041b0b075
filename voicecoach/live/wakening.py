"""What ends the coach's waiting: signals, and threads that have something for it."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any, Final, Self

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Wakening:
    """Catches Ctrl-C, SIGTERM and SIGHUP while it is open, and can be woken from any thread. Use in the main thread."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._before: dict[signal.Signals, Any] = {}
        self._wakeup_before = -1
        self.asked_to_end = False

    @property
    def socket(self) -> socket.socket:
        """Readable where there is something to see to."""
        return self._reader

    def wake(self) -> None:
        """End the waiting."""
        with suppress(OSError):
            self._writer.send(b"\0")

    def clear(self) -> None:
        """Take notice of all that has woken us so far."""
        with suppress(OSError):
            while self._reader.recv(4096):
                pass

    def __enter__(self) -> Self:
        self._wakeup_before = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, self._note) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        self._reader.close()
        self._writer.close()

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.asked_to_end = True
