"""All figures of a run, once: what the report, the JSON and the plot show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from voicecoach.bench.conditions import CONDITIONS, Noise
from voicecoach.bench.corpora import (
    NEAR_MISSES,
    PROMPT,
    SAME_SOUNDING,
    STEADY_NOISE,
    TALK,
    UNSTEADY_NOISE,
)
from voicecoach.bench.over_coach import BETWEEN_COMMANDS
from voicecoach.bench.records import Record, StreamRecord, TrialRecord
from voicecoach.bench.scoring import (
    Delays,
    FalseAccepts,
    Point,
    Result,
    Tally,
    bare_result,
    curve,
    delays,
    false_accepts,
    result,
    tally,
)
from voicecoach.bench.speakers import Group
from voicecoach.bench.statistics import Bounded, rate
from voicecoach.bench.work import COACH_ALONE, COACH_IN_STEADY, COACH_IN_UNSTEADY

_MS_AN_HOUR = 3_600_000


@dataclass(frozen=True, slots=True)
class Line:
    """Trials that are counted together."""

    name: str
    ours: Tally
    bare: Tally | None
    delays: Delays


@dataclass(frozen=True, slots=True)
class CoachLine:
    """The coach with nobody else there."""

    corpus: str
    spoken_hours: float
    triggers: int
    """What was taken for a command."""
    interruptions: int
    interruptions_per_hour: Bounded
    """Of its speech: how often it fell silent for nothing."""


@dataclass(frozen=True, slots=True)
class Results:
    """All figures of a run."""

    conditions: tuple[Line, ...]
    means: tuple[Line, ...]
    held_out: tuple[Line, ...]
    """The means of those voices alone which have taught the hearing nothing."""
    unseen: tuple[Line, ...]
    """The same of those voices by which, besides, nothing was ever chosen."""
    speakers: tuple[Line, ...]
    groups: tuple[Line, ...]
    phrases: tuple[Line, ...]
    corpora: tuple[FalseAccepts, ...]
    coach: tuple[CoachLine, ...]
    curves: dict[str, tuple[Point, ...]]
    """By the kind of noise that commands were said in; against the unrelated talk."""
    delays: Delays
    """Of everything that was understood."""
    accepted: tuple[str, ...]
    """What was taken for a command and was none, one by one: for whoever improves the hearing."""

    def as_json(self) -> dict[str, Any]:
        """Return them as plain data."""
        return asdict(self)


def results_of(records: Sequence[Record]) -> Results:
    """Work out all figures."""
    trials = [record for record in records if isinstance(record, TrialRecord)]
    streams = [record for record in records if isinstance(record, StreamRecord)]
    talk = [record for record in streams if record.corpus == TALK]
    order = {condition.name: place for place, condition in enumerate(CONDITIONS)}
    curves = {
        str(noise): tuple(points)
        for noise in Noise
        if (points := curve([trial for trial in trials if trial.noise is noise], talk))
    }
    return Results(
        conditions=tuple(sorted(_lines(trials, lambda trial: trial.condition), key=lambda line: order[line.name])),
        means=tuple(_means(trials)),
        held_out=tuple(_means([trial for trial in trials if trial.group is Group.HELD_OUT])),
        unseen=tuple(_means([trial for trial in trials if trial.group is Group.UNSEEN])),
        speakers=tuple(_lines(trials, lambda trial: trial.speaker)),
        groups=tuple(_lines(trials, lambda trial: str(trial.group))),
        phrases=tuple(sorted(_lines(trials, lambda trial: trial.phrase), key=lambda line: line.ours.accuracy.value)),
        corpora=tuple(
            figures
            for name in (TALK, PROMPT, NEAR_MISSES, SAME_SOUNDING, STEADY_NOISE, UNSTEADY_NOISE, BETWEEN_COMMANDS)
            if (figures := false_accepts([record for record in streams if record.corpus == name])) is not None
        ),
        coach=tuple(_coach(streams)),
        curves=curves,
        delays=delays(trials),
        accepted=_accepted(streams),
    )


def _lines(trials: Iterable[TrialRecord], key: Callable[[TrialRecord], str]) -> list[Line]:
    groups: dict[str, list[TrialRecord]] = {}
    for trial in trials:
        groups.setdefault(key(trial), []).append(trial)
    return [_line(name, grouped) for name, grouped in sorted(groups.items())]


def _line(name: str, trials: Sequence[TrialRecord]) -> Line:
    asked = [trial for trial in trials if trial.bare_asked]
    return Line(name, tally(trials), tally(asked, bare_result) if asked else None, delays(trials))


def _means(trials: Sequence[TrialRecord]) -> Iterable[Line]:
    """Yield what the aims are about: all trials of a kind of noise, over the levels that the aim names."""
    for name, noise, least in (
        ("quiet", Noise.NONE, None),
        ("steady noise, 6 to 24 dB", Noise.STEADY, 6),
        ("unsteady noise, 6 to 24 dB", Noise.UNSTEADY, 6),
        ("babble, 12 to 24 dB", Noise.BABBLE, 12),
        ("one talker, 12 to 24 dB", Noise.TALKER, 12),
    ):
        chosen = [t for t in trials if t.noise is noise and (least is None or (t.level_db or 0) >= least)]
        if chosen:
            yield _line(name, chosen)
    if trials:
        yield _line("everything", trials)


def _coach(streams: Sequence[StreamRecord]) -> Iterable[CoachLine]:
    for corpus in (COACH_ALONE, COACH_IN_STEADY, COACH_IN_UNSTEADY):
        chosen = [record for record in streams if record.corpus == corpus]
        hours = sum(record.spoken_ms for record in chosen) / _MS_AN_HOUR
        if hours:
            count = sum(record.interruptions for record in chosen)
            triggers = sum(j.command is not None for record in chosen for j in record.attended.judged)
            yield CoachLine(corpus, hours, triggers, count, rate(count, hours))


def _accepted(streams: Sequence[StreamRecord]) -> tuple[str, ...]:
    return tuple(
        f"{record.corpus}: {record.label}: taken for {judged.command} ({judged.score:.2f})"
        for record in streams
        for judged in record.attended.judged
        if judged.command is not None
    )


def misses(records: Sequence[Record]) -> list[str]:
    """Return what went wrong, trial by trial, for whoever improves the hearing."""
    return [
        f"{trial.condition}: {trial.phrase!r} by {trial.speaker}: "
        + "; ".join(f"{j.command or j.reason} ({j.score:.2f})" for j in trial.attended.judged)
        for trial in records
        if isinstance(trial, TrialRecord) and result(trial) is not Result.RIGHT
    ]
