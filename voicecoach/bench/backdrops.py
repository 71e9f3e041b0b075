"""What is heard behind the person: a minute of each noise, of babble and of single talkers, taken piece by piece."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import count, islice
from typing import Final, assert_never

import numpy as np

from voicecoach.audio.clip import Samples
from voicecoach.bench.conditions import Noise, Place
from voicecoach.bench.noises import STEADY, UNSTEADY, noise
from voicecoach.bench.rendering import Renderer
from voicecoach.bench.scenes import mixed
from voicecoach.bench.speakers import Speaker
from voicecoach.bench.texts import sentences
from voicecoach.language.pack import LanguagePack
from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ

SECONDS: Final = 60
"""Of each noise."""
BABBLERS: Final = 6
_PLACE: Final = Place(2.0, 0.3)
_PAUSES_MS: Final = (150, 700)
"""Between sentences of somebody who talks without end."""
_AT_ONCE: Final = 6
"""Sentences that somebody is rendered with: some synthesizers take seconds to start, and all are slow on more."""


class Backdrops:
    """Noises to put behind commands: the same for the same seed. What is asked for first is made first; one thread."""

    def __init__(self, pack: LanguagePack, talkers: tuple[Speaker, ...], renderer: Renderer, seed: int) -> None:
        """Take who talks in the background: nobody who says commands."""
        self._pack = pack
        self._talkers = talkers
        self._renderer = renderer
        self._seed = seed
        self._made: dict[str, Samples] = {}

    def can_make(self, kind: Noise) -> bool:
        """Tell whether there are voices, and things to say, for a noise that is made of voices."""
        return kind not in (Noise.BABBLE, Noise.TALKER) or bool(self._talkers and self._has_talk)

    def piece(self, kind: Noise, number: int, frames: int) -> tuple[str, Samples]:
        """Return the name and so many frames of a noise of a kind: the kind's noises in turn, each from anywhere."""
        match kind:
            case Noise.STEADY:
                name = STEADY[number % len(STEADY)]
                whole = self._loop(name, lambda: noise(name, SECONDS, self._seed))
            case Noise.UNSTEADY:
                name = UNSTEADY[number % len(UNSTEADY)]
                whole = self._loop(name, lambda: noise(name, SECONDS, self._seed))
            case Noise.BABBLE:
                name = "babble"
                whole = self._loop(name, self._babble)
            case Noise.TALKER:
                speaker = self._talkers[number % len(self._talkers)]
                name = speaker.name
                whole = self._loop(name, lambda: mixed([self.talk(speaker, SECONDS)], _PLACE, SECONDS * INPUT_RATE_HZ))
            case Noise.NONE | Noise.COACH:
                raise ValueError(f"'{kind}' is no noise")
            case _:
                assert_never(kind)
        at = int(np.random.default_rng([self._seed, number]).integers(0, len(whole)))
        return name, np.resize(np.roll(whole, -at), frames)

    def talk(self, speaker: Speaker, seconds: float) -> Samples:
        """Return somebody who talks with only short pauses, for at least so long; another text for every speaker."""
        chance = random.Random(f"{self._seed} {speaker.name}")
        sentences_of = self._prepared(speaker, sentences(self._pack, chance.getrandbits(32)))
        parts: list[Samples] = []
        frames = 0
        while frames < seconds * INPUT_RATE_HZ:
            pause = np.zeros(chance.randint(*_PAUSES_MS) * INPUT_FRAMES_PER_MS, dtype=np.float32)
            parts += [self._renderer.say(speaker, next(sentences_of)), pause]
            frames += len(parts[-2]) + len(parts[-1])
        return np.concatenate(parts)

    def _prepared(self, speaker: Speaker, texts: Iterator[str]) -> Iterator[str]:
        while some := list(islice(texts, _AT_ONCE)):
            self._renderer.prepare(speaker, some)
            yield from some

    @cached_property
    def _has_talk(self) -> bool:
        return next(sentences(self._pack, 0), None) is not None

    def _loop(self, name: str, make: Callable[[], Samples]) -> Samples:
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def _babble(self) -> Samples:
        voices = [self._talkers[number % len(self._talkers)] for number in range(BABBLERS)]
        # Whoever babbles twice says something else the second time.
        talks = [np.roll(self.talk(voice, SECONDS), turn * 7 * INPUT_RATE_HZ) for voice, turn in zip(voices, count())]
        return mixed(talks, _PLACE, SECONDS * INPUT_RATE_HZ)
