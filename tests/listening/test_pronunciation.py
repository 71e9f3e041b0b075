"""How words are pronounced that nobody wrote down."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicecoach.listening.pronunciation import PHONEMES, guess, pronunciations


def test_a_word_of_the_dictionary_is_pronounced_as_it_says_and_no_other_way() -> None:
    assert pronunciations(["cramp"])["cramp"] == [("K", "R", "AE", "M", "P")]


def test_what_the_language_adds_comes_after_the_dictionary() -> None:
    more = {"cramp": ["K R AA M P"], "blorf": ["B L UW F"]}
    assert pronunciations(["cramp", "blorf"], more) == {
        "cramp": [("K", "R", "AE", "M", "P"), ("K", "R", "AA", "M", "P")],
        "blorf": [("B", "L", "UW", "F")],
    }


@pytest.mark.parametrize(
    ("word", "phonemes"),
    [
        ("blorf", "B L AO R F"),
        ("wuzzle", "W AH Z AH L"),
        ("voicecoach", "V OY S K OW CH"),
        ("vokuhila", "V OW K UW HH IY L AH"),
    ],
)
def test_a_word_that_is_in_no_dictionary_is_read_aloud(word: str, phonemes: str) -> None:
    assert pronunciations([word])[word] == [tuple(phonemes.split())]


@pytest.mark.parametrize("word", ["привет", "이전", "γειά"])
def test_what_is_not_written_in_latin_letters_is_not_guessed_at(word: str) -> None:
    assert pronunciations([word])[word] == []


def test_without_the_library_nothing_is_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicecoach.listening.pronunciation._reader", lambda: None)
    assert pronunciations(["blorf", "next"])["blorf"] == []
    assert pronunciations(["next"])["next"] != []


@settings(max_examples=15)
@given(st.text(st.characters(categories=["Ll"]), min_size=1, max_size=30))
def test_whatever_is_guessed_has_phonemes_of_the_dictionary_only(word: str) -> None:
    guessed = guess(word)
    assert guessed is None or (guessed and set(guessed) <= PHONEMES)
