"""Which phrases are told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.commands import Command
from voicecoach.errors import VoiceError
from voicecoach.language.pack import LanguagePack, load_pack
from voicecoach.sound_alikes import ALIKE, Sounds, distance, sound_alikes, sounds_of

ENGLISH = load_pack("en")
SOUNDS = st.lists(st.sampled_from(sounds_of("pbtdkɡfvszʃʒθðhmnŋlɹwjiɪeɛæaɑɔoʊuʌəɝt͡ʃd͡ʒ")), min_size=1, max_size=8).map(
    tuple
)


def with_phrases(pack: LanguagePack, **more: list[str]) -> LanguagePack:
    phrases = {command: [*known, *more.get(command.value, ())] for command, known in pack.phrases.items()}
    return pack.model_copy(update={"phrases": phrases})


def found(**more: list[str]) -> list[tuple[str, str, Command]]:
    pack = with_phrases(ENGLISH, **more)
    added = [phrase for phrases in more.values() for phrase in phrases]
    return [(one.phrase, one.other, one.command) for one in sound_alikes(pack, added)]


@pytest.mark.parametrize(
    ("command", "phrase", "other"),
    [
        ("stop", "necks", "next"),
        ("stop", "text", "next"),
        ("next", "stomp", "stop"),
        ("next", "shop", "stop"),
        ("stop", "paws", "pause"),
        ("pause", "switch fruit", "switch foot"),
        ("next", "weight", "wait"),
    ],
)
def test_what_sounds_like_a_phrase_of_another_command_is_found(command: str, phrase: str, other: str) -> None:
    [(said, like, meaning)] = found(**{command: [phrase]})
    assert (said, like) == (phrase, other)
    assert meaning is ENGLISH.command_of(other)


def test_what_sounds_like_a_phrase_of_its_own_command_does_no_harm() -> None:
    assert found(next=["necks"], switch=["switch fruit"], pause=["paws"]) == []


@pytest.mark.parametrize("phrase", ["onward", "keep moving", "lavender", "chocolate cake", "let us do another"])
def test_what_sounds_like_nothing_else_is_left_alone(phrase: str) -> None:
    assert found(next=[phrase]) == []


def test_two_phrases_that_are_both_added_are_told_of_once() -> None:
    assert found(louder=["lavender"], quieter=["levander"]) == [("lavender", "levander", Command.QUIETER)]


def test_words_in_no_dictionary_are_compared_as_they_are_read() -> None:
    assert found(louder=["blorf"], quieter=["blarf"]) == [("blorf", "blarf", Command.QUIETER)]


def test_without_an_answer_of_espeak_that_is_said() -> None:
    pack = ENGLISH.model_copy(update={"voice": ENGLISH.voice.model_copy(update={"espeak": "nobody"})})
    with pytest.raises(VoiceError, match="voice 'nobody'"):
        sound_alikes(pack, ["next"])


def test_sounds_that_are_written_apart_are_one() -> None:
    assert sounds_of("swˈɪtʃ") == sounds_of("swɪt͡ʃ") == ("s", "w", "ɪ", "t͡ʃ")


def test_korean_phrases_are_compared_as_well() -> None:
    pack = with_phrases(load_pack("ko"), stop=["더 그게"])
    assert [(one.phrase, one.command) for one in sound_alikes(pack, ["더 그게"])] == [("더 그게", Command.MORE_TIME)]


@given(SOUNDS, SOUNDS)
def test_a_distance_is_the_same_both_ways_and_nothing_to_itself(one: Sounds, other: Sounds) -> None:
    assert distance(one, one) == 0
    assert distance(one, other) == pytest.approx(distance(other, one))
    assert 0 <= distance(one, other) <= 1
    assert (distance(one, other) == 0) == (one == other)


def test_a_sound_that_is_made_alike_is_nearer_than_another() -> None:
    bat, pat, sat = (sounds_of(word) for word in ("bæt", "pæt", "sæt"))
    assert distance(bat, pat) < distance(bat, sat)


def test_the_shipped_phrases_that_sound_alike_are_few() -> None:
    assert {frozenset((one.phrase, one.other)) for one in sound_alikes(ENGLISH, ENGLISH.all_phrases)} == {
        frozenset(("stop", "start")),
        frozenset(("hold on", "how long")),
    }
    assert 0 < ALIKE < 1
