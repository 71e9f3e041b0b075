"""What judges a sound: a scorer of the phrases that it was taught, a second opinion in doubt, or a recognizer alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from voicecoach.errors import ModelError

Pcm = npt.NDArray[np.int16]
"""Mono sound at 16 kHz, shape (frames,)."""


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word, in milliseconds from the start of the utterance's sound."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float
    """0 to 1; 1 where the engine has no opinion."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What a recognizer makes of an utterance."""

    words: tuple[Word, ...]
    """In the order they were said. Unknown speech, where the engine can tell it, is the word `[unk]`."""

    @property
    def text(self) -> str:
        """The words, separated by single spaces."""
        return " ".join(word.text for word in self.words)


class UnknownWordsError(ModelError):
    """A recognizer does not know words that it is to listen for."""

    def __init__(self, message: str, words: Sequence[str]) -> None:
        self.words = tuple(words)
        """All of them, in lower case."""
        super().__init__(message)


class Recognizer(Protocol):
    """A closed-phrase recognizer. One utterance at a time; used by one thread."""

    name: str
    """For people: `PocketSphinx`, `Vosk`."""

    def start(self, phrases: Sequence[str]) -> None:
        """Begin an utterance in which these phrases are open. They must all have been known at construction."""
        ...

    def feed(self, block: Pcm) -> None:
        """Take the next sound of the utterance, of any length, so that little is left to do when it ends."""
        ...

    def finish(self) -> Hypothesis:
        """End the utterance and return what was heard; no words where nothing was."""
        ...


class Scorer(Protocol):
    """Tells the phrases that it was taught from each other and from everything else. Used by one thread."""

    @property
    def ways(self) -> Collection[str]:
        """What it was taught, in lower case."""
        ...

    def log_odds(self, utterance: Pcm, cleaned: Pcm | None) -> Mapping[str, float]:
        """Return for each of its ways the logarithm of the odds that it was said, against none of them.

        `cleaned` is the same sound with its noise taken out, where there is noise.
        """
        ...


@dataclass(frozen=True, slots=True)
class Explanation:
    """How well a sound explains the words of a phrase."""

    part: float
    """Of what makes them unlikely: 1 where the sound leaves no doubt of them, 0 where it says no more than silence."""
    nats: float
    """How much likelier the sound makes them than silence does, as a logarithm."""


class SecondOpinion(Protocol):
    """Says how well a sound explains the words of a phrase. Used by one thread."""

    name: str
    """For people."""

    def explained(self, utterance: Pcm, ways: Sequence[str]) -> Mapping[str, Explanation]:
        """Return how well the sound explains each of these ways."""
        ...
