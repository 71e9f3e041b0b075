"""The witnesses: a recognizer proposes a phrase, a verifier and a third witness say how well the sound fits it."""

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


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the third witness makes of an utterance, in nats, for every way to say something by its text."""

    classified: Mapping[str, float]
    """Of those ways that it was taught: the logarithm of the odds that it is this one and not none of them."""
    written: Mapping[str, float] | None
    """Of those that it was asked for: by how much the sound makes it likelier to be what was said; none where it was
    not asked."""


class ThirdWitness(Protocol):
    """Says how much a sound speaks for a phrase, against all that anybody could say. Used by one thread."""

    @property
    def untaught(self) -> Collection[str]:
        """Ways to say something that it does not know by heart, and has to be asked for."""
        ...

    def hear(self, utterance: Pcm, cleaned: Pcm | None, asked: Sequence[str]) -> Opinion:
        """Return what it makes of an utterance. `asked` are some of the `untaught`, a dozen at most.

        `cleaned` is the same with its noise taken out, where there is noise.
        """
        ...
