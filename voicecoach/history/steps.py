"""What drives a session, call by call, as it stands in the journal; and the tables of speech that go with it.

The words that were heard are not kept, only what they mean.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, assert_never

from voicecoach.coaching.messages import (
    CommandHeard,
    CueTiming,
    Input,
    MachineChanged,
    Notice,
    SpeechRendered,
    SpeechTable,
    VoiceIgnored,
    VoiceStarted,
)
from voicecoach.commands import Command

LARGEST_TABLE_BYTES: Final = 8 * 1024 * 1024
"""A table unpacks to no more than this: twenty times what the longest routine needs."""
LONGEST_SENTENCE_MS: Final = 10 * 60 * 1000
"""More than the 300 characters of a sentence take at the lowest speed."""


@dataclass(frozen=True, slots=True)
class Began:
    """`Session.begin` was called."""


@dataclass(frozen=True, slots=True)
class TimePassed:
    """`Session.advance` was called, and something was due."""


@dataclass(frozen=True, slots=True)
class CameBack:
    """`Session.come_back` was called, with this timing of speech."""

    table: SpeechTable


Step = Began | TimePassed | CameBack | Input
"""One call; an input stands for the call of `Session.receive` with it."""


def encoded(step: Step, keep: Callable[[SpeechTable], str]) -> str:
    """Return a step as text. `keep` is given each table of speech, and returns the name that it is kept under."""
    parts: list[object]
    match step:
        case Began():
            parts = ["began"]
        case TimePassed():
            parts = ["time"]
        case CameBack(table=table):
            parts = ["came_back", keep(table)]
        case CommandHeard(command=command):
            parts = ["heard", command.value]
        case VoiceStarted():
            parts = ["voice"]
        case VoiceIgnored(like_speech=like_speech):
            parts = ["ignored", like_speech]
        case SpeechRendered(table=table):
            parts = ["rendered", keep(table)]
        case MachineChanged(notice=notice):
            parts = ["machine", notice.value]
        case _:
            assert_never(step)
    return json.dumps(parts, separators=(",", ":"))


def decoded(text: str, tables: Callable[[str], SpeechTable]) -> Step:
    """Return the step that a text stands for. Raises `ValueError` where it is none, and what `tables` raises."""
    match json.loads(text):
        case ["began"]:
            return Began()
        case ["time"]:
            return TimePassed()
        case ["came_back", str() as name]:
            return CameBack(tables(name))
        case ["heard", str() as command]:
            return CommandHeard(Command(command), "")
        case ["voice"]:
            return VoiceStarted()
        case ["ignored", bool() as like_speech]:
            return VoiceIgnored(like_speech)
        case ["rendered", str() as name]:
            return SpeechRendered(tables(name))
        case ["machine", str() as notice]:
            return MachineChanged(Notice(notice))
        case _:
            raise ValueError("this is no step of a session")


def packed(table: SpeechTable) -> tuple[str, bytes]:
    """Return the name of a table of speech, which is its digest, and the table in few bytes."""
    rows = {text: [timing.length_ms, *timing.breaks_ms] for text, timing in sorted(table.items())}
    plain = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.sha256(plain).hexdigest(), zlib.compress(plain)


def unpacked(name: str, data: bytes) -> SpeechTable:
    """Return a table of speech. Raises `ValueError` where it is none, or has another name."""
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(data, LARGEST_TABLE_BYTES)
    except zlib.error:
        plain = b""
    if hashlib.sha256(plain).hexdigest() != name:
        raise ValueError("this is not the table of that name")
    rows = json.loads(plain)
    if not isinstance(rows, dict):
        raise ValueError("this is no table of speech")
    return {text: _timing(row) for text, row in rows.items()}


def _timing(row: Any) -> CueTiming:
    match row:
        case [int() as length_ms, *breaks_ms] if all(
            type(ms) is int and 0 <= ms <= LONGEST_SENTENCE_MS for ms in (length_ms, *breaks_ms)
        ):
            return CueTiming(length_ms, tuple(breaks_ms))
    raise ValueError("this is no timing of a sentence")
