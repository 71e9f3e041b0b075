"""The coach's own sentences: which there are, what fills them, and every text that a session of a plan can say.

The words are a language pack's; nothing here knows a language. Everything the coach can say is known before a session
starts (`texts`), so that all of it is rendered by then: times are spoken in a limited set of rounded steps for that
reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter

from voicecoach.commands import Command
from voicecoach.routine.plan import WORK, Cue, Plan, PlannedExercise, Side


class Line(StrEnum):
    """A sentence that every language pack has. What fills it stands in `FIELDS`."""

    SIDE_LEFT = "side_left"
    SIDE_RIGHT = "side_right"
    SECOND = "second"
    SECONDS = "seconds"
    MINUTE = "minute"
    MINUTES = "minutes"
    HALF_MINUTES = "half_minutes"
    EXERCISE = "exercise"
    RETURNING = "returning"
    WAIT = "wait"
    GET_READY = "get_ready"
    GET_READY_SIDE = "get_ready_side"
    CHANGEOVER = "changeover"
    REST = "rest"
    RECOVER = "recover"
    BREATHE_IN = "breathe_in"
    BREATHE_OUT = "breathe_out"
    CRAMP_EASE = "cramp_ease"
    CRAMP_RETRY = "cramp_retry"
    CRAMP_COME_BACK = "cramp_come_back"
    CRAMP_LEAVE = "cramp_leave"
    EASE_OFF = "ease_off"
    NO_EASIER = "no_easier"
    NO_HARDER = "no_harder"
    USUAL_FORM = "usual_form"
    HURTS = "hurts"
    TIME_LEFT = "time_left"
    SESSION_LEFT = "session_left"
    FOLLOWS = "follows"
    LAST = "last"
    WHERE = "where"
    WHERE_SIDE = "where_side"
    OFFER = "offer"
    OFFER_SKIPPED = "offer_skipped"
    NOT_NOW = "not_now"
    HELP = "help"
    PAUSED = "paused"
    STOPPED = "stopped"
    ABANDONED = "abandoned"
    SUMMARY = "summary"
    SOUND_RETURNED = "sound_returned"
    HEARING_LOST = "hearing_lost"
    HEARING_RETURNED = "hearing_returned"
    RECORD_LOST = "record_lost"
    BROKEN_OFF = "broken_off"


FIELDS: Mapping[Line, frozenset[str]] = {
    Line.SECONDS: frozenset({"n"}),
    Line.MINUTES: frozenset({"n"}),
    Line.HALF_MINUTES: frozenset({"n"}),
    Line.EXERCISE: frozenset({"exercise"}),
    Line.RETURNING: frozenset({"exercise"}),
    Line.GET_READY_SIDE: frozenset({"side"}),
    Line.CHANGEOVER: frozenset({"side"}),
    Line.CRAMP_LEAVE: frozenset({"exercise"}),
    Line.TIME_LEFT: frozenset({"time"}),
    Line.SESSION_LEFT: frozenset({"time"}),
    Line.FOLLOWS: frozenset({"exercise"}),
    Line.WHERE: frozenset({"exercise"}),
    Line.WHERE_SIDE: frozenset({"exercise", "side"}),
    Line.OFFER: frozenset({"side", "time"}),
    Line.OFFER_SKIPPED: frozenset({"exercise", "side"}),
    Line.SUMMARY: frozenset({"time"}),
}
"""The names in braces that a line's template must have, and no others. A line that is not listed has none."""

MOST_MORE_MS = 600_000
"""A session may get so much longer by "more time" than planned: what is longer yet is spoken as this much longer."""


def faults_of(lines: Mapping[str, Cue]) -> list[str]:
    """Return what is wrong with a language pack's script, in sentences; empty if nothing is."""
    found = [f"the script has no line '{line}': add it" for line in Line if line not in lines]
    for name, cue in lines.items():
        if name not in set(Line):
            found.append(f"the script has a line '{name}' that nothing says: remove it")
            continue
        wanted = FIELDS.get(Line(name), frozenset())
        for template in (cue.full, cue.short):
            has = {field for _, field, _, _ in Formatter().parse(template) if field is not None}
            if has != wanted:
                found.append(f"line '{name}' must use exactly {sorted(wanted)} in braces, not {sorted(has)}")
    return found


STEPS_S = ((10, 1), (60, 5), (600, 30), (3_600, 60), (14_400, 300))
"""Up to the first number of seconds, times are spoken in steps of the second number."""
LONGEST_S = STEPS_S[-1][0]
_TALK_MS = 30_000
"""No cue takes longer at the lowest speed: 300 characters."""


def spoken_seconds(ms: int) -> int:
    """Round a time up for the ear, so that nobody is told that nothing is left. Returns 1 s to 4 hours, in seconds."""
    seconds = max(1, -(-ms // 1000))
    step = next((step for limit, step in STEPS_S if seconds <= limit), LONGEST_S)
    return min(LONGEST_S, -(-seconds // step) * step)


def spoken_seconds_done(ms: int) -> int:
    """Round a time down for the ear, so that nobody is told that they did more than they did; but at least a second."""
    seconds = min(LONGEST_S, max(1, ms // 1000))
    step = next(step for limit, step in STEPS_S if seconds <= limit)
    return seconds // step * step


@dataclass(frozen=True, slots=True)
class Limits:
    """The longest times that a session of a plan speaks of, in milliseconds."""

    work_ms: int
    """Of one hold or set."""
    side_ms: int
    """Of all work on one side of an exercise."""
    session_ms: int

    @classmethod
    def of(cls, plan: Plan) -> Limits:
        """Return those of a plan: its longest forms, and room for "more time"."""
        sides: dict[tuple[int | None, Side | None], int] = {}
        work_ms = session_ms = 0
        for segment in plan.segments:
            longest_ms = max(segment.duration_ms, segment.most_ms)
            session_ms += longest_ms + sum(_TALK_MS for _ in segment.cues)
            if segment.kind in WORK:
                work_ms = max(work_ms, longest_ms)
                side = segment.exercise, segment.side
                sides[side] = sides.get(side, 0) + longest_ms
        longest = (work_ms, max(sides.values(), default=0), session_ms)
        return cls(*(min(ms + MOST_MORE_MS, LONGEST_S * 1000) for ms in longest))


class Script:
    """A language's sentences, filled. Pure: the same arguments give the same text."""

    def __init__(self, lines: Mapping[str, Cue], phrases: Mapping[Command, tuple[str, ...]]) -> None:
        """Take the templates and the phrases of one language. Raises `ValueError` with all that is wrong with them."""
        faults = faults_of(lines)
        if faults:
            raise ValueError("; ".join(faults))
        self._lines = {Line(name): cue for name, cue in lines.items()}
        self._phrases = phrases

    def line(self, line: Line, **fields: str) -> Cue:
        """Return a sentence with its fields filled."""
        cue = self._lines[line]
        return Cue(cue.full.format(**fields), cue.short.format(**fields))

    def phrase(self, command: Command) -> Cue:
        """Return the first phrase of a command, to be told to the person."""
        return Cue(self._phrases[command][0], self._phrases[command][0])

    def side(self, side: Side) -> str:
        """Return how a single side is called."""
        return self._lines[Line.SIDE_LEFT if side is Side.LEFT else Line.SIDE_RIGHT].full

    def time(self, ms: int) -> str:
        """Return a time as it is spoken, rounded by `spoken_seconds`."""
        seconds = spoken_seconds(ms)
        minutes, rest = divmod(seconds, 60)
        if minutes == 0:
            return self.line(Line.SECOND).full if seconds == 1 else self.line(Line.SECONDS, n=str(seconds)).full
        if rest:
            return self.line(Line.HALF_MINUTES, n=str(minutes)).full
        return self.line(Line.MINUTE).full if minutes == 1 else self.line(Line.MINUTES, n=str(minutes)).full

    def time_left(self, ms: int) -> Cue:
        """Return what is left of a hold in a sentence."""
        return self.line(Line.TIME_LEFT, time=self.time(ms))

    def session_left(self, ms: int) -> Cue:
        """Return what is left of the session in a sentence."""
        return self.line(Line.SESSION_LEFT, time=self.time(ms))

    def offer(self, side: Side, ms: int) -> Cue:
        """Ask whether the time that a side is owed should be made up now."""
        return self.line(Line.OFFER, side=self.side(side), time=self.time(ms))

    def where(self, exercise: PlannedExercise, side: Side | None) -> Cue:
        """Return the exercise, and the side where one works alone."""
        if side in (Side.LEFT, Side.RIGHT):
            return self.line(Line.WHERE_SIDE, exercise=exercise.title, side=self.side(side))
        return self.line(Line.WHERE, exercise=exercise.title)

    def summary(self, worked_ms: int) -> Cue:
        """Say at the end how long the person worked."""
        return self.line(Line.SUMMARY, time=self.time(spoken_seconds_done(worked_ms) * 1000))

    def texts(self, plan: Plan) -> frozenset[str]:
        """Return every text that a session of this plan can say in this language."""
        limits = Limits.of(plan)
        cues: list[Cue] = [cue for segment in plan.segments for cue in segment.cues]
        for exercise in plan.exercises:
            cues += [cue for cue in (exercise.setup, exercise.easier, exercise.harder) if cue is not None]
            for line in (Line.EXERCISE, Line.RETURNING, Line.CRAMP_LEAVE, Line.FOLLOWS):
                cues.append(self.line(line, exercise=exercise.title))
            cues += [self.where(exercise, side) for side in Side]
            for side in (Side.LEFT, Side.RIGHT):
                cues.append(self.line(Line.OFFER_SKIPPED, exercise=exercise.title, side=self.side(side)))
            cues += [Cue(station, station) for station in exercise.stations]
        cues += [self.line(line) for line in Line if not FIELDS.get(line)]
        for side in (Side.LEFT, Side.RIGHT):
            cues += [self.line(line, side=self.side(side)) for line in (Line.GET_READY_SIDE, Line.CHANGEOVER)]
            cues += [self.offer(side, ms) for ms in _times(limits.side_ms)]
            cues.append(Cue(self.side(side), self.side(side)))
        cues += [self.time_left(ms) for ms in _times(limits.work_ms)]
        for ms in _times(limits.session_ms):
            cues += [self.session_left(ms), self.summary(ms)]
        cues += [self.phrase(command) for command in self._phrases]
        return frozenset(text for cue in cues for text in (cue.full, cue.short))


def _times(up_to_ms: int) -> Iterator[int]:
    """Every time that `spoken_seconds` can return for up to so many milliseconds, in milliseconds."""
    seconds = 0
    for limit, step in STEPS_S:
        while seconds < limit and seconds * 1000 < up_to_ms:
            seconds += step
            yield seconds * 1000
