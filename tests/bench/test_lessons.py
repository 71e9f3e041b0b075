"""What the classifier is taught with: never a phrase under another name, and the same each time."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from voicecoach.audio.clip import Samples
from voicecoach.bench import lessons as lessons_module
from voicecoach.bench.conditions import Noise
from voicecoach.bench.examples import Example
from voicecoach.bench.lessons import Lesson, School, unrelated, wordings
from voicecoach.bench.rendering import Renderer
from voicecoach.bench.speakers import Cast, Group, Speaker, Synthesizer
from voicecoach.bench.texts import near_misses, plain, same_sounding
from voicecoach.language.pack import load_pack
from voicecoach.listening.decision import ways_to_say

ENGLISH = load_pack("en")
WAYS = ways_to_say(ENGLISH, ENGLISH.all_phrases)
SLT = Speaker("slt", Group.TUNING, Synthesizer.FLITE, "slt")
RADIO = Speaker("radio", Group.TALKING, Synthesizer.ESPEAK, "en-us")

pytestmark = pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> School:
    return School(ENGLISH, renderer=Renderer(tmp_path_factory.mktemp("rendered")), who=Cast((SLT, RADIO), ()))


@pytest.fixture(scope="module")
def lessons(school: School) -> list[Lesson]:
    return school.lessons(phrases=300, others=200)


def test_what_is_none_of_the_phrases_is_none() -> None:
    texts = unrelated(ENGLISH)
    assert len(texts) > 2000
    assert not {plain(text) for text in texts} & {plain(way) for way in WAYS}
    assert not same_sounding(ENGLISH, texts)
    assert not {plain(text) for text in texts} & {plain(text) for text in near_misses(ENGLISH)}, "learnt by heart"


def test_a_polite_phrase_is_the_phrase_and_nothing_else() -> None:
    assert {"stop, please", "please stop", "okay, stop", "coach, stop"} <= set(wordings(ENGLISH, "stop"))
    assert "next, please" in wordings(ENGLISH, "next")
    assert wordings(ENGLISH, "easier") == ("coach, easier",)
    polite = {plain(text) for way in WAYS for text in wordings(ENGLISH, way)}
    assert not polite & {plain(text) for text in unrelated(ENGLISH)}


def test_lessons_are_repeated_elsewhere_and_what_is_new_comes_more_often(school: School) -> None:
    twice = school.lessons(phrases=300, others=200, times=2, known=[way for way in WAYS if way != "ouch"])
    assert len(twice) == 1000
    said = Counter((one.speaker, one.text) for one in twice)
    assert all(count % 2 == 0 for count in said.values())
    assert len({one.number for one in twice}) == 1000
    of_each = Counter(one.way for one in twice if one.way is not None)
    assert of_each["ouch"] > 2 * sum(of_each.values()) / len(WAYS)


def test_whoever_says_phrases_says_other_things_too(school: School, lessons: list[Lesson]) -> None:
    assert school.speakers[0] == SLT
    assert len(school.speakers) == 11
    assert {one.speaker.voice for one in lessons if one.way is None} == {"slt"}
    assert sum(one.way is not None for one in lessons) == 300
    phrases = [one for one in lessons if one.way is not None]
    assert all(one.way in WAYS for one in phrases)
    assert all(one.text == one.way or one.text in wordings(ENGLISH, one.way) for one in phrases if one.way)
    assert 0.6 < sum(one.text == one.way for one in phrases) / len(phrases) < 0.95
    assert {one.noise for one in lessons} == set(Noise) - {Noise.COACH}


def test_a_phrase_is_cut_out_as_the_ears_do(school: School, lessons: list[Lesson]) -> None:
    lesson = replace(lessons[0], speaker=SLT, text="switch foot", way="switch foot", noise=Noise.NONE, place=None)
    [example] = school.examples(lesson)
    assert example.way == "switch foot"
    assert 300 < example.utterance.end_ms - example.utterance.start_ms < 1200
    [other] = school.examples(replace(lesson, text="twitch food", way=None))
    assert other.way is None


def test_the_same_lesson_sounds_the_same(school: School, lessons: list[Lesson]) -> None:
    lesson = replace(lessons[0], speaker=SLT, text="go back", way="go back", noise=Noise.STEADY, snr_db=24, place=None)
    for number in range(4):
        once, again = (list(school.examples(replace(lesson, number=number))) for _ in range(2))
        assert [example.way for example in once] == [example.way for example in again]
        assert "go back" in [example.way for example in once]
        for one, other in zip(once, again, strict=True):
            assert np.array_equal(one.utterance.sound, other.utterance.sound)
    assert school.lessons(phrases=300, others=200) == lessons


def test_teaching_voices_say_a_thing_faster_and_slower_each_time(
    tmp_path: Path, lessons: list[Lesson], monkeypatch: pytest.MonkeyPatch
) -> None:
    # In a hiss it would seem shorter or longer.
    monkeypatch.setattr(lessons_module, "through_a_microphone", lambda sound, chance: sound)  # noqa: ARG005
    slt = replace(SLT, group=Group.TEACHING)
    school = School(ENGLISH, renderer=Renderer(tmp_path), who=Cast((slt, RADIO), ()))
    lesson = replace(lessons[0], speaker=slt, text="more time", way="more time", noise=Noise.NONE, place=None)
    lasting = {number: sum_ms(school.examples(replace(lesson, number=number))) for number in range(12)}
    shortest, longest = min(lasting.values()), max(lasting.values())
    assert 1.3 < longest / shortest < 1.5
    usual = sum_ms(school.examples(replace(lesson, speaker=SLT)))
    assert shortest < usual < longest


def sum_ms(examples: Iterable[Example]) -> int:
    return sum(one.utterance.end_ms - one.utterance.start_ms for one in examples)


def test_most_of_what_is_said_somebody_else_says(
    tmp_path: Path, lessons: list[Lesson], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lessons_module, "through_a_microphone", lambda sound, chance: sound)  # noqa: ARG005
    asked: list[float] = []

    def drawn_out(said: Samples, chance: random.Random) -> Samples:
        asked.append(chance.random())
        return np.repeat(said, 2)

    school = School(ENGLISH, renderer=Renderer(tmp_path), who=Cast((SLT, RADIO), ()), revoice=drawn_out)
    lesson = replace(lessons[0], speaker=SLT, text="more time", way="more time", noise=Noise.NONE, place=None)
    lasting = [sum_ms(school.examples(replace(lesson, number=number))) for number in range(40)]
    assert 15 < len(asked) < 35
    assert len(set(asked)) == len(asked), "somebody else each time"
    assert sum(ms > 1.5 * min(lasting) for ms in lasting) == len(asked)
