"""From records to figures: right, wrong and rejected; false accepts an hour; the curve over the threshold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from voicecoach.bench.records import Judged, StreamRecord, TrialRecord
from voicecoach.bench.statistics import Bounded, quantile, rate, share

_NEAR_MS: Final = 300
"""What ends so long before the phrase, or begins so long after it, has nothing to do with it."""
_MS_AN_HOUR: Final = 3_600_000
GOOD: Final = 0.95
"""Share of commands from which the hearing is good: nineteen of twenty, so that few are said twice."""
FAIR: Final = 0.85


def plain_verdict(right: int, commands: int) -> str:
    """Return one plain sentence on how many of some commands were understood."""
    if not commands:
        return "No command was said."
    part = right / commands
    word = "good" if part >= GOOD else "fair" if part >= FAIR else "poor"
    return f"{right:,} of {commands:,} understood: {word}."


class Result(StrEnum):
    """What came of a command."""

    RIGHT = "right"
    WRONG = "wrong"
    """It was taken for another command, or another command was heard beside it."""
    REJECTED = "rejected"


def result(record: TrialRecord, threshold: float = 0.0) -> Result:
    """Judge a trial, as if nothing that scores less than the threshold had been accepted."""
    heard = {judged.command for judged in _accepted(record, threshold)}
    if heard - {record.command}:
        return Result.WRONG
    return Result.RIGHT if heard else Result.REJECTED


def bare_result(record: TrialRecord) -> Result:
    """Judge what the bare engine made of a trial."""
    if record.bare is None:
        return Result.REJECTED
    return Result.RIGHT if record.bare is record.command else Result.WRONG


def delay_ms(record: TrialRecord, *, known: bool = True) -> int | None:
    """Return the time from the end of a command that was understood until that was known; none for others.

    `known`: with the time that the machine took to work it out.
    """
    if result(record) is not Result.RIGHT:
        return None
    first = _accepted(record, 0.0)[0]
    return (first.known_ms if known else first.decided_ms) - record.said_to_ms


def _accepted(record: TrialRecord, threshold: float) -> list[Judged]:
    return [
        judged
        for judged in record.attended.judged
        if judged.command is not None
        and judged.score >= threshold
        and judged.end_ms >= record.said_from_ms - _NEAR_MS
        and judged.start_ms <= record.said_to_ms + _NEAR_MS
    ]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of some trials went how."""

    right: int
    wrong: int
    rejected: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.right + self.wrong + self.rejected

    @property
    def accuracy(self) -> Bounded:
        """The share that was understood."""
        return share(self.right, self.total)

    @property
    def wrong_rate(self) -> Bounded:
        """The share that was taken for something else."""
        return share(self.wrong, self.total)

    @property
    def reject_rate(self) -> Bounded:
        """The share that was not understood."""
        return share(self.rejected, self.total)


def tally(records: Iterable[TrialRecord], judge: Callable[[TrialRecord], Result] = result) -> Tally:
    """Count results."""
    results = [judge(record) for record in records]
    return Tally(*(results.count(kind) for kind in (Result.RIGHT, Result.WRONG, Result.REJECTED)))


@dataclass(frozen=True, slots=True)
class Delays:
    """From the end of a command to the decision, in ms; none where nothing was understood."""

    p50: float | None
    p95: float | None


def delays(records: Iterable[TrialRecord], *, known: bool = True) -> Delays:
    """Return the median and the 95th percentile over what was understood."""
    found = [delay for record in records if (delay := delay_ms(record, known=known)) is not None]
    return Delays(quantile(found, 0.5), quantile(found, 0.95))


@dataclass(frozen=True, slots=True)
class FalseAccepts:
    """What was taken for commands in a corpus that holds none."""

    corpus: str
    sounds: int
    hours: float
    count: int
    per_hour: Bounded
    sounds_with: Bounded
    """The share of its sounds in which something was taken for a command: for corpora of single utterances."""
    bare_per_hour: float | None
    noticed_per_hour: float
    """How often voice was noticed: what would have made the coach fall silent."""
    realtime: float
    """Processor time against the length of the sound."""


def false_accepts(records: Sequence[StreamRecord], threshold: float = 0.0) -> FalseAccepts | None:
    """Return the figures of one corpus; none where there is nothing of it."""
    sound_ms = sum(record.attended.sound_ms for record in records)
    if not sound_ms:
        return None
    counts = [accepts(record, threshold) for record in records]
    bare = [record.bare_accepts for record in records if record.bare_asked]
    hours = sound_ms / _MS_AN_HOUR
    return FalseAccepts(
        corpus=records[0].corpus,
        sounds=len(records),
        hours=hours,
        count=sum(counts),
        per_hour=rate(sum(counts), hours),
        sounds_with=share(sum(count > 0 for count in counts), len(counts)),
        bare_per_hour=sum(bare) / hours if bare else None,
        noticed_per_hour=sum(len(record.attended.began_ms) for record in records) / hours,
        realtime=sum(record.attended.worked_ms for record in records) / sound_ms,
    )


def accepts(record: StreamRecord, threshold: float = 0.0) -> int:
    """Return how many commands were heard in a stretch of sound without any."""
    return sum(judged.command is not None and judged.score >= threshold for judged in record.attended.judged)


@dataclass(frozen=True, slots=True)
class Point:
    """One threshold."""

    threshold: float
    missed: float
    """Share of commands that were not understood, or understood wrongly."""
    false_accepts_per_hour: float


def curve(commands: Sequence[TrialRecord], talk: Sequence[StreamRecord]) -> list[Point]:
    """Return missed commands against false accepts for every threshold from that of the run on, ascending."""
    hours = sum(record.attended.sound_ms for record in talk) / _MS_AN_HOUR
    if not commands or not hours:
        return []
    attended = [*(record.attended for record in commands), *(record.attended for record in talk)]
    scores = {judged.score for part in attended for judged in part.judged if judged.command is not None}
    points = []
    for threshold in sorted(_thinned({0.0, *scores})):
        right = sum(result(record, threshold) is Result.RIGHT for record in commands)
        false = sum(accepts(record, threshold) for record in talk)
        points.append(Point(threshold, 1 - right / len(commands), false / hours))
    return points


def _thinned(scores: set[float], most: int = 200) -> list[float]:
    ordered = sorted(scores)
    return ordered[:: max(1, len(ordered) // most)]
