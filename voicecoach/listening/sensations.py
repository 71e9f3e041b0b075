"""What the ears tell: data only, so that whoever is told loads nothing that hears."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from voicecoach.commands import Command


class Reason(StrEnum):
    """Why an utterance was or was not accepted."""

    ACCEPTED = "accepted"
    NO_SPEECH = "no_speech"
    """The recognizer heard no words."""
    NOT_A_PHRASE = "not_a_phrase"
    """The words are not exactly a phrase, or one that is not open now."""
    UNKNOWN_WORDS = "unknown_words"
    POOR_FIT = "poor_fit"
    """The sound does not fit the phrase that the recognizer proposes."""
    UNSURE = "unsure"
    """The recognizer itself is not confident, and there is no scorer."""
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    AMBIGUOUS = "ambiguous"
    """A phrase of another command fits better."""
    OTHERS_TALK = "others_talk"
    """It may be a phrase, but people have been talking just before, so it has to be plain."""
    OWN_VOICE = "own_voice"
    """The coach itself said these words meanwhile."""
    REPEATED = "repeated"
    """Belongs to a command that has been obeyed already."""


@dataclass(frozen=True, slots=True)
class VoiceBegan:
    """Somebody began to make a sound like speech. `Heard` or `Ignored` follows.

    It does not come where the voice may be what is left of the coach's own; of that only sure commands are told.
    """

    at_ms: int
    """Where the voice begins; it is known 60 to 80 ms later."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance was a command. Times are the microphone's, in milliseconds from the first sample fed."""

    command: Command
    phrase: str
    start_ms: int
    end_ms: int
    decided_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Ignored:
    """An utterance was no command. The words are nowhere kept."""

    start_ms: int
    end_ms: int
    decided_ms: int
    reason: Reason
    confidence: float
    like_speech: bool
    """True where a person evidently said something."""


Sensation = VoiceBegan | Heard | Ignored
