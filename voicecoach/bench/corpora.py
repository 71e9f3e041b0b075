"""What the bench has the coach listen to: commands under conditions, and everything that is no command. All seeded.

    corpora = Corpora(load_pack("en"))
    for trial in corpora.commands(quick=True):
        scene = corpora.scene(trial)          # sound, and where in it the phrase is
    for stream in corpora.talk(minutes=10):
        ...                                   # a minute of somebody's talk each

The same seed gives the same sound on the same machine; with other voices installed it is another corpus.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from voicecoach.audio.clip import Samples
from voicecoach.audio.files import read_audio
from voicecoach.bench.backdrops import Backdrops
from voicecoach.bench.conditions import CONDITIONS, QUICK, Condition, Noise, Place
from voicecoach.bench.noises import STEADY, UNSTEADY, noise
from voicecoach.bench.rendering import Renderer
from voicecoach.bench.scenes import SEATS, TAIL_MS, Scene, at_level, floor, mixed, pcm, scene_frames, stage
from voicecoach.bench.speakers import Cast, Group, Speaker, cast
from voicecoach.bench.texts import near_misses, same_sounding, sentences
from voicecoach.commands import Command
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.recognizer import Pcm
from voicecoach.rehearsal.room import PERSON_DBFS
from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ

SPEAKERS_A_PHRASE: Final = 4
"""How many speakers say each phrase under each condition: 55 English phrases give 220 trials a condition."""
QUICK_SHARE: Final = 2
"""A quick run takes every second phrase, once: the others under the next condition."""
STREAM_S: Final = 60
PROMPTS: Final = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
"""Recorded sentences of a real person, where Debian's asterisk-core-sounds-en-wav is installed."""
_TALK_PLACE: Final = Place(2.0, 0.3)
_TALK_PAUSES_MS: Final = (250, 1500)
_SENTENCES_A_STREAM: Final = 24
"""Enough for a minute, most of them a little over two seconds long."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One command to be understood."""

    condition: Condition
    phrase: str
    command: Command
    speaker: Speaker
    number: int
    """Of the trial in its condition: which noise is behind it, from where on, and where the person is."""


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """A stretch of sound in which there is no command."""

    corpus: str
    """`talk`, `near misses`, `same sounding`, `recorded prompts`, or a noise."""
    label: str
    """Who or what it is."""
    sound: Pcm


class Corpora:
    """Everything to listen to in one language. Renders what has not been rendered before; used by one thread."""

    def __init__(
        self, pack: LanguagePack, *, seed: int = 1, renderer: Renderer | None = None, who: Cast | None = None
    ) -> None:
        """Take the cast that there is on this machine, unless told otherwise."""
        self.pack = pack
        self.cast = cast(pack.language) if who is None else who
        self.seed = seed
        self.renderer = Renderer() if renderer is None else renderer
        self.talkers = self.cast.of(Group.TALKING)
        self.backdrops = Backdrops(pack, self.talkers, self.renderer, seed)

    def commands(
        self,
        conditions: Sequence[Condition] = CONDITIONS,
        *,
        quick: bool = False,
        groups: Sequence[Group] = (Group.TUNING, Group.HELD_OUT),
    ) -> list[Trial]:
        """Return the trials: every phrase under every condition by four speakers, who take turns.

        Quick: half of the phrases by one speaker each, under the `QUICK` ones of the conditions.
        """
        speakers = self.cast.of(*groups)
        trials: list[Trial] = []
        if not speakers:
            return trials
        conditions = [c for c in conditions if self.backdrops.can_make(c.noise) and (not quick or c.name in QUICK)]
        for place, condition in enumerate(conditions):
            chance = random.Random(f"{self.seed} {condition.name}")
            turns: list[Speaker] = []
            phrases = list(self.pack.all_phrases)
            phrases = phrases[place % QUICK_SHARE :: QUICK_SHARE] if quick else phrases * SPEAKERS_A_PHRASE
            for number, phrase in enumerate(phrases):
                if not turns:
                    turns = chance.sample(speakers, len(speakers))
                command = self.pack.command_of(phrase)
                assert command is not None
                trials.append(Trial(condition, phrase, command, turns.pop(), number))
        return trials

    def scene(self, trial: Trial) -> Scene:
        """Return what the microphone hears of a trial. Not for trials over the coach, which need the loop."""
        said = self.renderer.say(trial.speaker, trial.phrase)
        condition = trial.condition
        behind = None
        if condition.noise is not Noise.NONE:
            _, behind = self.backdrops.piece(condition.noise, trial.number, scene_frames(said))
        level = 0.0 if condition.level_db is None else float(condition.level_db)
        return stage(said, condition.place, behind, level, trial.number % SEATS)

    def talk(self, minutes: float) -> Iterator[Stream]:
        """Yield so many minutes of unrelated talk two metres away, a minute a stream, the talkers in turn."""
        for number in range(round(minutes) if self.talkers else 0):
            speaker = self.talkers[number % len(self.talkers)]
            chance = random.Random(f"{self.seed} talk {number}")
            texts = list(islice(sentences(self.pack, chance.getrandbits(32)), _SENTENCES_A_STREAM))
            self.renderer.prepare(speaker, texts)
            parts: list[Samples] = [np.zeros(INPUT_RATE_HZ // 2, dtype=np.float32)]
            for text in texts:
                pause = np.zeros(chance.randint(*_TALK_PAUSES_MS) * INPUT_FRAMES_PER_MS, dtype=np.float32)
                parts += [self.renderer.say(speaker, text), pause]
            yield self._heard("talk", speaker.name, np.concatenate(parts)[: STREAM_S * INPUT_RATE_HZ], number)

    def near_misses(self, *, quick: bool = False) -> Iterator[Stream]:
        """Yield each near miss by two talkers (quick: every third by one), each as a stream of its own.

        Those that no ear could tell from a phrase ("paws", "weight") are the corpus `same sounding`.
        """
        texts = near_misses(self.pack)[:: 3 if quick else 1]
        same = same_sounding(self.pack, texts)
        for number, text in enumerate(texts):
            for turn in range(1 if quick else 2):
                if not self.talkers:
                    return
                speaker = self.talkers[(number * 3 + turn * 5) % len(self.talkers)]
                corpus = "same sounding" if text in same else "near misses"
                yield self._alone(corpus, f"{text!r} by {speaker.name}", self.renderer.say(speaker, text), number)

    def recorded_prompts(self, *, quick: bool = False) -> Iterator[Stream]:
        """Yield recorded sentences of a real person, where there are some on this machine."""
        files = sorted(PROMPTS.rglob("*.wav")) if PROMPTS.is_dir() and self.pack.language == "en" else []
        for number, file in enumerate(files[:: 5 if quick else 1]):
            sound = read_audio(file)
            if np.abs(sound).max() > 0.01:
                yield self._alone("recorded prompts", file.stem, sound, number)

    def noises(self, minutes: float) -> Iterator[Stream]:
        """Yield so many minutes of each noise, a minute a stream, as loud as a person who speaks."""
        for name in (*STEADY, *UNSTEADY):
            for number in range(round(minutes)):
                sound = at_level(noise(name, STREAM_S, self.seed * 1000 + number), PERSON_DBFS)
                kind = "steady noise" if name in STEADY else "unsteady noise"
                yield Stream(kind, name, pcm(sound + floor(len(sound), number)))

    def _alone(self, corpus: str, label: str, said: Samples, number: int) -> Stream:
        quiet = np.zeros(1000 * INPUT_FRAMES_PER_MS, dtype=np.float32)
        tail = np.zeros(TAIL_MS * INPUT_FRAMES_PER_MS, dtype=np.float32)
        return self._heard(corpus, label, np.concatenate((quiet, said, tail)), number)

    @staticmethod
    def _heard(corpus: str, label: str, sound: Samples, number: int) -> Stream:
        frames = len(sound) + -len(sound) % (20 * INPUT_FRAMES_PER_MS)
        heard = mixed([sound], _TALK_PLACE, frames)
        return Stream(corpus, label, pcm(heard + floor(frames, number)))
