from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.commands import ALARMS, Command
from voicecoach.language.pack import load_pack
from voicecoach.listening.decision import (
    AMONG_TALK,
    BELIEVED,
    LEAST_EXPLAINED,
    TALK_MS,
    Accepted,
    Evidence,
    Rejected,
    Verdict,
    decide,
    doubtful_ways,
    ways_to_say,
)
from voicecoach.listening.recognizer import Explanation, Hypothesis, Word
from voicecoach.listening.sensations import Reason

PACK = load_pack("en")
WAYS = tuple(ways_to_say(PACK, PACK.all_phrases))


def evidence(
    odds: Mapping[str, float],
    parts: Mapping[str, float] | None = None,
    *,
    voiced_ms: int = 400,
    talk_before_ms: int = 0,
    untaught: tuple[str, ...] = (),
) -> Evidence:
    """What is known where the scorer gives these log-odds, and very little to all other ways but the untaught."""
    known = {way: -12.0 for way in WAYS if way not in untaught} | dict(odds)
    return Evidence(500, voiced_ms, odds=known, explained=explanations(parts), talk_before_ms=talk_before_ms)


def explanations(parts: Mapping[str, float] | None) -> Mapping[str, Explanation] | None:
    """Return what a second opinion says where it explains so much, each nat of twenty."""
    return None if parts is None else {way: Explanation(part, 20 * part) for way, part in parts.items()}


def verdict(found: Evidence, open_phrases: tuple[str, ...] = PACK.all_phrases, own: tuple[str, ...] = ()) -> Verdict:
    return decide(found, PACK, open_phrases, own)


def recognized(
    text: str, confidence: float = 1.0, open_phrases: tuple[str, ...] = PACK.all_phrases, length_ms: int = 500
) -> Verdict:
    words = tuple(Word(word, 100 * i, 100 * i + 90, confidence) for i, word in enumerate(text.split()))
    return decide(Evidence(length_ms, 400, hypothesis=Hypothesis(words)), PACK, open_phrases, ())


def reason(found: Verdict) -> Reason:
    assert isinstance(found, Rejected)
    return found.reason


@pytest.mark.parametrize("phrase", PACK.all_phrases)
def test_a_phrase_that_the_scorer_knows_is_its_command(phrase: str) -> None:
    found = verdict(evidence({phrase.casefold(): 4.0}))
    assert isinstance(found, Accepted)
    assert (found.command, found.phrase, found.sure) == (PACK.command_of(phrase), phrase, True)


def test_what_the_scorer_takes_for_none_of_them_is_none() -> None:
    assert reason(verdict(evidence({}))) is Reason.POOR_FIT


def test_shares_of_phrases_that_mean_the_same_are_added_up() -> None:
    found = verdict(evidence({"switch foot": 1.0, "switch feet": 1.0, "switch side": 0.8}))
    assert isinstance(found, Accepted)
    assert found.command is Command.SWITCH
    assert found.confidence > 0.85


def test_between_two_commands_that_fit_alike_none_is_chosen() -> None:
    assert reason(verdict(evidence({"louder": 3.0, "longer": 3.0, "quieter": 3.0}))) is Reason.AMBIGUOUS


@pytest.mark.parametrize("words", ["stop stop", "cramp cramp cramp"])
def test_urgent_words_may_be_repeated(words: str) -> None:
    for found in (verdict(evidence({words: 4.0})), recognized(words)):
        assert isinstance(found, Accepted)
        assert found.phrase == words.split(maxsplit=1)[0]


def test_a_phrase_that_is_not_open_is_not_accepted() -> None:
    assert reason(verdict(evidence({"yes": 4.0}), open_phrases=("stop", "cramp"))) is Reason.NOT_A_PHRASE
    assert reason(recognized("yes", open_phrases=("stop", "cramp"))) is Reason.NOT_A_PHRASE


def test_what_the_coach_says_itself_is_not_accepted() -> None:
    assert reason(verdict(evidence({"switch foot": 4.0}), own=("switch feet",))) is Reason.OWN_VOICE


def test_a_blip_is_implausible_and_without_a_scorer_a_drawl() -> None:
    assert reason(verdict(evidence({"stop": 4.0}, voiced_ms=60))) is Reason.TOO_SHORT
    assert reason(recognized("stop", length_ms=1600)) is Reason.TOO_LONG
    assert isinstance(recognized("stop", length_ms=1400), Accepted)


def test_among_talk_it_has_to_be_plain_but_for_alarms() -> None:
    doubtful, plain = {"next": 1.0}, {"next": 3.0}
    assert isinstance(verdict(evidence(doubtful, talk_before_ms=TALK_MS - 1)), Accepted)
    assert reason(verdict(evidence(doubtful, talk_before_ms=TALK_MS))) is Reason.OTHERS_TALK
    assert verdict(evidence(plain, talk_before_ms=TALK_MS)).confidence >= AMONG_TALK
    assert isinstance(verdict(evidence(plain, talk_before_ms=TALK_MS)), Accepted)
    for alarm in ALARMS:
        phrase = PACK.phrases[alarm][0]
        assert isinstance(verdict(evidence({phrase: 1.0}, talk_before_ms=TALK_MS)), Accepted)


def test_a_second_opinion_makes_or_breaks_what_is_in_doubt() -> None:
    odds = {"next": -0.5}
    assert isinstance(verdict(evidence(odds)), Rejected)
    assert isinstance(verdict(evidence(odds, {"next": 1.0})), Accepted)
    odds = {"next": 0.5}
    assert isinstance(verdict(evidence(odds)), Accepted)
    assert isinstance(verdict(evidence(odds, {"next": LEAST_EXPLAINED})), Rejected)


@given(st.floats(-12, 12), st.floats(-12, 12), st.floats(-2, 1), st.floats(-2, 1))
def test_who_need_not_be_asked_would_have_changed_nothing(
    one: float, other: float, words: float, other_words: float
) -> None:
    found = evidence({"next": one, "repeat": other})
    asked = doubtful_ways(found, PACK, ("next", "repeat"))
    told_of = {"next": words, "repeat": other_words}
    told = {way: told_of[way] for way in asked}
    alone = decide(evidence({"next": one, "repeat": other}, told or None), PACK, ("next", "repeat"), ())
    everything = decide(evidence({"next": one, "repeat": other}, told_of), PACK, ("next", "repeat"), ())
    assert isinstance(alone, Accepted) is isinstance(everything, Accepted)
    if isinstance(alone, Accepted) and isinstance(everything, Accepted):
        assert alone.command is everything.command


def test_what_is_plain_needs_no_second_opinion() -> None:
    assert doubtful_ways(evidence({"next": 8.0}), PACK, PACK.all_phrases) == []
    assert doubtful_ways(evidence({}), PACK, PACK.all_phrases) == []
    asked = doubtful_ways(evidence({"next": 0.5, "repeat": -0.5}), PACK, ("next", "repeat", "stop"))
    assert asked == ["next", "repeat"]


def test_what_the_scorer_was_not_taught_is_judged_by_the_second_opinion_alone() -> None:
    taught_nothing = evidence({}, untaught=("carry on",))
    assert doubtful_ways(taught_nothing, PACK, PACK.all_phrases) == ["carry on"]
    for explained, is_believed in ((1.0, True), (0.45, True), (0.35, False)):
        found = verdict(evidence({}, {"carry on": explained}, untaught=("carry on",)))
        assert isinstance(found, Accepted) is is_believed
    assert doubtful_ways(evidence({"next": 8.0}, untaught=("carry on",)), PACK, PACK.all_phrases) == []


def test_over_the_coach_no_transcript_counts_against_a_command() -> None:
    alone = evidence({"next": 0.5}, {"next": LEAST_EXPLAINED})
    over = replace(alone, is_over_coach=True)
    assert isinstance(verdict(alone), Rejected)
    assert verdict(over).confidence == verdict(evidence({"next": 0.5})).confidence
    assert verdict(replace(over, explained=explanations({"next": 1.0}))).confidence > verdict(over).confidence


def test_a_short_word_that_everybody_says_cannot_be_believed_untaught() -> None:
    untaught = evidence({}, {"okay": 1.0}, untaught=("okay",))
    few = replace(untaught, explained={"okay": Explanation(1.0, 5.0)})
    assert isinstance(verdict(untaught), Accepted)
    assert isinstance(verdict(few), Rejected)


def test_confidence_grows_with_the_odds_and_with_what_is_explained() -> None:
    by_odds = [verdict(evidence({"next": odds})).confidence for odds in (-3.0, -1.0, 1.0, 3.0)]
    by_words = [verdict(evidence({"next": 0.0}, {"next": part})).confidence for part in (0.2, 0.4, 0.6, 1.0)]
    assert by_odds == sorted(set(by_odds))
    assert by_words == sorted(set(by_words))
    assert by_odds[0] < BELIEVED < by_odds[-1]


def test_nothing_said_is_no_command() -> None:
    assert reason(recognized("")) is Reason.NO_SPEECH


@pytest.mark.parametrize("words", ["next next", "please stop", "stop please", "cramp back", "back off cramp", "foot"])
def test_words_around_or_missing_from_a_phrase_spoil_it_for_a_recognizer(words: str) -> None:
    assert reason(recognized(words)) is Reason.NOT_A_PHRASE


@pytest.mark.parametrize("words", ["[unk]", "next [unk]", "[unk] next", "stop [unk]"])
def test_unknown_speech_rejects(words: str) -> None:
    assert reason(recognized(words)) is Reason.UNKNOWN_WORDS


def test_urgent_words_may_follow_unknown_speech() -> None:
    found = recognized("[unk] cramp back off")
    assert isinstance(found, Accepted)
    assert found.command is Command.CRAMP


def test_without_a_scorer_the_words_must_be_confident() -> None:
    assert isinstance(recognized("next", 0.9), Accepted)
    assert reason(recognized("next", 0.4)) is Reason.UNSURE


def test_where_the_coach_must_be_addressed_only_alarms_count_without() -> None:
    pack = PACK.model_copy(update={"must_be_addressed": True})
    bare = {way for way in ways_to_say(pack, pack.all_phrases) if not way.startswith("coach ")}
    assert {pack.command_of(ways_to_say(pack, pack.all_phrases)[way]) for way in bare} == ALARMS
