"""The plan: a routine expanded into a flat list of segments. Pure data, compiled before anything sounds.

Sides, sets, stations, repetitions, get-readies and changeovers are all segments here, so the total time, a dry run,
skipping, going back and the ledger of seconds per side come from one list. What the coach itself says between (get
ready, change over) is not in the plan: it is the language pack's. What the author of the routine says is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SegmentKind(StrEnum):
    """What a stretch of time in the plan is for."""

    TALK = "talk"
    """Lasts as long as its cues."""
    WAIT = "wait"
    """Until the person says that they are ready; goes on by itself after `duration_ms`."""
    GET_READY = "get_ready"
    CHANGEOVER = "changeover"
    """To the other side."""
    REST = "rest"
    """Between two sets."""
    MOVE = "move"
    """To the next station."""
    HOLD = "hold"
    REPETITIONS = "repetitions"


WORK = frozenset({SegmentKind.HOLD, SegmentKind.REPETITIONS})
"""Segments whose time counts in the ledger."""
LEAD_IN = frozenset({SegmentKind.GET_READY, SegmentKind.CHANGEOVER, SegmentKind.REST, SegmentKind.MOVE})
"""Timed segments that only lead to the work after them."""


class Side(StrEnum):
    """Which foot or leg works."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


class CrampPolicy(StrEnum):
    """What follows the recovery after a cramp."""

    EASE = "ease"
    """The easier form, for the rest of the time."""
    RETRY = "retry"
    """The same again."""
    COME_BACK = "come_back"
    """Two later exercises first, then this one again."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A sentence of the author's for the person, with a form for when there is little room."""

    full: str
    short: str
    """Equal to `full` where the author wrote only one."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How repetitions are beaten."""

    count: int
    out_ms: int
    back_ms: int

    @property
    def each_ms(self) -> int:
        """How long one repetition takes, there and back."""
        return self.out_ms + self.back_ms


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of the plan."""

    kind: SegmentKind
    exercise: int | None
    """Index into `Plan.exercises`; none for what belongs to the whole session."""
    duration_ms: int
    """How long it takes as planned; 0 for `TALK`, whose length is known only when its cues are rendered."""
    side: Side | None = None
    set: int = 1
    """From 1."""
    station: int | None = None
    """Index into `PlannedExercise.stations`; none where the exercise has no stations."""
    cues: tuple[Cue, ...] = ()
    """Said in order from the start of the segment; in work they are reminders, placed where there is room."""
    pace: Pace | None = None
    """For `REPETITIONS`: `duration_ms` is `pace.count * pace.each_ms`."""
    least_ms: int = 0
    """For `HOLD`: how long the easier form holds; equal to `duration_ms` where the author gave no range."""
    most_ms: int = 0
    """For `HOLD`: how long the harder form holds."""


@dataclass(frozen=True, slots=True)
class PlannedExercise:
    """What the session must know of an exercise beside its segments."""

    id: str
    title: str
    """How the coach calls it when it speaks."""
    one_side_at_a_time: bool
    sets: int
    setup: Cue
    """Full description; `short` is for when the person knows it."""
    easier: Cue | None
    harder: Cue | None
    cramp: CrampPolicy
    stations: tuple[str, ...] = ()
    """Spoken names, in order."""
    kit: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled routine: what one session performs."""

    name: str
    title: str
    language: str
    exercises: tuple[PlannedExercise, ...]
    segments: tuple[Segment, ...]
    """In the order of the exercises; all segments of one exercise stand together."""


def estimate_talk_ms(text: str) -> int:
    """Estimate how long a voice needs for a text, in milliseconds: 65 a character and 300 around it."""
    return 300 + 65 * len(text)
