"""The witnesses: a recognizer proposes a phrase, a verifier and a transcriber say how well the sound fits it."""

from __future__ import annotations

from collections.abc import Sequence
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

    def partial(self) -> str | None:
        """Return what the utterance seems to be so far; none where the engine's partial results say nothing."""
        ...

    def finish(self) -> Hypothesis:
        """End the utterance and return what was heard; no words where nothing was."""
        ...


class Verifier(Protocol):
    """Says how well a sound fits the pronunciation of a phrase, without having seen the recognizer's opinion."""

    def scores(self, utterance: Pcm, phrases: Sequence[str]) -> list[float]:
        """Return for each phrase a log-likelihood ratio a phoneme, at most 0.

        The nearer to 0, the better the sound fits it. An utterance too short to say anything scores `-inf`.
        """
        ...


class Transcriber(Protocol):
    """Says how much a sound speaks for a phrase, against all that anybody could say."""

    def log_ratios(self, utterance: Pcm, phrases: Sequence[str]) -> list[float]:
        """Return for each phrase by how much, in nats, the sound makes it likelier to be what was said."""
        ...
