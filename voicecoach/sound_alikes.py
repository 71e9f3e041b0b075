"""Which phrases of different commands sound so alike that one may well be taken for the other.

Two phrases are as far apart as the cheapest way to turn the sounds of one into those of the other: sounds that are
made alike cost little ("m" for "n", "d" for "t"), others more, and a sound that is left out or put in as well. The
cost counts by the sounds that there are, as in a long phrase one sound matters less.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from voicecoach.commands import Command
from voicecoach.language.pack import LanguagePack
from voicecoach.settings import Configuration
from voicecoach.speech.phonetics import read_aloud

Sounds = tuple[str, ...]
"""A pronunciation in phonetic symbols, one a sound."""

ALIKE: Final = 0.25
"""Phrases nearer than this are warned of (docs/lab/five-judges.md). With 14 pairs a step and two voices, only those
nearer than 0.1 were taken for each other in quiet, 7 of 100. In a ringing room over running water it was 11 to 18 of
100 below 0.3, and 5 to 7 from 0.3 to 0.5: there is no sharp edge, and on so few pairs the place is a judgement."""

_PLACES: Final = ("labial", "dental", "alveolar", "postalveolar", "palatal", "velar", "glottal")
_CONSONANTS: Final[Mapping[str, tuple[str, str, bool]]] = {
    sound: (place, manner, voiced == "voiced")
    for line in (
        "labial plosive voiceless p", "labial plosive voiced b", "alveolar plosive voiceless t",
        "alveolar plosive voiced d", "velar plosive voiceless k", "velar plosive voiced ɡ",
        "postalveolar affricate voiceless t͡ʃ t͡ɕ", "postalveolar affricate voiced d͡ʒ",
        "labial fricative voiceless f", "labial fricative voiced v", "dental fricative voiceless θ",
        "dental fricative voiced ð", "alveolar fricative voiceless s", "alveolar fricative voiced z",
        "postalveolar fricative voiceless ʃ", "postalveolar fricative voiced ʒ", "glottal fricative voiceless h",
        "labial nasal voiced m", "alveolar nasal voiced n", "velar nasal voiced ŋ", "alveolar liquid voiced l",
        "postalveolar liquid voiced ɹ", "labial glide voiced w", "palatal glide voiced j",
    )
    for place, manner, voiced, *sounds in [line.split()]
    for sound in sounds
}  # fmt: skip
_VOWELS: Final[Mapping[str, tuple[float, float, bool]]] = {
    "i": (0, 0, False), "ɪ": (0.5, 0.3, False), "e": (1, 0, False), "ɛ": (2, 0, False), "æ": (2.6, 0.2, False),
    "a": (3, 0.8, False), "ɑ": (3, 1.7, False), "ɔ": (2, 2, True), "o": (1, 2, True), "ʊ": (0.5, 1.7, True),
    "u": (0, 2, True), "ʌ": (2, 1.5, False), "ə": (1.5, 1, False), "ɝ": (1.5, 1.1, True), "ɯ": (0, 1.8, False),
}  # fmt: skip
"""Height from closed to open, place from front to back, and whether the lips are round."""
_NEAR_MANNERS: Final = frozenset(
    map(frozenset, (("plosive", "affricate"), ("affricate", "fricative"), ("liquid", "glide")))
)
_GLIDES: Final[Mapping[str, str]] = {"w": "u", "j": "i"}
_WEAK: Final = frozenset({"h", "ə", "ɪ", "w", "j", "t", "d", "ɹ", "l"})
"""What speakers leave out."""
_SOUND: Final = re.compile("|".join(sorted((*_CONSONANTS, *_VOWELS), key=len, reverse=True)))
_TIED: Final = {"tʃ": "t͡ʃ", "dʒ": "d͡ʒ", "tɕ": "t͡ɕ", "dʑ": "d͡ʒ"}
_SAME: Final = str.maketrans({"g": "ɡ", "r": "ɹ", "ɫ": "l", "ɐ": "ʌ", "ɚ": "ɝ", "ɒ": "ɑ", "ʉ": "u", "ɾ": "t"})


@dataclass(frozen=True, slots=True)
class SoundAlike:
    """A phrase, and the nearest phrase of another command."""

    phrase: str
    other: str
    command: Command
    """What the other one means."""
    distance: float
    """From 0, the same, to 1."""


def sound_alikes(pack: LanguagePack, phrases: Iterable[str]) -> list[SoundAlike]:
    """Return those of the phrases that sound like one of another command of the pack, the nearest one, each pair once.

    Raises `VoiceError` where espeak-ng, which is asked how they sound, does not answer.
    """
    wanted = tuple(phrases)
    if not wanted:
        return []
    ways = _ways(pack, pack.all_phrases)
    found: list[SoundAlike] = []
    for phrase in wanted:
        command = pack.command_of(phrase)
        told = {one.phrase for one in found if one.other == phrase}
        others = [other for other in pack.all_phrases if pack.command_of(other) is not command and other not in told]
        distances = [(distance(ways[phrase], ways[other]), other) for other in others]
        least, nearest = min(distances, default=(1.0, ""))
        meaning = pack.command_of(nearest)
        if least < ALIKE and meaning is not None:
            found.append(SoundAlike(phrase, nearest, meaning, least))
    return found


def warnings(configuration: Configuration, pack: LanguagePack) -> list[str]:
    """Return a line for each phrase of the settings that sounds like one of another command; `pack` is theirs."""
    if not configuration.applies_to(pack.language):
        return []
    return configuration.warn(in_words(sound_alikes(pack, configuration.extra_phrases())))


def in_words(alikes: Iterable[SoundAlike]) -> dict[str, str]:
    """Return a sentence about each phrase."""
    return {
        one.phrase: f"'{one.phrase}' sounds like '{one.other}', which means `{one.command}`; one may be taken for the"
        " other, so choose another."
        for one in alikes
    }


def distance(one: Sounds, other: Sounds) -> float:
    """Return how far two pronunciations are apart, from 0 to 1."""
    longest = max(len(one), len(other))
    if min(len(one), len(other)) * 2 < longest:
        return 1.0
    row = list(itertools.accumulate((_loss(sound) for sound in other), initial=0.0))
    for sound in one:
        before, row = row, [row[0] + _loss(sound)]
        for place, beside in enumerate(other):
            changed = before[place] + _change(sound, beside)
            row.append(min(changed, before[place + 1] + _loss(sound), row[place] + _loss(beside)))
    return min(row[-1] / longest, 1.0)


def sounds_of(pronounced: str) -> Sounds:
    """Return the sounds of a pronunciation in phonetic symbols, as espeak-ng writes them or with ties."""
    for apart, tied in _TIED.items():
        pronounced = pronounced.replace(apart, tied)
    return tuple(_SOUND.findall(pronounced.translate(_SAME)))


def _ways(pack: LanguagePack, phrases: Iterable[str]) -> dict[str, Sounds]:
    listed = list(dict.fromkeys(phrases))
    return dict(zip(listed, map(sounds_of, read_aloud(listed, pack.voice.espeak)), strict=True))


def _loss(sound: str) -> float:
    return 0.5 if sound in _WEAK else 0.8


@cache
def _change(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if one in _VOWELS and other in _VOWELS:
        (height, place, lips), (height_2, place_2, lips_2) = _VOWELS[one], _VOWELS[other]
        return min(0.8, 0.2 * abs(height - height_2) + 0.15 * abs(place - place_2) + 0.1 * (lips != lips_2))
    if one in _CONSONANTS and other in _CONSONANTS:
        (where, manner, voiced), (where_2, manner_2, voiced_2) = _CONSONANTS[one], _CONSONANTS[other]
        apart = min(0.4, 0.12 * abs(_PLACES.index(where) - _PLACES.index(where_2)))
        unlike = 0.0 if manner == manner_2 else 0.2 if frozenset((manner, manner_2)) in _NEAR_MANNERS else 0.4
        return min(1.0, 0.1 + apart + unlike + 0.2 * (voiced != voiced_2))
    if _GLIDES.get(one, one) == other or _GLIDES.get(other, other) == one:
        return 0.4
    return 1.0
