"""The scorer of English, and its second opinion: two halves of Moonshine's smallest model.

The scorer is the encoder, changed a little, with a classifier of the phrases on top: 7 ms a word. The second opinion is
the whole model as it comes, which could write down anything: 20 ms. It is asked in doubt, and for what nobody taught
the classifier: a person's own phrases, the names of routines.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from voicecoach.errors import ModelError
from voicecoach.language.pack import unspelt
from voicecoach.listening.moonshine import BEGIN, END, Decoder, Encoder, Floats, encoder_model
from voicecoach.listening.phrase_classifier import PhraseClassifier, classifier_file
from voicecoach.listening.recognizer import Explanation, Pcm, UnknownWordsError

SECOND_OPINION_MEMORY_MB: Final = 700
"""Machines with less, such as a Raspberry Pi Zero 2 with its 512 MB, do without the second opinion."""
_MOST_AT_ONCE: Final = 16
"""More ways together take more memory: 130 kB for each text and each token."""
_SIGNS: Final = ".!?,"
_TRIAL_FRAMES: Final = 16_000
_HOPELESS: Final = 0.15
"""A part of an explanation so small is not told from a smaller one: `decision.LEAST_EXPLAINED` is more."""
_BEATEN: Final = 5.0
"""What is so many nats less likely than another way to write the same adds less than a hundredth to it."""


class MoonshineScorer:
    """The `Scorer` of English. Takes 40 MB; used by one thread."""

    def __init__(self) -> None:
        """Load it. Raises `ModelError` where Moonshine is missing, damaged, or another one than taught with."""
        file = classifier_file("en")
        self._classifier = PhraseClassifier(file)
        if self._classifier.encoder != hashlib.sha256(encoder_model()).hexdigest():
            raise ModelError(
                f"{file} belongs to another version of Moonshine; install moonshine-voice as it is locked."
            )
        self._encoder = Encoder(self._classifier.changes)
        self.ways: Final = frozenset(self._classifier.ways)

    def log_odds(self, utterance: Pcm, cleaned: Pcm | None) -> Mapping[str, float]:
        """Return the log-odds of each way; in noise the mean of what it makes of the sound with and without it."""
        forms = (utterance,) if cleaned is None else (utterance, cleaned)
        return self._classifier.log_odds(*map(self._encoder.encode, forms))


class MoonshineOpinion:
    """The `SecondOpinion` of English. Loads in half a second and takes 60 MB; used by one thread."""

    name = "Moonshine"

    def __init__(self, ways: Sequence[str], address: str) -> None:
        """Prepare these ways, which `check_spelling` has passed. Raises as `MoonshineScorer`.

        `address` is what the coach is called by: with it, or with "please" or "okay", a phrase is still the phrase.
        """
        # Its decoder has learnt to read what the encoder makes of sounds as it comes.
        self._encoder = Encoder()
        self._decoder = Decoder()
        # A sign after a text is a token of its own: the last of "x."
        self._ends = [END, *(self._decoder.tokens.of(f"x{sign}")[-1] for sign in _SIGNS)]
        self._texts = {
            way: [self._decoder.tokens.of(text) for text in _texts(way, address.casefold())]
            for way in dict.fromkeys(way.casefold() for way in ways)
        }
        self._unheard: dict[str, float] = {}
        silent = (np.zeros(_TRIAL_FRAMES, np.int16), _hiss())
        unheard = [self._chances(self._encoder.encode(sound), list(self._texts)) for sound in silent]
        self._unheard = {way: sum(chances[way] for chances in unheard) / len(unheard) for way in self._texts}
        """How likely each is where nothing was said."""

    def explained(self, utterance: Pcm, ways: Sequence[str]) -> Mapping[str, Explanation]:
        """Return how well the sound explains that just these words would be written down.

        Any sign at the end will do, and a capital at the beginning.
        """
        chances = self._chances(self._encoder.encode(utterance), ways)
        nats = {way: chances[way] - self._unheard[way] for way in ways}
        return {way: Explanation(nats[way] / -self._unheard[way], nats[way]) for way in ways}

    def _chances(self, encoded: Floats, ways: Sequence[str]) -> dict[str, float]:
        parts = [ways[start : start + _MOST_AT_ONCE] for start in range(0, len(ways), _MOST_AT_ONCE)]
        return {way: chance for part in parts for way, chance in self._log_chances(encoded, part).items()}

    def _log_chances(self, encoded: Floats, ways: Sequence[str]) -> dict[str, float]:
        """Return the log-probability of each way to be the whole text, or what it is at most where that is too little.

        Beginnings are followed together, each as long as it may still explain `_HOPELESS` of one of its ways, and is
        not far behind another beginning of the same.
        """
        root = _Node()
        for way in ways:
            for tokens in self._texts[way]:
                node = root
                for token in tokens:
                    node = node.next.setdefault(token, _Node())
                    node.least = min(node.least, (1.0 - _HOPELESS) * self._unheard.get(way, -np.inf))
                    node.leads_to.add(way)
                node.ways.add(way)
        found = dict.fromkeys(ways, -np.inf)
        reading = self._decoder.read(encoded)
        beginnings = [(0.0, root)]
        rows, tokens = [0], [BEGIN]
        while beginnings:
            chances = reading.write(rows, tokens)
            longer: list[tuple[float, _Node, int, int]] = []
            for row, (so_far, node) in enumerate(beginnings):
                for way in node.ways:
                    over = so_far + float(np.logaddexp.reduce(chances[row, self._ends]))
                    found[way] = float(np.logaddexp(found[way], over))
                for token, following in node.next.items():
                    chance = so_far + float(chances[row, token])
                    if chance < following.least:
                        continue
                    longer.append((chance, following, row, token))
            best = dict(found)
            for chance, following, *_ in longer:
                best |= {way: max(best[way], chance) for way in following.leads_to}
            kept = [one for one in longer if any(one[0] >= best[way] - _BEATEN for way in one[1].leads_to)]
            beginnings = [(chance, following) for chance, following, *_ in kept]
            rows, tokens = [row for *_, row, _ in kept], [token for *_, token in kept]
        least = {way: (1.0 - _HOPELESS) * self._unheard.get(way, -np.inf) for way in ways}
        return {way: max(chance, least[way]) for way, chance in found.items()}


def _texts(way: str, address: str) -> list[str]:
    """Return how a phrase may be written down."""
    said = way[:1].upper() + way[1:]
    if way.startswith(f"{address} "):
        name, rest = said[: len(address)], way[len(address) + 1 :]
        return [way, said, f"{name}, {rest}"]
    before = [
        f"{word}{sign} {way}" for word in ("Okay", "Please", address[:1].upper() + address[1:]) for sign in ("", ",")
    ]
    return [way, said, *before, f"{said} please", f"{said}, please"]


@dataclass(slots=True)
class _Node:
    """A beginning of texts."""

    next: dict[int, _Node] = field(default_factory=dict)
    """By the token that follows."""
    ways: set[str] = field(default_factory=set)
    """Those that it is the whole of."""
    leads_to: set[str] = field(default_factory=set)
    """Those that it is a beginning of."""
    least: float = 0.0
    """The log-probability below which it is hopeless."""


def _hiss() -> Pcm:
    return np.random.default_rng(1).normal(0.0, 1000.0, _TRIAL_FRAMES).astype(np.int16)


def check_spelling(ways: Sequence[str]) -> None:
    """Raise `UnknownWordsError` for words that nobody writes in English: those without Latin letters."""
    if unknown := unspelt(word for way in ways for word in way.split()):
        raise UnknownWordsError(f"'{unknown[0]}' is not written in Latin letters; choose another phrase.", unknown)


def has_room_for_second_opinion() -> bool:
    """Tell whether this machine has the memory for one."""
    return (os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")) >> 20 >= SECOND_OPINION_MEMORY_MB
