"""What came of a trial or a stretch of sound: small, so that thousands fit in memory and travel between processes."""

from __future__ import annotations

from dataclasses import dataclass

from voicecoach.bench.conditions import Noise
from voicecoach.bench.speakers import Group
from voicecoach.commands import Command


@dataclass(frozen=True, slots=True)
class Judged:
    """What the ears made of one utterance."""

    command: Command | None
    """None where it was ignored."""
    reason: str
    """Why it was ignored, or `accepted`."""
    score: float
    """The combined score, 0 to 1, that is held against the threshold."""
    start_ms: int
    end_ms: int
    """Of the utterance, from the beginning of the sound."""
    decided_ms: int
    """When, by the sound alone."""
    known_ms: int
    """When it was known in fact: with the time that this machine took to work it out."""


@dataclass(frozen=True, slots=True)
class Attended:
    """Everything that the ears made of a stretch of sound."""

    judged: tuple[Judged, ...]
    began_ms: tuple[int, ...]
    """When voice was noticed."""
    sound_ms: int
    worked_ms: float
    """Processor time."""


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """What came of one command."""

    condition: str
    noise: Noise
    level_db: int | None
    phrase: str
    command: Command
    speaker: str
    group: Group
    said_from_ms: int
    said_to_ms: int
    attended: Attended
    bare: Command | None
    """What the bare engine took it for; none also where it was not asked."""
    bare_asked: bool


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """What came of a stretch of sound without a command in it."""

    corpus: str
    label: str
    attended: Attended
    bare_accepts: int
    """How many utterances the bare engine took for commands."""
    bare_asked: bool
    interruptions: int = 0
    """How often the coach fell silent in the middle of a sentence, where it was speaking."""
    spoken_ms: int = 0
    """How long it was speaking."""


Record = TrialRecord | StreamRecord
