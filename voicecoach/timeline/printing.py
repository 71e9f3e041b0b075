"""A timeline for people: one event a line as it happens, in colours and wrapped to the width of a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from voicecoach.timeline.events import (
    Ducked,
    Ended,
    Event,
    Heard,
    Ignored,
    LedgerChanged,
    Said,
    StateEntered,
    ToneSounded,
)
from voicecoach.units import clock

if TYPE_CHECKING:
    from rich.console import Console

_STYLES = {
    "state": "bold",
    "say": "cyan",
    "tone": "dim",
    "heard": "bold green",
    "ignored": "yellow",
    "duck": "yellow",
    "ledger": "magenta",
    "end": "bold",
}


class PrintSink:
    """Prints each event to a rich console. Where that is no terminal, an event is one plain line, however long."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, event: Event) -> None:
        """Print one event."""
        time = f"{clock(event.t_ms)}.{event.t_ms % 1000:03d}"
        if self._console.is_terminal:
            self._print_wrapped(time, event)
        else:
            self._console.file.write(f"{time:>11}  {event.kind:<7}  {description(event)}\n")

    def _print_wrapped(self, time: str, event: Event) -> None:
        from rich.table import Table
        from rich.text import Text

        line = Table.grid(padding=(0, 2, 0, 0))
        line.add_column(width=11, justify="right", style="dim", no_wrap=True)
        line.add_column(width=7, no_wrap=True)
        line.add_column(overflow="fold")
        style = _STYLES[event.kind]
        line.add_row(time, Text(event.kind, style=style), Text(description(event), style=style))
        self._console.print(line)


def description(event: Event) -> str:
    """Return what an event is about in one line, without its time and kind; what cannot be printed is replaced."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in _told(event))


def _told(event: Event) -> str:
    match event:
        case StateEntered():
            return _state(event)
        case Said():
            begun = f" (from {_seconds(event.from_ms)} on)" if event.from_ms else ""
            cut = f" (cut after {_seconds(event.length_ms)})" if event.cut else ""
            return f"“{event.text}”{begun}{cut}"
        case ToneSounded():
            return event.name.replace("_", " ")
        case Heard():
            took = event.acted_ms - event.said_end_ms
            when = f"{took} ms after the last word" if took >= 0 else f"{-took} ms before the last word had ended"
            return f"{event.command}: “{event.phrase}”, acted {when}, confidence {event.confidence:.2f}"
        case Ignored():
            return event.reason
        case Ducked():
            return "fell silent for a voice"
        case LedgerChanged():
            done, owed = clock(event.done_ms), clock(event.owed_ms)
            return f"{event.exercise}, {event.side}: {done} done, {owed} owed ({event.why.replace('_', ' ')})"
        case Ended():
            done = f"left {clock(event.left_ms)}, right {clock(event.right_ms)}, both {clock(event.both_ms)}"
            return f"{event.reason}: {done}, owed {clock(event.owed_ms)}"
        case _:
            assert_never(event)


def _state(event: StateEntered) -> str:
    parts = [event.exercise, event.side, event.station]
    if event.set is not None and event.set > 1:
        parts.append(f"set {event.set}")
    if event.remaining_ms is not None:
        parts.append(_seconds(event.remaining_ms))
    details = ", ".join(part for part in parts if part is not None)
    name = event.state.replace("_", " ")
    return f"{name}: {details}" if details else name


def _seconds(ms: int) -> str:
    return f"{ms / 1000:g} s" if ms < 60_000 else clock(ms)
