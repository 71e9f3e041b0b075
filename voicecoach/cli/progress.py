"""Progress on anything that takes longer than two seconds: one line on a terminal, a few lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Final, Self

PATIENCE_S: Final = 2.0
"""What takes no longer needs no word."""


class Progress:
    """Counts up on standard error while something is done; on a terminal the line goes away at the end."""

    def __init__(self, what: str, step: int = 200) -> None:
        """Say what is counted, and how many make another line where there is no terminal."""
        self._what = what
        self._step = step
        self._shown = False
        self._next = 0
        self._began = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Tell how far it is, unless it is over soon."""
        if not self._shown and time.monotonic() - self._began < PATIENCE_S:
            return
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{self._what}: {done} of {total}")
        elif done >= self._next:
            self._next = done + self._step
            sys.stderr.write(f"{self._what}: {done} of {total}\n")
        sys.stderr.flush()
        self._shown = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._shown and sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
