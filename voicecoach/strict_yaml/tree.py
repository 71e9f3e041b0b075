"""From text to a tree of text that knows where each part stands. No types, no tags, no references, nothing that grows.

The tree is built straight from the parser's events, so a file that nests too deeply is refused at its ninth bracket,
before anything recurses over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from voicecoach.errors import Fault

MAX_BYTES = 64 * 1024
"""The largest authored file."""
MAX_DEPTH = 8
"""How many mappings and lists may stand inside each other; the outermost mapping is the first."""

Location = tuple[str | int, ...]
"""The way to a value: keys and indexes from the root."""

INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufff9-\uffff\U000e0000-\U000e007f]|\r(?!\n)"
)
"""Control characters, foreign line breaks and the signs that turn the direction of text: what a reader cannot see."""

STAND_IN = "\ufffd"
"""Takes the place of what was refused, so that the rest of the file can still be checked."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something begins. Counted from 1, columns in characters."""

    line: int
    column: int

    def fault(self, what: str) -> Fault:
        """Return a fault that begins here."""
        return Fault(self.line, self.column, what)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping and what stands under it."""

    key: Place
    node: Node


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it begins."""

    place: Place
    value: str | list[Node] | dict[str, Entry]

    def plain(self) -> object:
        """Return the value as strings, lists and dicts."""
        match self.value:
            case str() as text:
                return text
            case list() as items:
                return [item.plain() for item in items]
            case entries:
                return {key: entry.node.plain() for key, entry in entries.items()}

    def find(self, location: Location) -> tuple[Place, Node]:
        """Return the nearest thing to `location`: where its key (or list item) begins, and its value.

        Parts of the location that are not in the file, as the members of a union, are passed over.
        """
        key, node = self.place, self
        for part in location:
            match node.value, part:
                case dict() as entries, str() if part in entries:
                    key, node = entries[part].key, entries[part].node
                case list() as items, int() if 0 <= part < len(items):
                    node = items[part]
                    key = node.place
                case _:
                    pass
        return key, node


def decode(content: str | bytes, faults: list[Fault]) -> str | None:
    """Return the text of a file with everything invisible replaced, or none where it is too large or not UTF-8."""
    try:
        data = content.encode() if isinstance(content, str) else content
        if len(data) > MAX_BYTES:
            faults.append(Fault(1, 1, f"The file is larger than {MAX_BYTES // 1024} KiB; write a shorter one."))
            return None
        text = data.decode()
    except UnicodeError as error:
        before = error.object[: error.start] if isinstance(error, UnicodeDecodeError) else b""
        line, column = before.count(b"\n") + 1, len(before.rpartition(b"\n")[2].decode()) + 1
        faults.append(Fault(line, column, "From here on this is not UTF-8 text; save the file as UTF-8."))
        return None
    text = text.removeprefix("\ufeff")
    for number, line_text in enumerate(text.split("\n"), start=1):
        # The end of the line is put back, or the \r of every \r\n would seem to stand alone.
        for found in INVISIBLE.finditer(line_text + "\n"):
            what = f"Here is an invisible character (U+{ord(found[0]):04X}); take it out."
            faults.append(Fault(number, found.start() + 1, what))
    return INVISIBLE.sub(STAND_IN, text)


FAST_LOADER: type[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""The parser in C where PyYAML was built with it: a large file takes the other half a second on a Raspberry Pi."""


def parse(text: str, faults: list[Fault], loader: type[Any] = FAST_LOADER) -> Node | None:
    """Return the tree of the one document in `text`, or none where it cannot be read to its end.

    What is merely forbidden (tags, anchors, aliases, duplicate keys) is added to `faults`, and reading goes on.
    """
    builder = _Builder(yaml.parse(text, Loader=loader), faults)
    try:
        return builder.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = builder.reached if mark is None else _place(mark)
        faults.append(place.fault(_syntax_sentence(error)))
    except _TooDeepError as error:
        what = f"This is nested more than {MAX_DEPTH} levels deep, which nothing here needs; take out some levels."
        faults.append(error.place.fault(what))
    except (yaml.YAMLError, ValueError, OverflowError):
        # PyYAML turns `\UFFFFFFFF` and endless version numbers into Python's own errors.
        what = "After this comes a character code or number that does not exist; write the character itself."
        faults.append(builder.reached.fault(what))
    return None


class _TooDeepError(Exception):
    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place


class _Builder:
    """Builds nodes from events; the recursion is as deep as `MAX_DEPTH` at most."""

    def __init__(self, events: Iterator[yaml.Event], faults: list[Fault]) -> None:
        self._events = events
        self._faults = faults
        self.reached = Place(1, 1)
        """Where the last event began."""

    def document(self) -> Node | None:
        root: Node | None = None
        while not isinstance(event := self._event(), yaml.StreamEndEvent):
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            if root is not None:
                self._fault(event, "A second document begins here, and would never be read; keep one.")
                break
            if event.version or event.tags:
                self._fault(event, "Directives (lines that begin with `%`) are not used here; take them out.")
            root = self._node(self._event(), 1)
        return root

    def _event(self) -> yaml.Event:
        event = next(self._events)
        self.reached = _place(event.start_mark)
        return event

    def _node(self, event: yaml.Event, depth: int) -> Node:
        place = _place(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            self._fault(event, f"References (`*{event.anchor}`) are not used here; write the value out.")
            return Node(place, STAND_IN)
        if getattr(event, "anchor", None) is not None:
            self._fault(event, "Anchors (`&name`) are not used here; take it out, or put the text in quotes.")
        if getattr(event, "tag", None) is not None:
            self._fault(event, "Tags (`!name`) are not used here; take it out, or put the text in quotes.")
        if isinstance(event, yaml.ScalarEvent):
            return Node(place, self._text(event))
        if depth > MAX_DEPTH:
            raise _TooDeepError(place)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(inner := self._event(), yaml.SequenceEndEvent):
                items.append(self._node(inner, depth + 1))
            return Node(place, items)
        entries: dict[str, Entry] = {}
        while not isinstance(inner := self._event(), yaml.MappingEndEvent):
            key = self._node(inner, depth + 1)
            follows = self._event()
            value = self._node(follows, depth + 1)
            if getattr(event, "flow_style", False) and _is_missing(follows):
                word = quote(str(key.value))
                what = f"A comma ends a text within braces; put the whole text that {word} belongs to in quotes."
                self._faults.append(key.place.fault(what))
            else:
                self._add(entries, key, value)
        return Node(place, entries)

    def _text(self, event: yaml.ScalarEvent) -> str:
        text: str = event.value
        # Only escapes in double quotes can still bring these in.
        if event.style == '"' and (found := INVISIBLE.search(text)):
            self._fault(event, f"An escape here makes an invisible character (U+{ord(found[0]):04X}); take it out.")
            return INVISIBLE.sub(STAND_IN, text)
        return text

    def _add(self, entries: dict[str, Entry], key: Node, value: Node) -> None:
        if not isinstance(key.value, str):
            self._faults.append(key.place.fault("A key is one plain word here; write `key: value`."))
        elif key.value == "<<":
            self._faults.append(key.place.fault("Merge keys (`<<`) are not used here; write the keys out."))
        elif key.value in entries:
            first = entries[key.value].key.line
            what = f"{quote(key.value)} is here a second time (first in line {first}); keep one of the two."
            self._faults.append(key.place.fault(what))
        else:
            entries[key.value] = Entry(key.place, value)

    def _fault(self, event: yaml.Event, what: str) -> None:
        self._faults.append(_place(event.start_mark).fault(what))


def quote(text: str) -> str:
    """Return a piece of the file for use in a sentence: one line, short, between backticks."""
    line = " ".join(text.split())
    return f"`{line if len(line) <= 40 else line[:39] + '…'}`"


def _is_missing(event: yaml.Event) -> bool:
    """Tell whether a key has no value at all, not even an empty one in quotes."""
    return isinstance(event, yaml.ScalarEvent) and not event.value and not event.style


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


_UNCLOSED = "A quote that was opened is never closed; close it."
_BACKSLASH = "A backslash means something in double quotes; take it out, or use single quotes."
_LINE_UP = "This does not line up with what stands above; indent keys or items that belong together equally."
_FOLDED = "After `>` or `|` the text begins on a line of its own, indented; begin it there."
_SYNTAX = (
    ("'\\t' that cannot start", "A tab stands where a value or indentation is expected; use spaces."),
    ("tab character", "A tab stands where indentation is expected; use spaces."),
    (
        "cannot start any token",
        "A value cannot begin with this sign, or indentation with a tab; use quotes, and spaces.",
    ),
    (
        "mapping values are not allowed",
        "A `: ` is not expected here; put a text with a colon in quotes, or mend the indent.",
    ),
    (
        "could not find expected ':'",
        "This is neither `key: value` nor `- item`; add the colon, or mend indent or quotes above.",
    ),
    ("unexpected end of stream", _UNCLOSED),
    ("unexpected document", _UNCLOSED),
    ("block end", _LINE_UP),
    ("did not find expected key", _LINE_UP),
    ("expected '-' indicator", _LINE_UP),
    (
        "sequence entries are not allowed",
        "A list item (`- `) is not expected here; begin the list on its own line below the key.",
    ),
    ("expected ',' or", "A bracket is not closed, or a comma is missing before this; add it."),
    ("escape", _BACKSLASH),
    ("hexdecimal", _BACKSLASH),
    ("character code", _BACKSLASH),
    ("block scalar", _FOLDED),
    ("tag", "Tags (`!name`) are not used here; take it out, or put the text in quotes."),
    ("directive", "Directives (lines that begin with `%`) are not used here; take them out."),
    ("alphabetic or numeric", "A value that begins with `&`, `*`, `!` or `%` needs quotes; put it in quotes."),
    ("node content", "A value is missing here; write one, or take out the sign before it."),
    (
        "document start",
        "This does not belong to what stands above; mend the indentation, and keep one document in the file.",
    ),
)
"""Parts of the parser's messages, and what we say in their place; the first that fits."""


def _syntax_sentence(error: yaml.MarkedYAMLError) -> str:
    technical = f"{error.problem} {error.context}"
    for part, sentence in _SYNTAX:
        if part in technical:
            if "never closed" in sentence and error.context_mark is not None:
                return f"The quote opened in line {error.context_mark.line + 1} is never closed; close it."
            return sentence
    return "This cannot be read as YAML; check the indentation, colons, brackets and quotes here and just above."
