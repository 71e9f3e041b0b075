"""What the bench has the coach listen to: commands under conditions, and everything that is no command. All seeded.

    corpora = Corpora(load_pack("en"))
    for trial in corpora.commands(quick=True):
        scene = corpora.scene(trial)          # sound, and where in it the phrase is
    for spec in corpora.talk(minutes=10):
        stream = corpora.stream(spec)         # a minute of somebody's talk

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
from voicecoach.bench.recordings import find_recordings
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
LONGEST_RECORDING_S: Final = 20
STREAM_S: Final = 60
TALK: Final = "talk"
NEAR_MISSES: Final = "near misses"
SAME_SOUNDING: Final = "same-sounding words"
PROMPT: Final = "recorded prompts"
STEADY_NOISE: Final = "steady noise"
UNSTEADY_NOISE: Final = "unsteady noise"
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
    file: Path | None = None
    """The recording of it, where it is one."""


@dataclass(frozen=True, slots=True)
class Spec:
    """Which stretch of sound without a command: `Corpora.stream` makes it."""

    corpus: str
    number: int
    speaker: Speaker | None = None
    what: str = ""
    """The text, the file, or the noise."""

    @property
    def is_long(self) -> bool:
        """Tell whether it is a minute of sound, and not a single utterance."""
        return self.corpus in (TALK, STEADY_NOISE, UNSTEADY_NOISE)

    @property
    def label(self) -> str:
        """Return who or what it is, for people."""
        who = "" if self.speaker is None else self.speaker.name
        return " ".join(part for part in (who, self.what) if part)


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """A stretch of sound in which there is no command."""

    spec: Spec
    sound: Pcm


class Corpora:
    """Everything to listen to in one language. Renders what has not been rendered before; used by one thread."""

    def __init__(
        self,
        pack: LanguagePack,
        *,
        seed: int = 1,
        renderer: Renderer | None = None,
        who: Cast | None = None,
        recordings: Path | None = None,
    ) -> None:
        """Take the cast that there is on this machine, unless told otherwise.

        With `recordings`, a folder, nobody else says commands. Raises as `find_recordings`.
        """
        self.pack = pack
        self.cast = cast(pack.language) if who is None else who
        self.seed = seed
        self.renderer = Renderer() if renderer is None else renderer
        self.talkers = self.cast.of(Group.TALKING)
        self._recordings = [] if recordings is None else find_recordings(recordings, pack)
        self.backdrops = Backdrops(pack, self.talkers, self.renderer, seed)

    def commands(
        self,
        conditions: Sequence[Condition] = CONDITIONS,
        *,
        quick: bool = False,
        groups: Sequence[Group] = (Group.TUNING, Group.HELD_OUT, Group.UNSEEN),
    ) -> list[Trial]:
        """Return the trials: every phrase under every condition by four speakers, who take turns.

        Quick: half of the phrases by one speaker each, under the `QUICK` ones of the conditions. A person's recordings
        are each said once under every condition.
        """
        conditions = [c for c in conditions if self.backdrops.can_make(c.noise) and (not quick or c.name in QUICK)]
        return [
            Trial(condition, phrase, self._command(phrase), speaker, number, file)
            for place, condition in enumerate(conditions)
            for number, (speaker, phrase, file) in enumerate(self._said(condition, place, groups, quick=quick))
        ]

    def _said(
        self, condition: Condition, place: int, groups: Sequence[Group], *, quick: bool
    ) -> Iterator[tuple[Speaker, str, Path | None]]:
        share = slice(place % QUICK_SHARE, None, QUICK_SHARE) if quick else slice(None)
        if self._recordings:
            yield from self._recordings[share]
            return
        speakers = self.cast.of(*groups)
        chance = random.Random(f"{self.seed} {condition.name}")
        turns: list[Speaker] = []
        for phrase in self.pack.all_phrases[share] * (1 if quick else SPEAKERS_A_PHRASE) if speakers else ():
            turns = turns or chance.sample(speakers, len(speakers))
            yield turns.pop(), phrase, None

    def _command(self, phrase: str) -> Command:
        command = self.pack.command_of(phrase)
        assert command is not None
        return command

    def said(self, trial: Trial) -> Samples:
        """Return the phrase of a trial as it is said, mono at 16 kHz."""
        if trial.file is not None:
            return read_audio(trial.file, longest_s=LONGEST_RECORDING_S)
        return self.renderer.say(trial.speaker, trial.phrase)

    def scene(self, trial: Trial) -> Scene:
        """Return what the microphone hears of a trial. Not for trials over the coach, which need the loop."""
        said = self.said(trial)
        condition = trial.condition
        behind = None
        if condition.noise is not Noise.NONE:
            _, behind = self.backdrops.piece(condition.noise, trial.number, scene_frames(said))
        level = 0.0 if condition.level_db is None else float(condition.level_db)
        return stage(said, condition.place, behind, level, trial.number % SEATS)

    def talk(self, minutes: float) -> list[Spec]:
        """Return so many minutes of unrelated talk two metres away, a minute each and the rest of its last sentence.

        The talkers take turns.
        """
        if not self.talkers or not near_misses(self.pack):
            return []
        return [Spec(TALK, number, self.talkers[number % len(self.talkers)]) for number in range(round(minutes))]

    def near_misses(self, *, quick: bool = False) -> list[Spec]:
        """Return each near miss by two talkers (quick: every third by one), each alone.

        Those that no ear could tell from a phrase ("paws", "weight") are a corpus of their own.
        """
        texts = near_misses(self.pack)[:: 3 if quick else 1]
        same = same_sounding(self.pack, texts)
        turns = range(1 if quick else 2) if self.talkers else ()
        return [
            Spec(
                SAME_SOUNDING if text in same else NEAR_MISSES,
                number,
                self.talkers[(number * 3 + turn * 5) % len(self.talkers)],
                text,
            )
            for number, text in enumerate(texts)
            for turn in turns
        ]

    def recorded_prompts(self, *, quick: bool = False) -> list[Spec]:
        """Return recorded sentences of a real person, each alone, where there are some on this machine."""
        files = sorted(PROMPTS.rglob("*.wav")) if PROMPTS.is_dir() and self.pack.language == "en" else []
        return [Spec(PROMPT, number, None, str(file)) for number, file in enumerate(files[:: 5 if quick else 1])]

    def noises(self, minutes: float) -> list[Spec]:
        """Return so many minutes of each noise, a minute each, as loud as a person who speaks."""
        return [
            Spec(STEADY_NOISE if name in STEADY else UNSTEADY_NOISE, number, None, name)
            for name in (*STEADY, *UNSTEADY)
            for number in range(round(minutes))
        ]

    def stream(self, spec: Spec) -> Stream:
        """Return the sound of a spec."""
        if spec.corpus in (STEADY_NOISE, UNSTEADY_NOISE):
            sound = at_level(noise(spec.what, STREAM_S, self.seed * 1000 + spec.number), PERSON_DBFS)
            return Stream(spec, pcm(sound + floor(len(sound), spec.number)))
        if spec.corpus == PROMPT:
            return Stream(spec, self._alone(read_audio(Path(spec.what)), spec.number))
        assert spec.speaker is not None
        if spec.corpus == TALK:
            return Stream(spec, self._talk(spec.speaker, spec.number))
        return Stream(spec, self._alone(self.renderer.say(spec.speaker, spec.what), spec.number))

    def _talk(self, speaker: Speaker, number: int) -> Pcm:
        chance = random.Random(f"{self.seed} talk {number}")
        texts = list(islice(sentences(self.pack, chance.getrandbits(32)), _SENTENCES_A_STREAM))
        self.renderer.prepare(speaker, texts)
        parts: list[Samples] = [np.zeros(INPUT_RATE_HZ // 2, dtype=np.float32)]
        for text in texts:
            pause = np.zeros(chance.randint(*_TALK_PAUSES_MS) * INPUT_FRAMES_PER_MS, dtype=np.float32)
            parts += [self.renderer.say(speaker, text), pause]
            # Nobody stops in the middle of a sentence: half of one, with silence after it, may well be a phrase.
            if sum(map(len, parts)) >= STREAM_S * INPUT_RATE_HZ:
                break
        return self._heard(np.concatenate(parts), number)

    def _alone(self, said: Samples, number: int) -> Pcm:
        quiet = np.zeros(1000 * INPUT_FRAMES_PER_MS, dtype=np.float32)
        tail = np.zeros(TAIL_MS * INPUT_FRAMES_PER_MS, dtype=np.float32)
        return self._heard(np.concatenate((quiet, said, tail)), number)

    @staticmethod
    def _heard(sound: Samples, number: int) -> Pcm:
        frames = len(sound) + -len(sound) % (20 * INPUT_FRAMES_PER_MS)
        heard = mixed([sound], _TALK_PLACE, frames) if sound.any() else np.zeros(frames, dtype=np.float32)
        return pcm(heard + floor(frames, number))
