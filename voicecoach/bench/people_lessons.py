"""What real people teach the phrase classifier: recordings of a set (`bench/people.py`), in many surroundings.

    taught, kept = divided(read_set(folder))
    for lesson in people_lessons(taught, ways, often=6):
        for example in examples(lesson, backdrops):
            ...

Who has taught something is not among those by whom anything is chosen: people are divided, not recordings.
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import soxr

from voicecoach.audio.clip import Samples
from voicecoach.audio.files import read_audio
from voicecoach.bench.backdrops import Backdrops
from voicecoach.bench.conditions import Noise, Place
from voicecoach.bench.examples import Example, Said, cut
from voicecoach.bench.lessons import Revoice, through_a_microphone
from voicecoach.bench.people import LONGEST_S, Clip, room_tone
from voicecoach.bench.scenes import SEATS, at_level, floor, mixed, pcm
from voicecoach.bench.texts import plain
from voicecoach.rehearsal.room import loudest_frame_dbfs
from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ

SEED: Final = 2001
_KEPT: Final = 4
"""One person of so many teaches nothing."""
_AS_RECORDED: Final = 0.35
"""Share of lessons without another room or noise: the recordings have their own."""
_ELSEWHERE: Final = 0.4
_NOISES: Final = tuple(noise for noise in Noise if noise is not Noise.COACH)
_SNRS_DB: Final = (6, 9, 12, 18, 24)
_PLACES: Final = tuple(Place(metres, rt60_s) for metres in (0.5, 1.0, 2.0, 3.2) for rt60_s in (0.2, 0.35, 0.5))
_PACES: Final = (0.88, 1.14)
"""A recording is played slower or faster, as by larger and smaller bodies."""
_REVOICED: Final = 0.15
_LOUDNESS_DB: Final = (-18.0, 3.0)
_TONES_MS: Final = (700, 1000)
_GAPS_MS: Final = (60, 320)
"""Between words that were recorded one by one."""
_JOINED: Final = 0.12
"""Beside all recordings there are so many joined from two or three of one person's: urgent phrases that are said twice
and three times, and words that are no phrase together."""
_WINDOW: Final = 10 * INPUT_FRAMES_PER_MS
_BELOW_DB: Final = 20.0


@dataclass(frozen=True, slots=True)
class PeopleLesson:
    """Something that a person said, under one circumstance."""

    clips: tuple[Clip, ...]
    """One after the other."""
    way: str | None
    """Which of the ways to say something it is; none for what is no phrase."""
    noise: Noise
    place: Place | None
    snr_db: int
    number: int | None
    """Decides everything else; none for the recording as it is."""


def divided(clips: Sequence[Clip]) -> tuple[list[Clip], list[Clip]]:
    """Return the recordings of those who teach, and of those who are kept aside: the same people each time."""
    aside = {clip.speaker for clip in clips if hashlib.sha256(clip.speaker.encode()).digest()[0] % _KEPT == 0}
    return [clip for clip in clips if clip.speaker not in aside], [clip for clip in clips if clip.speaker in aside]


def as_recorded(clip: Clip, ways: Collection[str]) -> PeopleLesson:
    """Return a recording with nothing around it but room tone. Raises `ValueError` for a command in other words."""
    return PeopleLesson((clip,), _way(clip, ways), Noise.NONE, None, 0, None)


def people_lessons(clips: Sequence[Clip], ways: Collection[str], often: int) -> list[PeopleLesson]:
    """Return every phrase so often and all else half as often, and some that are joined, in any order.

    Raises as `as_recorded`.
    """
    chance = random.Random(SEED)
    said: list[tuple[tuple[Clip, ...], str | None]] = [
        ((clip,), way)
        for clip in clips
        for way in [_way(clip, ways)]
        for _ in range(often if way is not None else (often + 1) // 2)
    ]
    said += list(_joined(clips, ways, round(_JOINED * len(said)), chance))
    made = [_placed(these, way, chance) for these, way in said]
    chance.shuffle(made)
    return made


def examples(lesson: PeopleLesson, backdrops: Backdrops, revoice: Revoice | None = None) -> Iterator[Example]:
    """Yield what the ears would cut out of a lesson. Raises `UsageError` where a recording cannot be read."""
    chance = random.Random(lesson.number)
    parts = [read_audio(clip.file, longest_s=LONGEST_S) for clip in lesson.clips]
    tone_ms = max(_TONES_MS)
    if lesson.number is None:
        said = np.concatenate(parts)
    else:
        parts = parts if len(parts) == 1 else [_trimmed(part) for part in parts]
        said = _as_one(parts, chance)
        if revoice is not None and chance.random() < _REVOICED:
            said = revoice(said, chance)
        said = np.asarray(soxr.resample(said, INPUT_RATE_HZ, INPUT_RATE_HZ * chance.uniform(*_PACES)), np.float32)
        tone_ms = chance.randint(*_TONES_MS)
    before, after = room_tone(said, lesson.number or 0)
    before = before[: tone_ms * INPUT_FRAMES_PER_MS]
    first, last = _bounds(said)
    start_ms = (len(before) + first) // INPUT_FRAMES_PER_MS
    end_ms = (len(before) + last) // INPUT_FRAMES_PER_MS
    sound = np.concatenate((before, said, after))
    if lesson.number is not None:
        sound = _around(sound, lesson, lesson.number, backdrops, chance)
    yield from cut(pcm(sound), [Said(lesson.way, start_ms, end_ms)])


def _way(clip: Clip, ways: Collection[str]) -> str | None:
    if clip.command is None:
        return None
    way = plain(clip.text)
    if way not in ways:
        raise ValueError(f"'{clip.text}' in {clip.file} is called a command, and is none of the phrases.")
    return way


def _placed(clips: tuple[Clip, ...], way: str | None, chance: random.Random) -> PeopleLesson:
    number = chance.getrandbits(32)
    if chance.random() < _AS_RECORDED:
        return PeopleLesson(clips, way, Noise.NONE, None, 0, number)
    place = chance.choice(_PLACES) if chance.random() < _ELSEWHERE else None
    return PeopleLesson(clips, way, chance.choice(_NOISES), place, chance.choice(_SNRS_DB), number)


def _joined(
    clips: Sequence[Clip], ways: Collection[str], count: int, chance: random.Random
) -> Iterator[tuple[tuple[Clip, ...], str | None]]:
    """Yield things that a person said one by one, as if at once: half of them phrases said twice or three times."""
    theirs: Mapping[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        theirs[clip.speaker].append(clip)
    repeated = [clip for clip in clips if clip.command is not None and " ".join([plain(clip.text)] * 2) in ways]
    others = [clip for clip in clips if clip.command is None and " " not in plain(clip.text)]
    for number in range(count):
        if number % 2 and repeated:
            clip = chance.choice(repeated)
            same = [other for other in theirs[clip.speaker] if other.text == clip.text]
            times = chance.choice((2, 3))
            yield tuple(chance.choice(same) for _ in range(times)), " ".join([plain(clip.text)] * times)
        elif others:
            clip = chance.choice(others)
            yield (clip, chance.choice(theirs[clip.speaker])), None


def _as_one(parts: Sequence[Samples], chance: random.Random) -> Samples:
    with_gaps = [parts[0]]
    for part in parts[1:]:
        with_gaps += [np.zeros(chance.randint(*_GAPS_MS) * INPUT_FRAMES_PER_MS, np.float32), part]
    return np.concatenate(with_gaps)


def _around(sound: Samples, lesson: PeopleLesson, number: int, backdrops: Backdrops, chance: random.Random) -> Samples:
    if lesson.place is not None:
        frames = len(sound) + round(lesson.place.rt60_s * INPUT_RATE_HZ)
        sound = mixed([sound], lesson.place, frames) + floor(frames, number % SEATS)
    if lesson.noise is not Noise.NONE:
        _, behind = backdrops.piece(lesson.noise, number, len(sound))
        sound = sound + at_level(behind, loudest_frame_dbfs(sound) - lesson.snr_db)
    sound = sound * np.float32(10 ** (chance.uniform(*_LOUDNESS_DB) / 20))
    return np.asarray(through_a_microphone(pcm(sound), chance) / np.float32(32768.0), np.float32)


def _trimmed(said: Samples) -> Samples:
    first, last = _bounds(said)
    edge = 8 * _WINDOW
    return said[max(0, first - edge) : last + edge]


def _bounds(said: Samples) -> tuple[int, int]:
    """Return between which frames somebody speaks, in a recording that may have noise of its own."""
    whole = max(1, len(said) // _WINDOW)
    power = np.mean(np.square(np.resize(said, whole * _WINDOW).reshape(whole, -1).astype(np.float64)), axis=1)
    decibels = 10 * np.log10(power + 1e-12)
    middle = (decibels.max() + np.quantile(decibels, 0.1)) / 2
    voiced = np.flatnonzero(decibels >= max(decibels.max() - _BELOW_DB, middle))
    return int(voiced[0]) * _WINDOW, (int(voiced[-1]) + 1) * _WINDOW
