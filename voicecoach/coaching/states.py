"""The states of a session, and what an interrupted one continues with. What follows what stands in `session.py`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from voicecoach.coaching.agenda import Piece
from voicecoach.coaching.placing import Spoken
from voicecoach.routine.plan import SegmentKind


class Purpose(StrEnum):
    """Why the coach talks while everything else waits."""

    TALK = "talk"
    """What the plan says: the welcome, how an exercise is done, the closing words."""
    INTERLUDE = "interlude"
    """Something explained in the middle of an exercise, because that was asked for."""
    GUIDANCE = "guidance"
    """How it goes on after a cramp or an interruption."""
    RECOVERY = "recovering"
    """After a cramp: let go, breathe."""
    ENDING = "ending"
    """The last words."""


# States


@dataclass(slots=True)
class NotBegun:
    """Before `begin`."""


@dataclass(slots=True)
class Talking:
    """The coach talks; the state lasts as long as its sentences."""

    purpose: Purpose
    then: Continuation
    ends_ms: int
    rest_ms: int
    """Quiet after the last sentence, before what follows."""


@dataclass(slots=True)
class Waiting:
    """The person is to say when they are ready."""

    ends_ms: int
    patience_ms: int
    """How long they have after the question."""


@dataclass(slots=True)
class LeadingIn:
    """A timed stretch before work: get ready, change over, rest, move to the next station."""

    piece: Piece
    kind: SegmentKind
    ends_ms: int


@dataclass(slots=True)
class Working:
    """A hold or repetitions. What was done of it before stands in the piece."""

    piece: Piece
    began_ms: int

    @property
    def ends_ms(self) -> int:
        """When it is all done."""
        return self.began_ms + self.piece.remaining_ms


@dataclass(slots=True)
class Offering:
    """Time that one side is owed is offered.

    No answer means yes where the sides were switched, since both get the same; it means no to what was skipped.
    """

    pieces: tuple[Piece, ...]
    ends_ms: int
    patience_ms: int
    """How long the person has after the question."""


@dataclass(slots=True)
class Paused:
    """Nothing moves until the person says so."""

    since_ms: int
    then: Continuation
    reminds_ms: int


@dataclass(slots=True)
class Stopped:
    """Silence was asked for. The person says whether to go on or to end."""

    since_ms: int
    then: Continuation
    reminds_ms: int


@dataclass(slots=True)
class BrokenOff:
    """The machine stopped in the middle, and has come back: the person says whether to go on or to start anew."""

    then: Continuation
    ends_ms: int
    patience_ms: int
    """How long they have after the question."""


@dataclass(slots=True)
class Ended:
    """Nothing follows."""

    reason: str


State = NotBegun | Talking | Waiting | LeadingIn | Working | Offering | Paused | Stopped | BrokenOff | Ended


# Continuations


@dataclass(frozen=True, slots=True)
class GoOn:
    """Take the next step of the agenda."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Go to the next exercise."""


@dataclass(frozen=True, slots=True)
class End:
    """End the session."""

    reason: str


@dataclass(frozen=True, slots=True)
class KeepTalking:
    """Say the rest, then go on with what was to follow."""

    purpose: Purpose
    unsaid: tuple[Spoken, ...]
    then: Continuation
    rest_ms: int


@dataclass(frozen=True, slots=True)
class WaitAgain:
    """Ask again to be told when the person is ready."""


@dataclass(frozen=True, slots=True)
class LeadIn:
    """Go on leading into a piece of work, for at least this long."""

    piece: Piece
    kind: SegmentKind
    remaining_ms: int


@dataclass(frozen=True, slots=True)
class Work:
    """Go on with a piece of work, where it was."""

    piece: Piece


@dataclass(frozen=True, slots=True)
class OfferAgain:
    """Repeat an offer that was interrupted."""

    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class StayPaused:
    """It was paused when something urgent came, and is so again after it."""

    then: Continuation
    since_ms: int
    """When the pause began: what interrupts it does not make it shorter."""


@dataclass(frozen=True, slots=True)
class StayStopped:
    """It was stopped when something urgent came, and is so again after it."""

    then: Continuation


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Ask again whether to go on after the machine stopped."""

    then: Continuation


Continuation = (
    GoOn | Leave | End | KeepTalking | WaitAgain | LeadIn | Work | OfferAgain | StayPaused | StayStopped | AskAgain
)


def without(then: Continuation, *kinds: type | Purpose) -> Continuation:
    """Return a continuation without some kinds of it: what is newer takes their place, so that none nests in its own.

    A purpose stands for what was to be said for it.
    """
    match then:
        case KeepTalking(then=inner) | StayPaused(then=inner) | StayStopped(then=inner) | AskAgain(then=inner):
            kept = without(inner, *kinds)
            kind = then.purpose if isinstance(then, KeepTalking) else type(then)
            return kept if kind in kinds else replace(then, then=kept)
        case _:
            return then
