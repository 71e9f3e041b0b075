"""What the coach says between sessions. Pure: the words are a language pack's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from string import Formatter

from voicecoach.language.pack import LanguagePack
from voicecoach.routine.plan import Cue
from voicecoach.standby.routines import Startable


class StandbyLine(StrEnum):
    """A sentence that every language pack has for the time between sessions."""

    HERE = "here"
    STARTING = "starting"
    FAULTY = "faulty"
    NOTHING_DONE = "nothing_done"
    ABILITIES = "abilities"
    GOOD_NIGHT = "good_night"
    NOT_HEARING = "not_hearing"
    HEARING = "hearing"
    USUAL_SETTINGS = "usual_settings"


FIELDS: Mapping[StandbyLine, frozenset[str]] = {
    StandbyLine.HERE: frozenset({"call"}),
    StandbyLine.STARTING: frozenset({"routine"}),
    StandbyLine.FAULTY: frozenset({"routine"}),
    StandbyLine.ABILITIES: frozenset({"address"}),
}
"""The names in braces that a line's template must have, and no others. A line that is not listed has none."""


def faults_of(lines: Mapping[str, str]) -> list[str]:
    """Return what is wrong with a pack's lines, in sentences; empty if nothing is."""
    return line_faults(lines, {line.value: FIELDS.get(line, frozenset()) for line in StandbyLine})


def line_faults(lines: Mapping[str, str], fields: Mapping[str, frozenset[str]]) -> list[str]:
    """Return what is wrong with lines that must be exactly these, each with its names in braces."""
    found = [f"there is no line '{line}': add it" for line in fields if line not in lines]
    for name, template in lines.items():
        if name not in fields:
            found.append(f"there is a line '{name}' that nothing says: remove it")
            continue
        wanted = fields[name]
        has = {field for _, field, _, _ in Formatter().parse(template) if field is not None}
        if has != wanted:
            found.append(f"line '{name}' must use exactly {sorted(wanted)} in braces, not {sorted(has)}")
    return found


class StandbyScript:
    """A language's sentences between sessions, filled."""

    def __init__(self, pack: LanguagePack, routines: Iterable[Startable]) -> None:
        """Take a pack and what can be asked for. Raises `ValueError` with all that is wrong with the pack's lines."""
        if faults := faults_of(pack.calls.script):
            raise ValueError("; ".join(faults))
        self._pack = pack
        self._routines = tuple(routines)

    def here(self) -> Cue:
        """Tell that the coach is ready, and how it is called."""
        first = next((one.spoken[0] for one in self._routines if one.is_sound), "")
        return self._line(StandbyLine.HERE, call=self._pack.call_for(first).replace(" ", ", ", 1))

    def starting(self, routine: Startable) -> Cue:
        """Name the routine that begins."""
        return self._line(StandbyLine.STARTING, routine=routine.title)

    def faulty(self, routine: Startable) -> Cue:
        """Tell that a routine cannot be begun."""
        return self._line(StandbyLine.FAULTY, routine=routine.spoken[0])

    def abilities(self) -> list[Cue]:
        """Tell everything that can be asked, one sentence each."""
        calls = self._pack.calls
        said = [calls.start.format(routine=one.spoken[0]) for one in self._routines if one.is_sound]
        said += [calls.again[0], calls.good_night[0]]
        return [self._line(StandbyLine.ABILITIES, address=self._pack.address), *(_sentence(text) for text in said)]

    def line(self, line: StandbyLine) -> Cue:
        """Return a sentence that nothing is filled into."""
        return self._line(line)

    def texts(self) -> frozenset[str]:
        """Return every text that is said between sessions."""
        cues = [self.here(), *self.abilities()]
        for routine in self._routines:
            cues += [self.starting(routine), self.faulty(routine)]
        cues += [self.line(line) for line in StandbyLine if line not in FIELDS]
        return frozenset(cue.full for cue in cues)

    def _line(self, line: StandbyLine, **fields: str) -> Cue:
        text = self._pack.calls.script[line].format(**fields)
        return Cue(text, text)


def _sentence(text: str) -> Cue:
    return Cue(f"{text}.", f"{text}.")
