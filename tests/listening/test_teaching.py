from __future__ import annotations

import numpy as np
import pytest

from tests.listening.sounds import Speaker, in_a_quiet_room
from voicecoach.errors import ModelError
from voicecoach.language.pack import load_pack
from voicecoach.listening.recognizer import Pcm
from voicecoach.listening.segmenter import utterances
from voicecoach.listening.teaching import Judgement, Teacher

PACK = load_pack("en")
SLT, RMS = Speaker("en", "slt"), Speaker("en", "rms")


def voice(sound: Pcm) -> Pcm:
    return utterances(sound)[0].sound


@pytest.fixture(scope="module")
def models() -> Teacher:
    return Teacher(PACK)


@pytest.fixture
def teacher(models: Teacher) -> Teacher:
    return models.fresh()


def test_the_first_is_believed_the_second_has_to_agree_and_other_words_are_refused(teacher: Teacher) -> None:
    assert teacher.take("other foot", voice(in_a_quiet_room(SLT.says("other foot")))) is Judgement.FIRST
    assert teacher.take("other foot", voice(in_a_quiet_room(RMS.says("other foot")))) is Judgement.AGREES
    assert teacher.take("other foot", voice(in_a_quiet_room(SLT.says("explain")))) is Judgement.OTHER_WORDS


def test_what_was_said_once_is_not_kept(teacher: Teacher) -> None:
    teacher.take("repeat", voice(in_a_quiet_room(SLT.says("repeat"))))
    assert teacher.profile().sayings == {}


def test_what_sounds_like_another_command_is_not_kept(teacher: Teacher) -> None:
    said = voice(in_a_quiet_room(SLT.says("repeat")))
    for phrase in ("repeat", "repeat", "ready", "ready"):
        # This voice's "repeat" sounds rather like "ready", and must not become it.
        assert teacher.take(phrase, said) is not Judgement.OTHER_WORDS
    assert teacher.profile().sayings == {}


def test_silence_teaches_nothing(teacher: Teacher) -> None:
    assert teacher.take("repeat", np.zeros(8_000, dtype=np.int16)) is Judgement.OTHER_WORDS


def test_only_languages_of_the_phoneme_model_can_be_taught() -> None:
    with pytest.raises(ModelError, match="teach in English"):
        Teacher(load_pack("ko"))
