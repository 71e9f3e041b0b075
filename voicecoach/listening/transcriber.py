"""How much likelier a sound makes it that a transcriber writes down a phrase.

A transcriber knows what people say, not only how phrases sound: where the others hear "continue" in "we can't argue",
it writes down the latter. It is asked for the probability of a phrase as a text, with a capital or without and with any
sign at the end, and from its logarithm is taken that of the same text after a sound that says nothing: what is left is
what the sound says. Without that, it would rather hear "no" than "switch feet", which people seldom write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from voicecoach.listening.moonshine import BEGIN, END, Decoder, Encoder, Floats
from voicecoach.listening.recognizer import Pcm

_TRIAL_FRAMES: Final = 16_000
_AT_ONCE: Final = 12
"""More phrases together take more memory: 130 kB for each text and each token."""
_SIGNS: Final = ".!?,"


@dataclass(slots=True)
class _Node:
    """A beginning of texts."""

    next: dict[int, _Node] = field(default_factory=dict)
    """By the token that follows."""
    phrases: set[str] = field(default_factory=set)
    """Those that it is the whole of."""


class Transcriber:
    """For phrases of English. Loads in about a second, takes 63 MB; used by one thread.

    Its decoder has learnt to read what the encoder makes of sounds as it comes, so it has one of its own, without
    changes: 16 MB of the 63, which are where free memory is given back.
    """

    def __init__(self, phrases: Sequence[str]) -> None:
        """Prepare these phrases; no others can be asked for. Raises `ModelError` where Moonshine does not work."""
        self._encoder = Encoder()
        self._model = Decoder()
        # A sign after a text is a token of its own: the last of "x."
        self._ends = [END, *(self._model.tokens.of(f"x{sign}")[-1] for sign in _SIGNS)]
        self._texts = {
            phrase.casefold(): [self._model.tokens.of(text) for text in {phrase, phrase[:1].upper() + phrase[1:]}]
            for phrase in phrases
        }
        nothing_said = [self._encoder.encode(sound) for sound in (np.zeros(_TRIAL_FRAMES, np.int16), hiss())]
        self._unheard = {
            phrase: sum(chances) / len(chances)
            for part in _parts(list(self._texts), _AT_ONCE)
            for phrase, chances in self._chances_after(nothing_said, part).items()
        }

    def log_ratios(self, utterance: Pcm, phrases: Sequence[str]) -> list[float]:
        """Return for each phrase by how much, in nats, an utterance makes it likelier to be written down.

        Mostly between -10 and 30. A dozen phrases take as long as a single one, nearly.
        """
        chances = self._log_chances(self._encoder.encode(utterance), [phrase.casefold() for phrase in phrases])
        return [chances[phrase.casefold()] - self._unheard[phrase.casefold()] for phrase in phrases]

    def _chances_after(self, sounds: Sequence[Floats], phrases: Sequence[str]) -> dict[str, list[float]]:
        found = [self._log_chances(sound, phrases) for sound in sounds]
        return {phrase: [chances[phrase] for chances in found] for phrase in phrases}

    def _log_chances(self, encoded: Floats, phrases: Sequence[str]) -> dict[str, float]:
        """Return the log-probability of each phrase to be the whole text."""
        root = _Node()
        for phrase in phrases:
            for tokens in self._texts[phrase]:
                node = root
                for token in tokens:
                    node = node.next.setdefault(token, _Node())
                node.phrases.add(phrase)
        found = dict.fromkeys(phrases, -np.inf)
        reading = self._model.read(encoded)
        beginnings = [(0.0, root)]
        rows, tokens = [0], [BEGIN]
        while beginnings:
            chances = reading.write(rows, tokens)
            rows, tokens, longer = [], [], []
            for row, (so_far, node) in enumerate(beginnings):
                for phrase in node.phrases:
                    over = so_far + float(np.logaddexp.reduce(chances[row, self._ends]))
                    found[phrase] = float(np.logaddexp(found[phrase], over))
                for token, following in node.next.items():
                    longer.append((so_far + float(chances[row, token]), following))
                    rows.append(row)
                    tokens.append(token)
            beginnings = longer
        return found


def _parts(phrases: list[str], size: int) -> list[list[str]]:
    return [phrases[start : start + size] for start in range(0, len(phrases), size)]


def hiss() -> Pcm:
    """Return a second of hiss, in which nothing is said."""
    return np.random.default_rng(1).normal(0.0, 1000.0, _TRIAL_FRAMES).astype(np.int16)
