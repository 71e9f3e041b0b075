"""The rows of the journal, each with a checksum: SQLite finds a damaged page only where its form is broken."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from voicecoach.coaching.timing import Timing
from voicecoach.history.moment import Moment
from voicecoach.history.store import Statement

LARGEST_MS: Final = 1 << 48
"""More than any time in a journal."""


def checksum(values: Sequence[Any], before: int = 0) -> int:
    """Return a checksum of values, and of what came before them."""
    return zlib.crc32(json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass"), before)


def insertion(table: str, values: Sequence[Any], before: int = 0) -> Statement:
    """Return the change that puts a row into a table with a `crc`, in place of one with the same key."""
    marks = ", ".join("?" * (len(values) + 1))
    return f"INSERT OR REPLACE INTO {table} VALUES ({marks})", (*values, checksum(values, before))


def sound(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return the rows whose checksum, their last value, is right; without it."""
    return [row[:-1] for row in rows if row[-1] == checksum(row[:-1])]


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
            } if all(isinstance(timing.get(field.name), int) for field in fields(Timing)):
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
