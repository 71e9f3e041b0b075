"""What teaching is worth: voices that are hard to understand, before and after, at the same number of false accepts.

Each voice says every phrase three times at one metre, each time a little differently, and the coach is taught that.
Then the same voice says them differently again, in other places and over noise, and besides that near misses and
unrelated sentences. What was taught is heard more readily; so that this is no bargain at the cost of false accepts, its
threshold is raised until there are no more of them than without.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from voicecoach.bench.attending import attend
from voicecoach.bench.backdrops import Backdrops
from voicecoach.bench.conditions import Noise, Place
from voicecoach.bench.records import Judged
from voicecoach.bench.rendering import Renderer
from voicecoach.bench.scenes import SEATS, Scene, scene_frames, stage
from voicecoach.bench.speakers import Group, Speaker, Synthesizer, how_to_bring
from voicecoach.bench.texts import near_misses, same_sounding, sentences
from voicecoach.commands import Command
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.ears import Ears
from voicecoach.listening.factory import open_ears
from voicecoach.listening.person import PersonProfile
from voicecoach.listening.segmenter import utterances
from voicecoach.listening.teaching import Teacher

PUPILS: Final = (
    Speaker("kal, telephone", Group.HELD_OUT, Synthesizer.FLITE, "kal"),
    Speaker("ked", Group.HELD_OUT, Synthesizer.FESTIVAL, "ked_diphone"),
)
"""Voices of which PocketSphinx alone recognises fewer than half of the phrases."""
LESSONS: Final = ((0.93, 1.0), (1.0, 0.99), (1.08, 1.01))
"""Tempo and size in which a phrase is said for teaching."""
_LESSON_PLACE: Final = Place(1.0, 0.3)


@dataclass(frozen=True, slots=True)
class Trying:
    """How and where phrases are said afterwards."""

    name: str
    tempo: float
    size: float
    place: Place
    snr_db: float | None


TRYINGS: Final = (
    Trying("quiet, 3 m, RT60 0.6 s", 1.14, 1.015, Place(3.0, 0.6), None),
    Trying("steady noise, 12 dB", 0.97, 1.02, Place(1.0, 0.3), 12.0),
)
_OTHERS: Final = Trying("other words", 1.02, 1.0, Place(2.0, 0.3), None)
NEAR_MISS_SHARE: Final = 8
"""Every eighth near miss is said by each pupil: it is their own voice that was taught."""
SENTENCES: Final = 10


@dataclass(frozen=True, slots=True)
class Try:
    """One sound, and what was made of it."""

    condition: str
    command: Command | None
    """None where no command was said."""
    judged: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """What came of the tries from a threshold on."""

    right: int
    wrong: int
    false_accepts: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One pupil, or all of them."""

    name: str
    phrases_taught: int
    before: tuple[Try, ...]
    after: tuple[Try, ...]

    def even(self) -> float:
        """Return the least threshold from which there are no more false accepts with teaching than without."""
        allowed = count(self.before, 0.0).false_accepts
        scores = sorted({judged.score for each in self.after for judged in each.judged})
        return next((s for s in [0.0, *scores] if count(self.after, s).false_accepts <= allowed), 1.0)


def count(tries: Sequence[Try], threshold: float, condition: str | None = None) -> Count:
    """Count commands understood and misunderstood, and false accepts, as if nothing below the threshold was heard."""
    right = wrong = false_accepts = 0
    for each in tries:
        heard = {j.command for j in each.judged if j.command is not None and j.score >= threshold}
        if each.command is None:
            false_accepts += bool(heard)
        elif condition in (None, each.condition):
            wrong += bool(heard - {each.command})
            right += heard == {each.command}
    return Count(right, wrong, false_accepts)


class Examination:
    """Tries a voice with and without what was taught of it. Used by one thread."""

    def __init__(self, pack: LanguagePack, pupil: Speaker, seed: int) -> None:
        """Teach the coach a voice."""
        self._pack = pack
        self._pupil = pupil
        self._seed = seed
        self._renderer = Renderer()
        self._backdrops = Backdrops(pack, (), self._renderer, seed)
        self.profile = _teach(pack, pupil, self._renderer)
        self._before = open_ears(pack, engine="pocketsphinx")
        self._after = open_ears(pack, engine="pocketsphinx", person=self.profile)

    def run(self, tell: Callable[[str], None]) -> Comparison:
        """Try it; `tell` is given lines about how far it is."""
        tried: list[tuple[Try, Try]] = []
        for trying in TRYINGS:
            tried += self._say(self._pack.all_phrases, trying)
            tell(f"{self._pupil.name}: {trying.name}")
        misses = near_misses(self._pack)
        same = same_sounding(self._pack, misses)
        texts = [text for text in misses if text not in same][::NEAR_MISS_SHARE]
        tried += self._say([*texts, *itertools.islice(sentences(self._pack, self._seed), SENTENCES)], _OTHERS)
        before, after = zip(*tried, strict=True)
        return Comparison(self._pupil.name, len(self.profile.sayings), before, after)

    def _say(self, texts: Sequence[str], trying: Trying) -> Iterator[tuple[Try, Try]]:
        speaker = _as(self._pupil, trying.tempo, trying.size)
        self._renderer.prepare(speaker, texts)
        for number, text in enumerate(texts):
            said = self._renderer.say(speaker, text)
            behind = None
            if trying.snr_db is not None:
                _, behind = self._backdrops.piece(Noise.STEADY, number, scene_frames(said))
            scene = stage(said, trying.place, behind, trying.snr_db or 0.0, number % SEATS)
            command = None if trying is _OTHERS else self._pack.command_of(text)
            yield self._heard(self._before, scene, trying, command), self._heard(self._after, scene, trying, command)

    def _heard(self, ears: Ears, scene: Scene, trying: Trying, command: Command | None) -> Try:
        attended = attend(ears, scene.sound, self._pack.all_phrases)
        return Try(trying.name, command, tuple(attended.judged))


def pupils() -> tuple[Speaker, ...]:
    """Return the hard voices that there are on this machine."""
    return tuple(pupil for pupil in PUPILS if how_to_bring(pupil) is None)


def _teach(pack: LanguagePack, pupil: Speaker, renderer: Renderer) -> PersonProfile:
    teacher = Teacher(pack)
    for tempo, size in LESSONS:
        speaker = _as(pupil, tempo, size)
        renderer.prepare(speaker, pack.all_phrases)
        for number, phrase in enumerate(pack.all_phrases):
            scene = stage(renderer.say(speaker, phrase), _LESSON_PLACE, None, 0.0, number % SEATS)
            if found := utterances(scene.sound):
                teacher.take(phrase, max(found, key=lambda utterance: utterance.voiced_ms).sound)
    return teacher.profile()


def _as(pupil: Speaker, tempo: float, size: float) -> Speaker:
    return replace(pupil, tempo=pupil.tempo * tempo, size=pupil.size * size)
