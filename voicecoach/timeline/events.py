"""What happens in a session, as its timeline tells it. All times are whole milliseconds from its start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from voicecoach.coaching.messages import Tone
from voicecoach.commands import Command


@dataclass(frozen=True, slots=True)
class StateEntered:
    """The session is in another state from now on."""

    kind: ClassVar[str] = "state"
    t_ms: int
    state: str
    """Of the plan (`hold`, `get_ready`, ...) or of the session (`paused`, `recovering`, `stopped`, ...)."""
    exercise: str | None = None
    """Its title."""
    side: str | None = None
    """`left`, `right` or `both`."""
    set: int | None = None
    """From 1."""
    station: str | None = None
    remaining_ms: int | None = None
    """What is left of a timed state as it is entered."""


@dataclass(frozen=True, slots=True)
class Said:
    """The coach said a sentence, or the part of it that it got to say."""

    kind: ClassVar[str] = "say"
    t_ms: int
    """When it began to sound."""
    text: str
    """The whole sentence."""
    length_ms: int
    """How long it really sounded."""
    cut: bool
    """Whether it ended before its end."""
    from_ms: int = 0
    """How far into the sentence it began: more than 0 where one that had been cut was taken up again."""


@dataclass(frozen=True, slots=True)
class ToneSounded:
    """A tone began."""

    kind: ClassVar[str] = "tone"
    t_ms: int
    name: Tone
    frame: int
    """Its first frame, at 48 kHz."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A command was understood; `t_ms` is when that was decided."""

    kind: ClassVar[str] = "heard"
    t_ms: int
    command: Command
    phrase: str
    """The words of the language pack that were recognised."""
    said_end_ms: int
    """When the person had finished saying it, as the microphone hears it."""
    acted_ms: int
    """When the coach acted on it audibly: it fell silent, or the first sound of its answer began."""
    confidence: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A sound like a voice turned out to be no command. What was said is never kept."""

    kind: ClassVar[str] = "ignored"
    t_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class Ducked:
    """The coach fell silent because a voice began."""

    kind: ClassVar[str] = "duck"
    t_ms: int


@dataclass(frozen=True, slots=True)
class LedgerChanged:
    """What has been done, and what is owed, on one side of one exercise."""

    kind: ClassVar[str] = "ledger"
    t_ms: int
    exercise: str
    side: str
    done_ms: int
    owed_ms: int
    why: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over. The totals are of the last entries that the ledger has for each exercise and side."""

    kind: ClassVar[str] = "end"
    t_ms: int
    reason: str
    """`done`, `finished` (asked for) or `abandoned` (nobody answered)."""
    left_ms: int = 0
    right_ms: int = 0
    both_ms: int = 0
    owed_ms: int = 0


Event = StateEntered | Said | ToneSounded | Heard | Ignored | Ducked | LedgerChanged | Ended
EVENTS: tuple[type[Event], ...] = (StateEntered, Said, ToneSounded, Heard, Ignored, Ducked, LedgerChanged, Ended)
