"""How words are pronounced, for PocketSphinx."""

from __future__ import annotations

import pytest

from voicecoach.listening.pronunciation import pronunciations


def test_a_word_of_the_dictionary_is_pronounced_as_it_says_and_no_other_way() -> None:
    assert pronunciations(["cramp"])["cramp"] == [("K", "R", "AE", "M", "P")]


def test_what_the_language_adds_comes_after_the_dictionary() -> None:
    more = {"cramp": ["K R AA M P"], "blorf": ["B L UW F"]}
    assert pronunciations(["cramp", "blorf"], more) == {
        "cramp": [("K", "R", "AE", "M", "P"), ("K", "R", "AA", "M", "P")],
        "blorf": [("B", "L", "UW", "F")],
    }


@pytest.mark.parametrize("word", ["привет", "이전", "blorf"])
def test_a_word_that_is_in_no_dictionary_has_no_pronunciation(word: str) -> None:
    assert pronunciations([word])[word] == []
