"""The report on a set of people's recordings, as Markdown: figures, what went wrong, and a plain verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from voicecoach.bench.people import ClipRecord
from voicecoach.bench.scoring import plain_verdict
from voicecoach.bench.statistics import Bounded, quantile, rate, share

_MS_AN_HOUR: Final = 3_600_000

Transcribe = Callable[[ClipRecord], str]
"""Returns what an open transcriber writes down of a recording."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of the recordings of one source."""

    source: str
    commands: int
    right: int
    wrong: int
    others: int
    """Recordings in which nothing is meant for the coach."""
    false: int
    """Those of them in which something was obeyed."""
    other_hours: float

    @property
    def missed(self) -> int:
        """Commands that were neither understood nor taken for another one."""
        return self.commands - self.right - self.wrong


def figures_of(records: Sequence[ClipRecord]) -> list[Figures]:
    """Return the figures of every source, in order of their names, and of all together where there are several."""
    sources = sorted({record.clip.source for record in records})
    found = [_figures(name, [one for one in records if one.clip.source == name]) for name in sources]
    return found if len(found) == 1 else [*found, _figures("all", records)]


def _figures(source: str, records: Sequence[ClipRecord]) -> Figures:
    commands = [one for one in records if one.clip.command is not None]
    others = [one for one in records if one.clip.command is None]
    return Figures(
        source,
        len(commands),
        right=sum(one.heard == {one.clip.command} for one in commands),
        wrong=sum(bool(one.heard - {one.clip.command}) for one in commands),
        others=len(others),
        false=sum(bool(one.heard) for one in others),
        other_hours=sum(one.attended.sound_ms for one in others) / _MS_AN_HOUR,
    )


def failures(records: Iterable[ClipRecord], transcribe: Transcribe | None = None) -> list[str]:
    """Return what went wrong, a line for each recording, with the reason."""
    lines = []
    for record in records:
        clip = record.clip
        if record.heard == ({clip.command} - {None}):
            continue
        meant = f"meant {clip.command}" if clip.command else "meant for nobody"
        written = "" if transcribe is None else f"; written down as “{transcribe(record)}”"
        lines.append(f"{clip.file.name}, “{clip.text}” by {clip.speaker}, {meant}: {record.why}{written}")
    return lines


def verdict(figures: Figures) -> str:
    """Return one plain sentence on how well a set was understood."""
    said = plain_verdict(figures.right, figures.commands)
    if figures.wrong:
        said += f" {figures.wrong:,} taken for another command."
    if figures.others:
        said += f" Of {figures.others:,} other recordings {figures.false:,} taken for a command."
    return said


def report(records: Sequence[ClipRecord], heading: Sequence[str], megabytes: int | None, wrong: Sequence[str]) -> str:
    """Return everything that a person wants to know of a run. `wrong` is what `failures` returned."""
    every = figures_of(records)
    head = ["People", "commands", "right, % (95 % bounds)", "wrong, %", "missed, %"]
    head += ["others", "false, % (95 % bounds)", "false an hour (95 % bounds)"]
    lines = [*heading, "", *_table(head, [_row(one) for one in every]), "", _cost(records, megabytes), ""]
    if wrong:
        lines += ["What went wrong:", "", *(f"- {line}" for line in wrong), ""]
    return "\n".join([*lines, verdict(every[-1])]) + "\n"


def as_json(records: Sequence[ClipRecord], megabytes: int | None, wrong: Sequence[str]) -> dict[str, Any]:
    """Return the same as plain data."""
    return {
        "sources": [
            {
                "source": one.source,
                "commands": one.commands,
                "right": one.right,
                "wrong": one.wrong,
                "missed": one.missed,
                "others": one.others,
                "false": one.false,
                "other_hours": one.other_hours,
            }
            for one in figures_of(records)
        ],
        "megabytes": megabytes,
        "failures": list(wrong),
    }


def _row(one: Figures) -> list[str]:
    commands = ["0", "", "", ""]
    if one.commands:
        wrong, missed = (f"{100 * count / one.commands:.1f}" for count in (one.wrong, one.missed))
        commands = [f"{one.commands:,}", _percent(share(one.right, one.commands)), wrong, missed]
    others = ["0", "", ""]
    if one.others:
        an_hour = rate(one.false, one.other_hours)
        others = [
            f"{one.others:,}",
            _percent(share(one.false, one.others)),
            f"{an_hour.value:.1f} ({an_hour.low:.1f} to {an_hour.high:.1f})",
        ]
    return [one.source, *commands, *others]


def _cost(records: Sequence[ClipRecord], megabytes: int | None) -> str:
    worked = sum(one.attended.worked_ms for one in records)
    sound_s = sum(one.attended.sound_ms for one in records) / 1000
    delays = [
        judged.known_ms - judged.end_ms
        for one in records
        for judged in one.attended.judged
        if judged.command is not None and judged.command is one.clip.command
    ]
    facts = [f"One core works {worked / sound_s:.1f} ms for a second of sound."]
    p50, p95 = quantile(delays, 0.5), quantile(delays, 0.95)
    if p50 is not None and p95 is not None:
        facts.append(f"From the last voice of a command to the decision: p50 {p50:.0f} ms, p95 {p95:.0f} ms.")
    if megabytes is not None:
        facts.append(f"A process that only hears takes {megabytes} MB.")
    return " ".join(facts)


def _percent(value: Bounded) -> str:
    return f"{100 * value.value:.1f} ({100 * value.low:.1f} to {100 * value.high:.1f})"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
