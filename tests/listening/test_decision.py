from __future__ import annotations

from collections.abc import Mapping

import pytest

from voicecoach.commands import Command
from voicecoach.language.pack import load_pack
from voicecoach.listening.decision import Accepted, Evidence, Reason, Rejected, Verdict, decide, ways_to_say
from voicecoach.listening.recognizer import Hypothesis, Word

PACK = load_pack("en")


def verdict(
    text: str,
    scores: Mapping[str, float] | None = None,
    *,
    open_phrases: tuple[str, ...] = PACK.all_phrases,
    own: tuple[str, ...] = (),
    confidence: float = 1.0,
    length_ms: int = 500,
    voiced_ms: int = 400,
) -> Verdict:
    words = tuple(Word(word, 100 * i, 100 * i + 90, confidence) for i, word in enumerate(text.split()))
    known = dict.fromkeys(ways_to_say(PACK, PACK.all_phrases), -8.0) | dict(scores or {text: -0.1})
    return decide(Evidence(Hypothesis(words), known, length_ms, voiced_ms), PACK, open_phrases, own)


def reason(found: Verdict) -> Reason:
    assert isinstance(found, Rejected)
    return found.reason


@pytest.mark.parametrize("phrase", PACK.all_phrases)
def test_a_phrase_that_fits_is_its_command(phrase: str) -> None:
    found = verdict(phrase.lower())
    assert isinstance(found, Accepted)
    assert (found.command, found.phrase) == (PACK.command_of(phrase), phrase)


def test_nothing_said_is_no_command() -> None:
    assert reason(verdict("")) is Reason.NO_SPEECH


@pytest.mark.parametrize("words", ["next next", "please stop", "stop please", "cramp back", "back off cramp", "foot"])
def test_words_around_or_missing_from_a_phrase_spoil_it(words: str) -> None:
    assert reason(verdict(words)) is Reason.NOT_A_PHRASE


@pytest.mark.parametrize("words", ["[unk]", "next [unk]", "[unk] next", "stop [unk]"])
def test_unknown_speech_rejects(words: str) -> None:
    assert reason(verdict(words)) is Reason.UNKNOWN_WORDS


def test_urgent_words_may_follow_unknown_speech() -> None:
    found = verdict("[unk] [unk] cramp back off", {"cramp back off": -0.5})
    assert isinstance(found, Accepted)
    assert found.command is Command.CRAMP


@pytest.mark.parametrize("words", ["stop stop", "cramp cramp cramp"])
def test_urgent_words_may_be_repeated(words: str) -> None:
    found = verdict(words)
    assert isinstance(found, Accepted)
    assert found.phrase == words.split(maxsplit=1)[0]


def test_a_phrase_that_is_not_open_is_not_accepted() -> None:
    assert reason(verdict("yes", open_phrases=("stop", "cramp"))) is Reason.NOT_A_PHRASE


def test_what_the_coach_says_itself_is_not_accepted() -> None:
    assert reason(verdict("switch foot", own=("switch foot",))) is Reason.OWN_VOICE


def test_a_sound_that_does_not_fit_the_phrase_is_rejected() -> None:
    assert reason(verdict("next", {"next": -3.0})) is Reason.POOR_FIT


def test_a_middling_fit_is_enough_only_where_nothing_fits_better() -> None:
    assert isinstance(verdict("next", {"next": -2.0}), Accepted)
    assert reason(verdict("next", {"next": -2.0, "yes": -1.9})) is Reason.POOR_FIT


def test_a_clearly_better_fit_of_another_command_makes_it_ambiguous() -> None:
    assert reason(verdict("start", {"start": -1.2, "stop": -0.1})) is Reason.AMBIGUOUS


def test_another_phrase_of_the_same_command_is_no_rival() -> None:
    assert isinstance(verdict("switch feet", {"switch feet": -1.2, "switch foot": 0.0}), Accepted)


def test_a_blip_and_a_drawl_are_implausible() -> None:
    assert reason(verdict("stop", voiced_ms=60)) is Reason.TOO_SHORT
    assert reason(verdict("stop", length_ms=1600)) is Reason.TOO_LONG


def test_confidence_falls_with_the_fit() -> None:
    fits = [verdict("next", {"next": score}).confidence for score in (0.0, -0.5, -1.5, -4.0)]
    assert fits == sorted(fits, reverse=True)
    assert fits[0] == 1.0


def test_without_a_verifier_the_words_must_be_confident() -> None:
    def alone(confidence: float) -> Verdict:
        words = Hypothesis((Word("next", 0, 400, confidence),))
        return decide(Evidence(words, None, 400, 400), PACK, PACK.all_phrases, ())

    assert isinstance(alone(0.9), Accepted)
    assert reason(alone(0.4)) is Reason.UNSURE


CALLED = PACK.called(PACK.calls.routines)
BOTH = PACK.with_phrases_of(CALLED)


@pytest.mark.parametrize(
    ("scores", "phrase"),
    [
        ({"coach start feet": -0.6, "coach start feet quick": -0.4}, "coach start feet quick"),
        ({"coach start feet": -0.4, "coach start feet quick": -2.4}, "coach start feet"),
        ({"coach start feet": -0.6, "coach start quick feet": -0.4}, "coach start feet"),
    ],
)
def test_a_last_word_that_the_recognizer_lost_is_heard_by_the_verifier(
    scores: Mapping[str, float], phrase: str
) -> None:
    known = dict.fromkeys(ways_to_say(BOTH, BOTH.all_phrases), -8.0) | dict(scores)
    words = tuple(Word(word, 100 * i, 100 * i + 90, 1.0) for i, word in enumerate(["coach", "start", "feet"]))
    found = decide(Evidence(Hypothesis(words), known, 900, 800), BOTH, CALLED.all_phrases, ())
    assert isinstance(found, Accepted)
    assert found.phrase == phrase
