"""The timeline of a session as it happens: puts events in order of time, and writes and reads them as JSON lines.

A sentence belongs where it began, but how long it really sounded is known only when it ends. So events wait in a small
buffer until nothing earlier can still come; it holds no more than what happens during one sentence.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterable
from dataclasses import fields
from types import TracebackType
from typing import Any, NewType, NoReturn, Protocol, Self

from voicecoach.coaching.messages import Tone
from voicecoach.commands import Command
from voicecoach.errors import UsageError, escaped
from voicecoach.timeline.events import EVENTS, Ended, Event, LedgerChanged, Said

Sink = Callable[[Event], None]
"""Takes finished events, in order of `t_ms`; the `append` of a list is one."""
OpenSay = NewType("OpenSay", int)
"""A sentence that has begun and not ended."""


class Timeline:
    """Takes what happens in any order that the sound machinery finds convenient, and hands it on in order of time.

    Used by one thread. As a context manager it is closed at the end. The caller reports events and, by `advance`, up to
    when it has reported everything.
    """

    def __init__(self, *sinks: Sink) -> None:
        """Hand every finished event to each of the sinks, in their order."""
        self._sinks = sinks
        self._waiting: list[tuple[int, int, Event]] = []
        self._open: dict[OpenSay, tuple[int, str, int]] = {}
        self._settled_ms = 0
        self._count = 0
        self._ledger: dict[tuple[str, str], LedgerChanged] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def add(self, event: Event) -> None:
        """Take an event that is complete. Raises `ValueError` for one earlier than what `advance` has settled."""
        self._check(event.t_ms)
        if isinstance(event, LedgerChanged):
            self._ledger[event.exercise, event.side] = event
        heapq.heappush(self._waiting, (event.t_ms, self._next(), event))

    def say_begins(self, t_ms: int, text: str, from_ms: int = 0) -> OpenSay:
        """Take that a sentence begins to sound at `t_ms`, from `from_ms` within it on. Give the result to `say_ends`.

        Raises `ValueError` for a time earlier than what `advance` has settled.
        """
        self._check(t_ms)
        say = OpenSay(self._next())
        self._open[say] = (t_ms, text, from_ms)
        return say

    def say_ends(self, say: OpenSay, at_ms: int, *, cut: bool) -> None:
        """Take that a sentence stopped sounding, at its end or `cut` before. Raises `KeyError` where it is not open."""
        began_ms, text, from_ms = self._open.pop(say)
        # It keeps the number that it had when it began: of events at the same time, what began first comes first.
        heapq.heappush(self._waiting, (began_ms, say, Said(began_ms, text, max(0, at_ms - began_ms), cut, from_ms)))

    def end(self, t_ms: int, reason: str) -> None:
        """Take that the session is over, and add up its ledger. Only ends of sentences, and `close`, may follow."""
        entries = self._ledger.values()
        done = {
            side: sum(entry.done_ms for entry in entries if entry.side == side) for side in ("left", "right", "both")
        }
        owed = sum(entry.owed_ms for entry in entries)
        self.add(Ended(t_ms, reason, done["left"], done["right"], done["both"], owed))

    def advance(self, now_ms: int) -> None:
        """Hand on what is in order, now that everything before `now_ms` but the ends of open sentences is reported."""
        self._settled_ms = max(self._settled_ms, now_ms)
        self._flush(min([self._settled_ms, *(began_ms for began_ms, _, _ in self._open.values())]))

    def close(self) -> None:
        """Hand on all that waits. What is still being said counts as cut at the last time that is known of."""
        last_ms = max([self._settled_ms, *(t_ms for t_ms, _, _ in self._waiting)])
        for say in list(self._open):
            self.say_ends(say, last_ms, cut=True)
        self._flush(None)

    def _check(self, t_ms: int) -> None:
        if t_ms < self._settled_ms:
            raise ValueError(f"an event at {t_ms} ms comes too late: all before {self._settled_ms} ms is settled")

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _flush(self, before_ms: int | None) -> None:
        while self._waiting and (before_ms is None or self._waiting[0][0] < before_ms):
            _, _, event = heapq.heappop(self._waiting)
            for sink in self._sinks:
                sink(event)


class TextSink(Protocol):
    """What text can be written to."""

    def write(self, text: str, /) -> object:
        """Append text."""
        ...


class JsonLinesSink:
    """Writes each event as a line of JSON to a text stream (UTF-8), which stays the caller's to close."""

    def __init__(self, stream: TextSink) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        """Write one line."""
        self._stream.write(json_line(event) + "\n")


def json_line(event: Event) -> str:
    """Return an event as one line of JSON, without the line's end: `t_ms`, `kind`, then the fields of the event."""
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    return escaped(json.dumps({"t_ms": event.t_ms, "kind": event.kind} | values, ensure_ascii=False))


def parse_timeline(text: str, source: str = "timeline") -> list[Event]:
    """Read back what `JsonLinesSink` wrote. Empty lines are skipped.

    Raises `UsageError`, one line that begins with `source` and the number of the line, where one is not exactly an
    event, or where time goes backwards.
    """
    events: list[Event] = []
    # Not `splitlines`, which would also split at separators that JSON leaves inside of strings.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            event = _event(line)
            if events and event.t_ms < events[-1].t_ms:
                _reject(f"it happens at {event.t_ms} ms, before the line above")
        except _NotAnEventError as error:
            raise UsageError(
                f"{source}:{number}: This is no line of a timeline: {error}."
                " Give a file that `rehearse --timeline` wrote."
            ) from None
        events.append(event)
    return events


class _NotAnEventError(Exception):
    pass


def _reject(why: str) -> NoReturn:
    raise _NotAnEventError(why)


def _event(line: str) -> Event:
    try:
        found = json.loads(line, object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        _reject("it is not JSON")
    if not isinstance(found, dict):
        _reject("it is not a JSON object")
    kinds = {event.kind: event for event in EVENTS}
    kind = found.pop("kind", None)
    if not isinstance(kind, str) or kind not in kinds:
        _reject(f"its kind is {_shown(kind)}, and not one of {', '.join(kinds)}")
    known = fields(kinds[kind])
    _refuse_names("has no field for", found.keys() - {field.name for field in known})
    _refuse_names("lacks", {field.name for field in known} - found.keys())
    return kinds[kind](**{field.name: _value(field.name, str(field.type), found[field.name]) for field in known})


def _refuse_names(what: str, names: Iterable[str]) -> None:
    if names := sorted(names):
        _reject(f"it {what} {_shown(names[0])}")


def _value(name: str, wanted: str, value: Any) -> Any:
    """Return the value of a field, given how the field is declared. All numbers of events are at least 0."""
    if value is None and wanted.endswith(" | None"):
        return None
    match wanted.removesuffix(" | None"), value:
        case ("bool", bool()) | ("str", str()):
            return value
        # bool is a kind of int, and true is no time.
        case "int", int() if not isinstance(value, bool) and value >= 0:
            return value
        case "float", int() | float() if not isinstance(value, bool) and 0 <= value <= 1:
            return float(value)
        case "Command", str() if value in list(Command):
            return Command(value)
        case "Tone", str() if value in list(Tone):
            return Tone(value)
    _reject(f"its {name} is {_shown(value)}")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        _reject("it names a field twice")
    return found


def _no_constant(name: str) -> NoReturn:
    _reject(f"{name} is no number that it can hold")


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
