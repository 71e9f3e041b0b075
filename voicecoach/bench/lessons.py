"""What the phrase classifier is taught with: phrases and everything else, by the tuning and the teaching voices.

    school = School(load_pack("en"))
    for lesson in school.lessons(phrases=12_000, others=14_000):
        for example in school.examples(lesson):
            ...

Whoever says phrases also says what is none, else a network would learn who speaks in place of what is said. Rooms and
pieces of noise are others than in the bench, and none of its near misses is among the texts.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from string import ascii_lowercase
from typing import Final

import numpy as np
import soxr
from scipy import signal

from voicecoach.audio.clip import Samples
from voicecoach.bench.backdrops import Backdrops
from voicecoach.bench.conditions import SNRS_DB, Noise, Place
from voicecoach.bench.examples import Example, Said, cut
from voicecoach.bench.rendering import Renderer
from voicecoach.bench.scenes import SEATS, at_level, scene_frames, stage
from voicecoach.bench.speakers import Cast, Group, Speaker, cast
from voicecoach.bench.texts import near_misses, plain, same_sounding, sentences
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.decision import ways_to_say
from voicecoach.listening.pronunciation import PHONEMES, Phonemes, dictionary
from voicecoach.listening.recognizer import Pcm
from voicecoach.units import INPUT_RATE_HZ

SEED: Final = 1001
"""Far from those that anybody gives the bench: other pieces of noise, other talk."""
VARIANTS: Final = 10
"""Of each tuning voice, beside those of the bench: between its fast and its slow, its small and its large."""
_SHARE: Final = {Group.TUNING: 1, Group.TEACHING: 3}
"""How often each speaker is asked. Sixty tuning speakers are four people, who would be most of what is heard."""
_TEMPOS: Final = (0.8, 1.3)
_SIZES: Final = (0.93, 1.07)
"""The held-out variants of these voices are 12 % larger and smaller."""
_MOMENTS: Final = (0.82, 1.2)
"""What teaching voices say is played faster or slower each time, as by larger and smaller bodies: there are more people
than voices."""
_REVOICED: Final = 0.6
"""Share of what is said that somebody else says, if anybody else can be made."""
_SNRS_DB: Final = (3, 6, 9, *SNRS_DB)
"""Those of the bench, more often where most is missed, and lower yet."""
_HIGHEST_HZ: Final = (2200, 7500)
"""Where a microphone begins to hear less: it may be cheap, turned away or behind cloth."""
_PITCHES_HZ: Final = {"slt": (140, 230), "awb": (95, 190), "kal16": (80, 150)}
_NEIGHBOURS: Final = 14
"""Of each phrase: with a word that sounds nearly as one of its own, a word more, or a word less."""
_WORDS: Final = 500
_SHORT_WORDS: Final = 700
_SHORT: Final = 3
"""Phonemes at most: such words are in every talk, and it takes little to mistake "eight" for a phrase."""
_COUNTED: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty"),
    *("fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "thousand", "first", "second", "third", "fourth"),
    *("fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
)
_SENTENCES: Final = 900
_TEXTS_A_SPEAKER: Final = 120
_OFTEN: Final = 2
"""Phrases of one word are said so often for each time that others are: there is less in them to go by."""
_POLITE: Final = 0.2
"""Share of the phrases that are said with an address, or with "please", where there is a way to."""
_MORE_WORDINGS: Final = {"stop": ("okay, stop",), "next": ("next, please",)}
_MANNERS: Final = (
    "please",
    "coach",
    "coach, please",
    "thank you",
    "thanks",
    "yes please",
    "okay coach",
    "please don't",
)
"""What is left of a polite phrase without the phrase."""
_NEW: Final = 3
"""So much oftener a phrase is said that nothing was taught yet."""
_BESIDE: Final = ("the", "a", "don't", "I", "my", "you", "and", "not", "to", "is", "we")
_PLACES: Final = (
    None,
    *(Place(metres, rt60_s) for metres in (0.5, 1.0, 1.6, 2.4, 3.2) for rt60_s in (0.2, 0.35, 0.5, 0.65)),
)

Revoice = Callable[[Samples, random.Random], Samples]
"""Returns speech as somebody else may say it."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One thing said under one circumstance."""

    speaker: Speaker
    text: str
    way: str | None
    """Which of `ways_to_say` it is; none for what is no phrase."""
    noise: Noise
    place: Place | None
    snr_db: int
    number: int
    """Decides everything else."""


class School:
    """Makes lessons, all of them seeded. Renders what has not been rendered before; used by one thread."""

    def __init__(
        self,
        pack: LanguagePack,
        *,
        renderer: Renderer | None = None,
        who: Cast | None = None,
        revoice: Revoice | None = None,
    ) -> None:
        """Take the cast that there is on this machine, unless told otherwise.

        `revoice`, such as `bench/revoicing.py` has it, makes other people of most of them; nobody without it.
        """
        self.pack = pack
        self.renderer = Renderer() if renderer is None else renderer
        who = cast(pack.language) if who is None else who
        teachers = who.of(Group.TUNING, Group.TEACHING)
        self.speakers = [*teachers, *_variants(who.of(Group.TUNING))]
        self._revoice = revoice
        self.backdrops = Backdrops(pack, who.of(Group.TALKING), self.renderer, SEED)

    def lessons(
        self, phrases: int, others: int, *, times: int = 1, known: Collection[str] | None = None
    ) -> list[Lesson]:
        """Return so many lessons in which a phrase is said, and so many in which none is, in any order.

        With `times`, everything is said so often, under another circumstance each time, which spares synthesizers that
        are slow. With `known`, ways to say something that have been taught already, the others are said more often.
        """
        chance = random.Random(SEED)
        ways = tuple(ways_to_say(self.pack, self.pack.all_phrases))
        often = [(1 if " " in way else _OFTEN) * (1 if known is None or way in known else _NEW) for way in ways]
        texts = unrelated(self.pack)
        theirs = {speaker: chance.sample(texts, _TEXTS_A_SPEAKER) for speaker in self.speakers}
        share = [_SHARE[speaker.group] for speaker in self.speakers]
        speakers = iter(chance.choices(self.speakers, share, k=phrases + others))
        said: list[tuple[Speaker, str, str | None]] = [
            (next(speakers), self._worded(way, chance), way) for way in chance.choices(ways, often, k=phrases)
        ]
        said += [(speaker, chance.choice(theirs[speaker]), None) for speaker in speakers]
        noises = [noise for noise in Noise if noise is not Noise.COACH]
        made = [
            Lesson(
                speaker,
                text,
                way,
                chance.choice(noises),
                chance.choice(_PLACES),
                chance.choice(_SNRS_DB),
                chance.getrandbits(32),
            )
            for speaker, text, way in said * times
        ]
        chance.shuffle(made)
        return made

    def _worded(self, way: str, chance: random.Random) -> str:
        others = wordings(self.pack, way)
        return chance.choice(others) if others and chance.random() < _POLITE else way

    def examples(self, lesson: Lesson) -> Iterator[Example]:
        """Yield what the ears would cut out of a lesson: mostly one utterance, and what stirs in the noise."""
        chance = random.Random(lesson.number)
        said = self.renderer.say(lesson.speaker, lesson.text)
        if self._revoice is not None and chance.random() < _REVOICED:
            said = self._revoice(said, chance)
        if lesson.speaker.group is Group.TEACHING:
            said = _of_the_moment(said, chance)
        behind = None
        if lesson.noise is not Noise.NONE:
            _, behind = self.backdrops.piece(lesson.noise, lesson.number, scene_frames(said))
        scene = stage(said, lesson.place, behind, float(lesson.snr_db), lesson.number % SEATS)
        said_at = Said(lesson.way, scene.said_from_ms, scene.said_to_ms)
        yield from cut(through_a_microphone(scene.sound, chance), [said_at])


def wordings(pack: LanguagePack, way: str) -> tuple[str, ...]:
    """Return how else a phrase is said, which is to be taken for the phrase. English only."""
    ways = ways_to_say(pack, pack.all_phrases)
    polite = (f"{way}, please", f"please {way}") if ways[way] in pack.urgent_phrases else ()
    return (f"{pack.address}, {way}", *polite, *_MORE_WORDINGS.get(way, ()))


def unrelated(pack: LanguagePack) -> list[str]:
    """Return what is none of the phrases: near to them, words, pieces of sentences and sentences. English only."""
    chance = random.Random(SEED)
    words = dictionary()
    every = [word for word in words if word.isalpha()]
    short = [word for word in every if len(words[word]) <= _SHORT]
    talk = list(islice(sentences(pack, SEED), _SENTENCES))
    texts = [
        *_neighbours(pack, words, chance),
        *(" ".join(chance.sample(every, chance.choice((1, 1, 1, 2)))) for _ in range(_WORDS)),
        *chance.sample(short, _SHORT_WORDS),
        *_COUNTED,
        *_MANNERS,
        *ascii_lowercase,
        *(_piece(plain(sentence).split(), chance) for sentence in talk),
        *talk,
    ]
    ways = ways_to_say(pack, pack.all_phrases)
    kept = {
        plain(text) for text in (*near_misses(pack), *ways, *(text for way in ways for text in wordings(pack, way)))
    }
    texts = [text for text in dict.fromkeys(texts) if plain(text) not in kept]
    same = same_sounding(pack, [text for text in texts if all(word in words for word in plain(text).split())])
    return [text for text in texts if text not in same]


def _variants(speakers: Sequence[Speaker]) -> list[Speaker]:
    chance = random.Random(SEED)
    return [
        replace(
            Speaker(f"{voice} lesson {number}", Group.TUNING, speaker.synthesizer, voice),
            tempo=round(chance.uniform(*_TEMPOS), 2),
            size=round(chance.uniform(*_SIZES), 3),
            pitch_hz=chance.choice((None, chance.randint(*_PITCHES_HZ[voice]))) if voice in _PITCHES_HZ else None,
        )
        for voice, speaker in {speaker.voice: speaker for speaker in speakers}.items()
        for number in range(VARIANTS)
    ]


def _neighbours(pack: LanguagePack, words: dict[str, Phonemes], chance: random.Random) -> Iterator[str]:
    near = _near({word for phrase in pack.all_phrases for word in plain(phrase).split()}, words)
    for phrase in pack.all_phrases:
        said = plain(phrase).split()
        for _ in range(_NEIGHBOURS):
            place = chance.randrange(len(said))
            parts = [*said[:place], chance.choice(near[said[place]] or [said[place]]), *said[place + 1 :]]
            match chance.randrange(6):
                case 0:
                    is_after = chance.random() < 0.5
                    beside = chance.choice(_BESIDE)
                    parts = [*parts, beside] if is_after else [beside, *parts]
                case 1 if len(said) > 1:
                    parts = said[1:] if chance.random() < 0.5 else said[:-1]
            yield " ".join(parts)


def _near(said: Iterable[str], words: Mapping[str, Phonemes]) -> dict[str, list[str]]:
    """Return for each word those of the dictionary that take an edit or two to become it."""
    bits = {phoneme: 1 << place for place, phoneme in enumerate(sorted(PHONEMES))}
    # Which phonemes there are tells most words to be far, a hundred times quicker than edits do.
    every = [
        (word, phonemes, sum({bits[phoneme] for phoneme in phonemes}))
        for word, phonemes in words.items()
        if word.isalpha()
    ]
    found: dict[str, list[str]] = {}
    for word in said:
        own = words.get(word, ())
        most = 1 if len(own) <= _SHORT else 2
        lengths = range(len(own) - most, len(own) + most + 1)
        there = sum({bits[phoneme] for phoneme in own})
        found[word] = [
            other
            for other, phonemes, theirs in every
            if (there & ~theirs).bit_count() <= most and len(phonemes) in lengths and 0 < _edits(own, phonemes) <= most
        ]
    return found


def _edits(one: Phonemes, other: Phonemes) -> int:
    row = list(range(len(other) + 1))
    for number, phoneme in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, against in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (phoneme != against))
    return row[-1]


def _piece(words: Sequence[str], chance: random.Random) -> str:
    count = chance.randint(1, 4)
    start = chance.randrange(max(1, len(words) - count + 1))
    return " ".join(words[start : start + count])


def _of_the_moment(said: Samples, chance: random.Random) -> Samples:
    return np.asarray(soxr.resample(said, INPUT_RATE_HZ, INPUT_RATE_HZ * chance.uniform(*_MOMENTS)), np.float32)


def through_a_microphone(sound: Pcm, chance: random.Random) -> Pcm:
    """Give a sound the colour of some microphone, and now and then the hiss or rumble of some other room."""
    heard = sound.astype(np.float32)
    if chance.random() < 0.25:
        heard += _hiss(len(heard), chance) * np.float32(np.abs(heard).max())
    if chance.random() < 0.6:
        heard = np.asarray(signal.lfilter([1.0, -chance.uniform(-0.45, 0.45)], [1.0], heard), np.float32)
    if chance.random() < 0.4:
        edges = chance.uniform(80, 300), chance.uniform(*_HIGHEST_HZ)
        steepness = chance.choice((1, 2, 3))
        heard = np.asarray(
            signal.sosfilt(signal.butter(steepness, edges, "bandpass", fs=INPUT_RATE_HZ, output="sos"), heard),
            np.float32,
        )
    heard *= np.abs(sound).max() / (np.abs(heard).max() + 1.0)
    return np.asarray(heard, np.int16)


def _hiss(frames: int, chance: random.Random) -> Samples:
    """Return noise that is steeper or flatter, and swells or does not, 8 to 30 dB below 1."""
    white = np.random.default_rng(chance.getrandbits(32)).standard_normal(frames)
    steep = np.asarray(signal.lfilter([1.0], [1.0, -chance.uniform(0.0, 0.98)], white), np.float32)
    swell = 1.0 + chance.uniform(0.0, 0.8) * np.sin(
        np.arange(frames) * (chance.uniform(0.2, 3.0) * 2 * np.pi / INPUT_RATE_HZ)
    )
    return at_level(steep * swell.astype(np.float32), -chance.uniform(8.0, 30.0))
