"""A level meter on a terminal: one line that is always the last, and goes away at the end."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from voicecoach.errors import plain
from voicecoach.live.loudness import AUDIBLE_DB, QUIETEST_DB, Loudness

_CELLS: Final = 45
_LOWEST_DB: Final = -80.0
_TOO_LOUD_DB: Final = -0.5
_EVERY_S: Final = 0.08


class Meter:
    """Shows how loud it is. Lines that belong on standard output go through `say`, so that both stay whole."""

    def __init__(self) -> None:
        out, err = sys.stdout.isatty(), sys.stderr.isatty()
        self._console = Console(stderr=not out, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._prints_lines = out
        self._live = (
            Live(console=self._console, transient=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=out)
            if out or err
            else None
        )
        self._shown_s = 0.0
        self._loudest = Loudness(QUIETEST_DB, QUIETEST_DB)
        self._hears = False

    def say(self, line: str) -> None:
        """Write a line to standard output."""
        line = plain(line)
        if self._live is not None and self._prints_lines:
            self._console.print(line)
        else:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()

    def voice(self, hears: bool) -> None:
        """Show whether somebody is being heard."""
        self._hears = hears

    def level(self, loud: Loudness) -> None:
        """Take the next moment's loudness, and show the loudest of the last ones."""
        if loud.level_db > self._loudest.level_db:
            self._loudest = loud
        now_s = time.monotonic()
        if self._live is not None and now_s - self._shown_s >= _EVERY_S:
            self._shown_s = now_s
            self._live.update(bar(self._loudest, hears=self._hears), refresh=True)
            self._loudest = Loudness(QUIETEST_DB, QUIETEST_DB)

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()


def bar(loud: Loudness, *, hears: bool) -> Text:
    """Return the meter's line. The stroke is where the coach begins to hear."""
    filled, threshold = _cell(loud.level_db), _cell(AUDIBLE_DB)
    cells = ["█" if cell < filled else "·" for cell in range(_CELLS)]
    cells[threshold] = "┃" if filled > threshold else "│"
    style = "green" if loud.is_audible else "dim"
    note = "hearing ..." if hears else ""
    if loud.peak_db >= _TOO_LOUD_DB:
        style, note = "red", "too loud"
    level = "silence" if loud.is_zero else f"{loud.level_db:.0f} dB"
    return Text.assemble(("".join(cells), style), f" {level:>7}  {note}")


def _cell(level_db: float) -> int:
    part = (level_db - _LOWEST_DB) / -_LOWEST_DB
    return min(_CELLS - 1, max(0, round(part * _CELLS)))
