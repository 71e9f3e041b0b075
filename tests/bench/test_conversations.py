"""What the classifier is taught of the coach's own voice: what is left of it is no phrase; people's phrases are."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from voicecoach.audio.clip import Sentence
from voicecoach.bench.conditions import Noise, Place
from voicecoach.bench.conversations import Conversation, conversations, examples
from voicecoach.bench.lessons import Lesson, School
from voicecoach.bench.rendering import Renderer
from voicecoach.bench.speakers import Cast, Group, Speaker, Synthesizer
from voicecoach.language.pack import load_pack
from voicecoach.speech.clip_cache import ClipCache
from voicecoach.speech.pyttsx3_synthesizer import Pyttsx3Engine, Voice
from voicecoach.speech.speech import Speech

ENGLISH = load_pack("en")
SLT = Speaker("slt", Group.TUNING, Synthesizer.FLITE, "slt")
RADIO = Speaker("radio", Group.TALKING, Synthesizer.ESPEAK, "en-us")
SENTENCES = (
    "Put the ball of your right foot on the rolled towel, heel down. Breathe slowly, and hold it there.",
    "You worked for 16 minutes. Well done.",
    "Do the same with both feet flat on the ground.",
)

pytestmark = pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> School:
    return School(ENGLISH, renderer=Renderer(tmp_path_factory.mktemp("rendered")), who=Cast((SLT, RADIO), ()))


@pytest.fixture(scope="module")
def sentences(kept_clips: Path) -> dict[str, Sentence]:
    speech = Speech(Pyttsx3Engine(Voice("en-us", 150)), ClipCache(kept_clips / "voicecoach" / "clips"))
    return dict(speech.clips(SENTENCES))


def lesson(text: str, way: str | None) -> Lesson:
    return Lesson(SLT, text, way, Noise.NONE, None, 0, 0)


def test_what_is_said_over_the_coach_is_known_and_all_else_is_no_phrase(
    school: School, sentences: dict[str, Sentence]
) -> None:
    said = (lesson("switch foot", "switch foot"), lesson("eleven", None), lesson("go back", "go back"))
    conversation = Conversation(said, 5, Place(1.0, 0.2), 7)
    once, again = (list(examples(school, sentences, conversation)) for _ in range(2))
    ways = [example.way for example in once]
    assert [way for way in ways if way is not None] == ["switch foot", "go back"]
    assert None in ways
    for one, other in zip(once, again, strict=True):
        assert one.way == other.way
        assert np.array_equal(one.utterance.sound, other.utterance.sound)


def test_of_a_coach_alone_only_what_is_left_of_it_is_heard(school: School, sentences: dict[str, Sentence]) -> None:
    left = list(examples(school, sentences, Conversation((), -20, Place(2.4, 0.65), 3)))
    assert left
    assert {example.way for example in left} == {None}


def test_every_lesson_is_said_once_over_the_coach(school: School) -> None:
    lessons = school.lessons(phrases=15, others=10)
    made = conversations(lessons, alone=4)
    assert [one for conversation in made for one in conversation.lessons] == lessons
    assert [len(conversation.lessons) for conversation in made] == [10, 10, 5, 0, 0, 0, 0]
    assert len({conversation.number for conversation in made}) == len(made)
