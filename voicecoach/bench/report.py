"""The report of a run, as Markdown: for the terminal, and for docs/hearing.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from voicecoach.bench.results import CoachLine, Line, Results
from voicecoach.bench.running import Ending
from voicecoach.bench.scoring import Delays, FalseAccepts, plain_verdict
from voicecoach.bench.statistics import Bounded

AIMS = {
    "quiet": "≥ 98",
    "steady noise, 6 to 24 dB": "≥ 97",
    "babble, 12 to 24 dB": "≥ 88",
    "over the coach 0 dB": "≥ 95",
    "over the coach -10 dB": "≥ 90",
}
"""In per cent; for PocketSphinx at one operating point."""
_WORST = 10


@dataclass(frozen=True, slots=True)
class About:
    """What a run was."""

    engine: str
    language: str
    command: str
    seed: int
    missing: tuple[tuple[str, str], ...]
    """Speakers that are not installed, with what would bring them."""
    ending: Ending
    seconds: float
    megabytes: int | None


def report(results: Results, about: About) -> str:
    """Return everything that a person wants to know of a run."""
    parts = [_heading(about)]
    if results.conditions:
        parts += [_commands("Commands", results.conditions), _commands("Together", results.means)]
        if results.held_out:
            parts.append(_commands("Held-out voices alone", results.held_out))
        if results.unseen:
            parts.append(_commands("Unseen voices alone", results.unseen))
        parts.append(_commands("Who spoke", [*results.groups, *results.speakers]))
        parts.append(_commands("The phrases that were understood least", results.phrases[:_WORST]))
    if results.corpora:
        parts.append(_nothing_meant(results.corpora))
    if results.coach:
        parts.append(_coach(results.coach))
    parts.append(_cost(results, about))
    if results.means:
        everything = results.means[-1].ours
        parts.append(plain_verdict(everything.right, everything.total))
    return "\n\n".join(parts) + "\n"


def _heading(about: About) -> str:
    lines = [
        f"## {about.engine}, {about.language}",
        "",
        f"{date.today()}, {platform.machine()} with {os.cpu_count()} cores, Python {platform.python_version()},"
        f" seed {about.seed}: `{about.command}`, {about.seconds / 60:.0f} min.",
    ]
    if about.ending is not Ending.COMPLETE:
        lines += ["", f"**Only part of it was done: {about.ending}.** What was done is a fair sample of it."]
    if about.missing:
        brought: dict[str, list[str]] = {}
        for name, remedy in about.missing:
            brought.setdefault(remedy, []).append(name)
        missing = "; ".join(f"{', '.join(names)} ({remedy})" for remedy, names in brought.items())
        lines += ["", f"Not installed, so not heard: {missing}."]
    return "\n".join(lines)


def _commands(title: str, lines: Iterable[Line]) -> str:
    rows = [
        [
            line.name,
            str(line.ours.total),
            _percent(line.ours.accuracy),
            AIMS.get(line.name, ""),
            f"{100 * line.ours.wrong_rate.value:.1f}",
            f"{100 * line.ours.reject_rate.value:.1f}",
            "" if line.bare is None else f"{100 * line.bare.accuracy.value:.1f}",
            "" if line.bare is None else f"{100 * line.bare.wrong_rate.value:.1f}",
            *_delays(line.delays),
        ]
        for line in lines
    ]
    head = [
        title,
        "trials",
        "understood, % (95 % bounds)",
        "aim",
        "wrong, %",
        "rejected, %",
        "bare engine: understood, %",
        "wrong, %",
        "decided after p50, ms",
        "p95",
    ]
    return _table(head, rows)


def _nothing_meant(corpora: Sequence[FalseAccepts]) -> str:
    rows = [
        [
            figures.corpus,
            str(figures.sounds),
            f"{figures.hours:.2f}",
            str(figures.count),
            _an_hour(figures.per_hour),
            _percent(figures.sounds_with),
            "" if figures.bare_per_hour is None else f"{figures.bare_per_hour:.0f}",
            f"{figures.noticed_per_hour:.0f}",
            f"{figures.realtime:.3f}",
        ]
        for figures in corpora
    ]
    head = [
        "Nothing was meant",
        "sounds",
        "hours",
        "accepted",
        "an hour (95 % bounds)",
        "sounds with one, %",
        "bare engine: an hour",
        "voice noticed, an hour",
        "times real time",
    ]
    return _table(head, rows)


def _coach(lines: Sequence[CoachLine]) -> str:
    rows = [
        [
            line.corpus,
            f"{line.spoken_hours:.2f}",
            str(line.triggers),
            str(line.interruptions),
            _an_hour(line.interruptions_per_hour),
        ]
        for line in lines
    ]
    head = ["Nobody but the coach", "hours of its speech", "self-triggers", "fell silent for nothing", "an hour"]
    return _table(head, rows)


def _cost(results: Results, about: About) -> str:
    facts = []
    if results.delays.p50 is not None:
        p50, p95 = _delays(results.delays)
        facts.append(f"From the end of a command to the decision: p50 {p50} ms, p95 {p95} ms.")
    if about.megabytes is not None:
        facts.append(f"A process that only hears takes {about.megabytes} MB.")
    return " ".join(facts)


def _delays(delays: Delays) -> tuple[str, str]:
    return _whole(delays.p50), _whole(delays.p95)


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _percent(value: Bounded) -> str:
    return f"{100 * value.value:.1f} ({100 * value.low:.1f} to {100 * value.high:.1f})"


def _an_hour(value: Bounded) -> str:
    return f"{value.value:.1f} ({value.low:.1f} to {value.high:.1f})"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
