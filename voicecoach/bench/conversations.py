"""What the phrase classifier is taught of the coach's own voice: what is left of it, and people who speak over it.

    for conversation in conversations(school.lessons(1500, 1500), alone=300):
        for example in examples(school, everything_said(pack), conversation):
            ...

Rooms and their echoes are others than in the bench. The coach gives way as in a session, and obeys nobody.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from voicecoach.audio.clip import Sentence
from voicecoach.bench.coach import CoachLoop, Moment, coach_room
from voicecoach.bench.conditions import Place
from voicecoach.bench.examples import Example, Said, cut
from voicecoach.bench.lessons import SEED, Lesson, School
from voicecoach.bench.over_coach import Interrupter
from voicecoach.listening.ears import Ears, Engine
from voicecoach.listening.recognizer import Pcm

_LESSONS: Final = 10
"""Things said in one conversation."""
_ALONE_MS: Final = 60_000
_OVER_ECHO_DB: Final = (5, 0, -5, -10)
"""By how much louder a person is than the coach's echo."""
_ALONE_DB: Final = (*_OVER_ECHO_DB, -15, -20)
_PLACES: Final = tuple(Place(metres, rt60_s) for metres in (0.5, 1.0, 1.6, 2.4) for rt60_s in (0.2, 0.35, 0.5, 0.65))


@dataclass(frozen=True, slots=True)
class Conversation:
    """A coach that reads aloud in a room, and what people say over it."""

    lessons: tuple[Lesson, ...]
    """None of them: a minute of the coach alone."""
    over_echo_db: int
    place: Place
    number: int
    """Decides everything else."""


def conversations(lessons: Sequence[Lesson], alone: int) -> list[Conversation]:
    """Return the lessons, said over the coach ten at a time, and so many minutes of the coach alone."""
    chance = random.Random(SEED)
    starts = range(0, len(lessons), _LESSONS)
    everybody: list[tuple[tuple[Lesson, ...], tuple[int, ...]]] = [
        (tuple(lessons[start : start + _LESSONS]), _OVER_ECHO_DB) for start in starts
    ]
    everybody += [((), _ALONE_DB)] * alone
    return [
        Conversation(said, chance.choice(levels), chance.choice(_PLACES), chance.getrandbits(31))
        for said, levels in everybody
    ]


def examples(school: School, sentences: Mapping[str, Sentence], conversation: Conversation) -> Iterator[Example]:
    """Yield what the ears would cut out of a conversation in which the coach reads these sentences in any order."""
    texts = random.Random(conversation.number).sample(list(sentences), len(sentences))
    room = coach_room(
        person_over_echo_db=conversation.over_echo_db,
        rt60_s=conversation.place.rt60_s,
        distance_m=conversation.place.distance_m,
        seed=conversation.number,
    )
    ears = Ears(Engine("none", scorer=_Uncomprehending()), school.pack)
    loop = CoachLoop(ears, school.pack, {text: sentences[text] for text in texts}, room, again=True)
    sounds = [school.renderer.say(lesson.speaker, lesson.text) for lesson in conversation.lessons]
    person = Interrupter(sounds, conversation.number)

    def step(moment: Moment) -> bool:
        return person.step(loop, moment) if conversation.lessons else moment.now_ms < _ALONE_MS

    heard: list[Pcm] = []
    loop.run(step, heard.append)
    said = [Said(one.way, *bounds) for one, bounds in zip(conversation.lessons, person.spoken, strict=True)]
    yield from cut(np.concatenate(heard), said)


class _Uncomprehending:
    """A `Scorer` that makes nothing of anything."""

    ways: Collection[str] = ()

    def log_odds(self, utterance: Pcm, cleaned: Pcm | None) -> Mapping[str, float]:  # noqa: ARG002 - the protocol
        return {}
