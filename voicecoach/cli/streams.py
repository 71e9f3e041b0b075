"""Standard output and standard error, made so that no locale, full disk or vanished terminal ends a verb badly."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Any, Final, TextIO

from voicecoach.errors import UsageError

_NAMES: Final = {1: "standard output", 2: "standard error"}


class UnwritableError(UsageError):
    """What was to be shown could not be written."""


class SafeStream(io.TextIOBase):
    """A stream that replaces what its encoding lacks, and says in one line that it cannot be written.

    Or nothing, where it is `forgiving`: then the rest is dropped. That is how standard error is, since there is nobody
    to tell, and how a live session has its print-out. A reader who went away raises `BrokenPipeError` as ever.
    """

    def __init__(self, stream: TextIO | None, number: int) -> None:
        self._stream = stream
        self._number = number
        self.forgiving = number == 2
        self._is_lost = False
        if isinstance(stream, io.TextIOWrapper):
            with suppress(OSError, ValueError):
                stream.reconfigure(errors="replace")

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The stream's."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        """What the encoding lacks is replaced."""
        return "replace"

    def isatty(self) -> bool:
        """Whether it is a terminal that is still there."""
        with suppress(OSError, ValueError):
            return self._stream is not None and not self._is_lost and self._stream.isatty()
        return False

    def fileno(self) -> int:
        """Return the descriptor. Raises `OSError` where there is none."""
        if self._stream is None:
            raise OSError("there is no descriptor")
        return self._stream.fileno()

    def writable(self) -> bool:
        """Return true: whether it can be written is known when that is tried."""
        return True

    def line_by_line(self) -> None:
        """Let each line be seen when it is written, also where it goes into a pipe."""
        if isinstance(self._stream, io.TextIOWrapper):
            with suppress(OSError, ValueError):
                self._stream.reconfigure(line_buffering=True)

    def write(self, text: str) -> int:
        """Write text. Raises `UnwritableError` where that cannot be, unless it is `forgiving`."""
        if self._is_lost:
            return len(text)
        if self._stream is None:
            self._lose("it is closed")
            return len(text)
        self._try(self._stream.write, text)
        return len(text)

    def flush(self) -> None:
        """Bring out what was written. Raises as `write`."""
        if self._stream is not None and not self._is_lost:
            self._try(self._stream.flush)

    def _try(self, do: Any, *given: str) -> None:
        try:
            do(*given)
        except BrokenPipeError:
            self._drop()
            if not self.forgiving:
                raise
        except UnicodeError:
            # A stream of somebody else's that takes no such letters.
            if self._stream is not None:
                self._stream.write("".join(given).encode("ascii", "replace").decode())
        except (OSError, ValueError) as error:
            self._drop()
            self._lose((getattr(error, "strerror", None) or str(error)).rstrip("."))

    def _drop(self) -> None:
        """Let what is left over vanish, since Python would complain about it at its end."""
        self._is_lost = True
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)

    def _lose(self, why: str) -> None:
        self._is_lost = True
        if not self.forgiving:
            raise UnwritableError(f"Cannot write to {_NAMES[self._number]}: {why}; give it another place.")


def make_safe() -> None:
    """Put safe streams in place of this process's, once."""
    if not isinstance(sys.stdout, SafeStream):
        sys.stdout = SafeStream(sys.stdout, 1)
    if not isinstance(sys.stderr, SafeStream):
        sys.stderr = SafeStream(sys.stderr, 2)


def go_on_without_output() -> None:
    """Have a live session go on where its print-out cannot be written."""
    if isinstance(sys.stdout, SafeStream):
        sys.stdout.forgiving = True
        sys.stdout.line_by_line()
