"""The rows of the journal: what may stand in each column, and a checksum of each row.

SQLite finds a damaged page only where its form is broken. It does not mind a text where a number
belongs.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from voicecoach.coaching.timing import Timing
from voicecoach.history.moment import Moment
from voicecoach.history.steps import decoded, unpacked

Statement = tuple[str, Sequence[Any]]
"""One change, with its values."""

LARGEST_MS: Final = 7 * 24 * 60 * 60 * 1000
"""More than any session takes: nobody can pause for longer than half an hour at a time."""
_LARGEST_UPTIME_MS: Final = 1 << 48
_LARGEST_WALL_S: Final = 32_503_680_000
"""The year 3000: every time zone can tell what day an earlier moment was."""
_LARGEST_SPEED: Final = 1_000
_LARGEST_VOLUME_DB: Final = 100
_LARGEST_ID: Final = 1 << 40
_LONGEST_TEXT: Final = 8_192
"""Twice the longest path."""


def checksum(values: Sequence[Any], before: int = 0) -> int:
    """Return a checksum of values, and of what came before them."""
    return zlib.crc32(json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass"), before)


def insertion(table: str, values: Sequence[Any], before: int = 0) -> Statement:
    """Return the change that puts a row into a table with a `crc`, in place of one with the same key."""
    marks = ", ".join("?" * (len(values) + 1))
    return f"INSERT OR REPLACE INTO {table} VALUES ({marks})", (*values, checksum(values, before))


@dataclass(frozen=True, slots=True)
class Setup:
    """What a session was built with, beside its plan and its script."""

    timing: Timing
    words_per_minute: int
    volume_db: int
    speech: str
    """The name of the table of its sentences."""

    def as_text(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Setup:
        """Return what `as_text` wrote. Raises `ValueError` for anything else."""
        match json.loads(text):
            case {
                "timing": dict() as timing,
                "words_per_minute": int() as speed,
                "volume_db": int() as volume,
                "speech": str() as speech,
            } if (
                all(_is_time(timing.get(field.name)) for field in fields(Timing))
                and 0 < speed <= _LARGEST_SPEED
                and abs(volume) <= _LARGEST_VOLUME_DB
            ):
                times = {field.name: timing[field.name] for field in fields(Timing)}
                return cls(Timing(**times), speed, volume, speech)
        raise ValueError("this is no setup of a session")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a performance has come."""

    steps: int
    reached_ms: int
    can_be_taken_up: bool
    at: Moment

    def insertion(self, performance: int) -> Statement:
        """Return the change that keeps it."""
        at = (self.at.wall_s, self.at.boot, self.at.uptime_ms)
        return insertion("progress", (performance, self.steps, self.reached_ms, int(self.can_be_taken_up), *at))

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Progress:
        """Return what `insertion` put there, given without the performance."""
        steps, reached_ms, can_be_taken_up, wall_s, boot, uptime_ms = row
        return cls(steps, reached_ms, bool(can_be_taken_up), Moment(wall_s, boot, uptime_ms))


def is_sound(table: str, row: Sequence[Any]) -> bool:
    """Tell whether a row of a table has what belongs there: kinds, ranges, and its checksum."""
    checks = _COLUMNS[table]
    if len(row) != len(checks) + (table in _WITH_CHECKSUM):
        return False
    if not all(check(value) for check, value in zip(checks, row, strict=False)):
        return False
    if table == "speech":
        return _is_table(*row)
    return table not in _WITH_CHECKSUM or row[-1] == checksum(row[:-1])


def _whole(most: int, least: int = 0) -> Callable[[Any], bool]:
    # `type`, because true is a whole number for `isinstance`.
    return lambda value: type(value) is int and least <= value <= most


def _text(value: Any) -> bool:
    return type(value) is str and len(value) <= _LONGEST_TEXT


def _reads(read: Callable[[str], object]) -> Callable[[Any], bool]:
    """Return what tells whether a text can be read."""

    def check(value: Any) -> bool:
        try:
            read(value)
        except (ValueError, TypeError, RecursionError):
            return False
        return True

    return check


def _is_table(name: str, data: bytes) -> bool:
    return _reads(lambda key: unpacked(key, data))(name)


_is_time: Final = _whole(LARGEST_MS)
_id: Final = _whole(_LARGEST_ID)
_moment_s: Final = _whole(_LARGEST_WALL_S)
_COLUMNS: Final[Mapping[str, tuple[Callable[[Any], bool], ...]]] = {
    "performance": (_id, _text, _text, _reads(Setup.from_text)),
    "progress": (_id, _id, _is_time, _whole(1), _moment_s, _text, _whole(_LARGEST_UPTIME_MS)),
    # A step's checksum counts in all before it: whoever goes on looks at that.
    "step": (_id, _id, _is_time, _reads(lambda text: decoded(text, lambda _name: {})), _whole(0xFFFF_FFFF)),
    "speech": (_text, lambda value: type(value) is bytes),
    "session": (_id, _id, _text, _text, _moment_s),
    "outcome": (_id, _text, _moment_s),
    "going_on": (_id, _moment_s),
    "ledger": (_id, _text, frozenset({"left", "right", "both"}).__contains__, _is_time, _is_time),
}
_WITH_CHECKSUM: Final = frozenset({"performance", "progress", "session", "outcome", "ledger"})
