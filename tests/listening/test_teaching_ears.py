"""The ears while the coach is taught by voice, with the real engines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.listening.sounds import Speaker, in_a_quiet_room
from voicecoach.language.pack import load_pack
from voicecoach.listening.person import PersonProfile
from voicecoach.listening.phoneme_verifier import PhonemeVerifier
from voicecoach.listening.pocketsphinx_recognizer import PocketSphinxRecognizer
from voicecoach.listening.recognizer import Pcm
from voicecoach.listening.sensations import Heard, Ignored
from voicecoach.listening.teaching import Teacher
from voicecoach.listening.teaching_ears import TeachingEars

PACK = load_pack("en")
SLT, RMS = Speaker("en", "slt"), Speaker("en", "rms")


@pytest.fixture(scope="module")
def models() -> Teacher:
    return Teacher(PACK)


class Lesson:
    def __init__(self, models: Teacher, recognizer: PocketSphinxRecognizer, verifier: PhonemeVerifier) -> None:
        self.kept: list[PersonProfile] = []
        self.ears = TeachingEars(recognizer, verifier, PACK, models.fresh(), self.kept.append)

    def hears(self, *sounds: Pcm, phrases: Sequence[str], saying: str | None = None) -> list[str]:
        """Return what came of it: the phrase, or the reason."""
        sound = in_a_quiet_room(*sounds)
        found = []
        for frame in sound[: len(sound) - len(sound) % 320].reshape(-1, 320):
            for sensation in self.ears.feed(frame, phrases, saying):
                match sensation:
                    case Heard(phrase=phrase):
                        found.append(phrase)
                    case Ignored(reason=reason):
                        found.append(reason.value)
        return found


@pytest.fixture
def lesson(models: Teacher, pocketsphinx: PocketSphinxRecognizer, verifier: PhonemeVerifier) -> Lesson:
    return Lesson(models, pocketsphinx, verifier)


ASKED = ("other foot", "stop", "finish", "end session")


def test_the_phrase_that_is_asked_for_is_understood_and_kept_when_it_was_said_twice(lesson: Lesson) -> None:
    assert lesson.hears(SLT.says("other foot"), phrases=ASKED) == ["other foot"]
    assert lesson.kept == []
    assert lesson.hears(RMS.says("other foot"), phrases=ASKED) == ["other foot"]
    [kept] = lesson.kept
    assert set(kept.sayings) == {"other foot"}


def test_something_else_teaches_nothing(lesson: Lesson) -> None:
    assert lesson.hears(SLT.says("explain"), phrases=ASKED) == ["poor_fit"]
    assert lesson.kept == []


def test_the_words_that_end_the_lesson_are_understood_as_such(lesson: Lesson) -> None:
    assert lesson.hears(SLT.says("stop"), phrases=ASKED) == ["stop"]
    assert lesson.hears(SLT.says("finish"), phrases=ASKED) == ["finish"]
    assert lesson.kept == []


def test_a_word_that_ends_the_lesson_is_learnt_where_it_is_asked_for(lesson: Lesson) -> None:
    asked = ("finish", "stop")
    assert lesson.hears(SLT.says("finish"), phrases=asked) == ["finish"]
    assert lesson.hears(RMS.says("finish"), phrases=asked) == ["finish"]
    assert set(lesson.kept[-1].sayings) == {"finish"}


def test_nothing_is_learnt_of_what_the_coach_says_itself(lesson: Lesson) -> None:
    heard = lesson.hears(SLT.says("other foot"), phrases=ASKED, saying="Say: other foot.")
    assert heard == ["own_voice"]
    assert lesson.hears(SLT.says("other foot"), phrases=ASKED) == ["other foot"]
    assert lesson.kept == []


def test_where_nothing_is_asked_for_nothing_is_understood(lesson: Lesson) -> None:
    assert set(lesson.hears(SLT.says("other foot"), phrases=())) <= {"not_a_phrase"}


def test_noise_teaches_nothing(lesson: Lesson) -> None:
    burst = np.random.default_rng(2).normal(0, 3_000, 8_000).astype(np.int16)
    assert ASKED[0] not in lesson.hears(burst, phrases=ASKED)


def test_what_was_learnt_before_stays_and_is_not_confused_with_what_is_new(models: Teacher) -> None:
    first = models.fresh()
    said = [in_a_quiet_room(speaker.says("repeat")) for speaker in (SLT, RMS)]
    for sound in said:
        first.take("repeat", sound)
    known = first.profile()
    assert set(known.sayings) == {"repeat"}
    later = Teacher(PACK, known)
    for speaker in (SLT, RMS):
        later.take("other foot", in_a_quiet_room(speaker.says("other foot")))
    assert set(later.profile().sayings) == {"repeat", "other foot"}
    for sound in said:
        # It sounds rather like "ready", and is known for "repeat".
        later.take("ready", sound)
    assert not later.keeps("ready")
