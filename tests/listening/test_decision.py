from __future__ import annotations

from collections.abc import Mapping

import pytest

from voicecoach.commands import Command
from voicecoach.language.pack import load_pack
from voicecoach.listening.decision import Accepted, Cleaned, Evidence, Rejected, Verdict, decide, ways_to_say
from voicecoach.listening.recognizer import Hypothesis, Word
from voicecoach.listening.scoring import NOBODY, Offsets
from voicecoach.listening.sensations import Reason

PACK = load_pack("en")


def verdict(
    text: str,
    scores: Mapping[str, float] | None = None,
    *,
    open_phrases: tuple[str, ...] = PACK.all_phrases,
    own: tuple[str, ...] = (),
    length_ms: int = 500,
    voiced_ms: int = 400,
    offsets: Offsets = NOBODY,
) -> Verdict:
    """Judge what the recognizer takes for `text`, which the verifier agrees with unless told otherwise."""
    known = dict.fromkeys(ways_to_say(PACK, PACK.all_phrases), -8.0)
    known |= scores if scores is not None else {text: -0.1} if text in known else {}
    return decide(Evidence(heard(text), known, length_ms, voiced_ms), PACK, open_phrases, own, offsets)


def unverified(
    text: str, confidence: float = 1.0, open_phrases: tuple[str, ...] = PACK.all_phrases, length_ms: int = 500
) -> Verdict:
    return decide(Evidence(heard(text, confidence), None, length_ms, 400), PACK, open_phrases, ())


def heard(text: str, confidence: float = 1.0) -> Hypothesis:
    return Hypothesis(tuple(Word(word, 100 * i, 100 * i + 90, confidence) for i, word in enumerate(text.split())))


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
    assert reason(unverified("")) is Reason.NO_SPEECH


@pytest.mark.parametrize("words", ["next next", "please stop", "stop please", "cramp back", "back off cramp", "foot"])
def test_words_around_or_missing_from_a_phrase_spoil_it(words: str) -> None:
    assert reason(verdict(words)) is Reason.POOR_FIT
    assert reason(unverified(words)) is Reason.NOT_A_PHRASE


@pytest.mark.parametrize("words", ["[unk]", "next [unk]", "[unk] next", "stop [unk]"])
def test_unknown_speech_rejects(words: str) -> None:
    assert reason(verdict(words, {"next": -0.1})) is Reason.UNKNOWN_WORDS
    assert reason(unverified(words)) is Reason.UNKNOWN_WORDS


def test_urgent_words_may_follow_unknown_speech() -> None:
    for found in (verdict("[unk] [unk] cramp back off", {"cramp back off": -0.3}), unverified("[unk] cramp back off")):
        assert isinstance(found, Accepted)
        assert found.command is Command.CRAMP


@pytest.mark.parametrize("words", ["stop stop", "cramp cramp cramp"])
def test_urgent_words_may_be_repeated(words: str) -> None:
    found = verdict(words)
    assert isinstance(found, Accepted)
    assert found.phrase == words.split(maxsplit=1)[0]


def test_a_phrase_that_is_not_open_is_not_accepted() -> None:
    assert reason(verdict("yes", open_phrases=("stop", "cramp"))) is Reason.NOT_A_PHRASE
    assert reason(unverified("yes", open_phrases=("stop", "cramp"))) is Reason.NOT_A_PHRASE


def test_what_the_coach_says_itself_is_not_accepted() -> None:
    assert reason(verdict("switch foot", own=("switch foot", "switch feet", "switch side"))) is Reason.OWN_VOICE


def test_a_sound_that_does_not_fit_the_phrase_is_rejected() -> None:
    assert reason(verdict("next", {"next": -4.0})) is Reason.POOR_FIT


def test_the_verifier_may_overrule_the_recognizer_where_only_its_phrase_fits() -> None:
    found = verdict("go back", {"explain": -0.1})
    assert isinstance(found, Accepted)
    assert found.command is Command.EXPLAIN


def test_the_recognizer_decides_between_phrases_that_fit_alike() -> None:
    for phrase, other in (("louder", "longer"), ("longer", "louder")):
        found = verdict(phrase, {phrase: -0.4, other: -0.4})
        assert isinstance(found, Accepted)
        assert found.phrase == phrase


def test_another_phrase_of_the_same_command_is_no_rival() -> None:
    found = verdict("switch feet", {"switch feet": -0.6, "switch foot": -0.6})
    assert isinstance(found, Accepted)
    assert found.command is Command.SWITCH


def test_a_blip_is_implausible_and_without_a_verifier_a_drawl() -> None:
    assert reason(verdict("stop", voiced_ms=60)) is Reason.TOO_SHORT
    assert reason(unverified("stop", length_ms=1600)) is Reason.TOO_LONG
    assert isinstance(unverified("stop", length_ms=1400), Accepted)


def test_with_a_verifier_something_may_go_on_after_a_command() -> None:
    assert isinstance(verdict("back off", length_ms=2400), Accepted)


def test_confidence_falls_with_the_fit() -> None:
    fits = [verdict("next", {"next": score}).confidence for score in (0.0, -0.5, -1.5, -4.0)]
    assert fits == sorted(fits, reverse=True)
    assert fits[0] > 0.8
    assert fits[-1] < 0.2


def test_what_is_known_of_a_person_shifts_the_score() -> None:
    usual, shy, doubted = (
        verdict("next", {"next": -1.0}, offsets=Offsets({Command.NEXT: nats})) for nats in (0.0, 1.0, -3.0)
    )
    assert doubted.confidence < usual.confidence < shy.confidence
    assert isinstance(doubted, Rejected)


def test_both_hearings_that_agree_are_worth_more_than_one() -> None:
    known = dict.fromkeys(ways_to_say(PACK, PACK.all_phrases), -8.0) | {"next": -1.2}

    def confidence(again: str) -> float:
        evidence = Evidence(heard("next"), known, 500, 400, 6.0, Cleaned(heard(again), known))
        return decide(evidence, PACK, PACK.all_phrases, ()).confidence

    assert confidence("next") > confidence("pain")


@pytest.mark.parametrize("phrase", ["next", "pause"])
def test_it_takes_more_to_be_believed_in_noise(phrase: str) -> None:
    known = dict.fromkeys(ways_to_say(PACK, PACK.all_phrases), -8.0)
    doubtful = known | {phrase: -1.8 if phrase == "next" else -2.28}
    plain = known | {phrase: 0.0}

    def judged(scores: Mapping[str, float], stands_out_db: float) -> Verdict:
        return decide(Evidence(heard(phrase), scores, 500, 400, stands_out_db), PACK, PACK.all_phrases, ())

    assert isinstance(judged(doubtful, 25.0), Accepted)
    assert isinstance(judged(doubtful, 14.0), Rejected)
    assert isinstance(judged(plain, 14.0), Accepted)


def test_what_hardly_stands_out_is_given_credit_for_noise_and_a_scrap_of_talk_is_not() -> None:
    known = dict.fromkeys(ways_to_say(PACK, PACK.all_phrases), -8.0) | {"carry on": -2.0}
    written = dict.fromkeys(("carry on", "hold on", "how long"), 0.0) | {"carry on": 5.0}

    def confidence(stands_out_db: float) -> float:
        evidence = Evidence(heard("carry on"), known, 500, 400, stands_out_db, written=written)
        return decide(evidence, PACK, PACK.all_phrases, ()).confidence

    in_quiet, in_noise, scrap = (confidence(stands_out_db) for stands_out_db in (25.0, 11.0, 0.0))
    assert in_noise > in_quiet
    assert in_noise > scrap


def test_without_a_verifier_the_words_must_be_confident() -> None:
    assert isinstance(unverified("next", 0.9), Accepted)
    assert reason(unverified("next", 0.4)) is Reason.UNSURE
