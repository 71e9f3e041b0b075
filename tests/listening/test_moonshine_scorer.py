"""The scorer of English and its second opinion, on recorded voices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.listening.sounds import Speaker, in_a_quiet_room, silence
from voicecoach.errors import ModelError
from voicecoach.language.pack import load_pack
from voicecoach.listening import moonshine_scorer
from voicecoach.listening.decision import ways_to_say
from voicecoach.listening.ears import Engine
from voicecoach.listening.factory import open_ears
from voicecoach.listening.grammar_opinion import GrammarOpinion
from voicecoach.listening.moonshine import Decoder, Encoder
from voicecoach.listening.moonshine_scorer import MoonshineOpinion, MoonshineScorer
from voicecoach.listening.pocketsphinx_recognizer import PocketSphinxRecognizer
from voicecoach.listening.recognizer import Scorer, UnknownWordsError

PACK = load_pack("en")
SLT, RMS = Speaker("en", "slt"), Speaker("en", "rms")
CALLS = ("coach start feet", "coach start feet quick", "coach again", "coach good night")


@pytest.fixture(scope="module")
def opinion() -> MoonshineOpinion:
    return MoonshineOpinion(("stop", "start", "next", "skip", *CALLS), "coach")


@pytest.fixture
def scorer(engine: Engine) -> Scorer:
    assert engine.scorer is not None
    return engine.scorer


@pytest.mark.parametrize("speaker", [SLT, RMS], ids=lambda speaker: speaker.voice)
@pytest.mark.parametrize("phrase", ["stop", "cramp back off", "where am I", "no"])
def test_what_was_said_has_the_best_odds(scorer: Scorer, speaker: Speaker, phrase: str) -> None:
    odds = scorer.log_odds(in_a_quiet_room(speaker.says(phrase)), None)
    assert max(odds, key=odds.__getitem__) == phrase.casefold()
    assert odds[phrase.casefold()] > 0


def test_silence_and_hiss_are_none_of_them(scorer: Scorer) -> None:
    hiss = np.random.default_rng(2).normal(0.0, 300.0, 16_000).astype(np.int16)
    for sound in (np.zeros(16_000, np.int16), hiss):
        assert max(scorer.log_odds(sound, None).values()) < 0


def test_a_second_form_counts_as_much_as_the_first(scorer: Scorer) -> None:
    one, other = (in_a_quiet_room(speaker.says("next")) for speaker in (SLT, RMS))
    apart = [scorer.log_odds(sound, None)["next"] for sound in (one, other)]
    assert scorer.log_odds(one, other)["next"] == pytest.approx(np.mean(apart), abs=1e-3)


def test_the_words_that_were_said_are_explained_and_others_are_not(opinion: MoonshineOpinion) -> None:
    for call in CALLS[1:]:
        explained = opinion.explained(in_a_quiet_room(SLT.says(call)), CALLS)
        assert max(CALLS, key=lambda way: explained[way].part) == call
        assert explained[call].part > 0.6
        assert explained[call].nats > 8
    explained = opinion.explained(in_a_quiet_room(RMS.says("explain")), (*CALLS, "stop", "next"))
    assert max(one.part for one in explained.values()) < 0.4


def test_whom_it_is_said_to_makes_no_difference(opinion: MoonshineOpinion) -> None:
    alone = opinion.explained(in_a_quiet_room(RMS.says("stop")), ("stop", "start"))
    called = opinion.explained(in_a_quiet_room(RMS.says("coach"), silence(50), RMS.says("stop")), ("stop", "start"))
    assert alone["stop"].part > alone["start"].part
    assert called["stop"].part > max(0.4, called["start"].part)


@pytest.mark.parametrize("text", ["please stop", "stop, please", "okay, stop", "coach, stop"])
def test_how_politely_it_is_written_makes_no_difference(opinion: MoonshineOpinion, text: str) -> None:
    written = {part for tokens in opinion._texts["stop"] for part in [opinion._decoder.tokens.text(tokens)]}
    assert text in {one.casefold() for one in written}


def test_it_says_the_same_however_many_it_is_asked_about(opinion: MoonshineOpinion) -> None:
    sound = in_a_quiet_room(SLT.says("coach start feet quick"))
    few, many = opinion.explained(sound, CALLS[:2]), opinion.explained(sound, ("stop", "start", "next", *CALLS))
    assert many[CALLS[1]].part == pytest.approx(few[CALLS[1]].part, abs=0.01)


def test_words_that_nobody_writes_in_english_are_named() -> None:
    pack = PACK.model_copy(update={"phrases": {**PACK.phrases, "next": ["다음", "onward"]}})
    with pytest.raises(UnknownWordsError, match="'다음'") as caught:
        open_ears(pack, engine="moonshine")
    assert caught.value.words == ("다음",)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"x" * 1000])
def test_a_damaged_classifier_is_told(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "en.npz").write_bytes(content)
    monkeypatch.setattr(moonshine_scorer, "classifier_file", lambda language: tmp_path / f"{language}.npz")
    with pytest.raises(ModelError, match="missing or damaged"):
        MoonshineScorer()
    with pytest.raises(ModelError):
        open_ears(PACK, engine="moonshine")
    assert open_ears(PACK).engine.name == "PocketSphinx"


def test_a_machine_with_little_memory_does_without_a_second_opinion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moonshine_scorer, "SECOND_OPINION_MEMORY_MB", 1 << 30)
    assert open_ears(PACK, engine="moonshine").engine.second_opinion() is None


def test_a_grammar_explains_what_it_hears_and_nothing_else(pocketsphinx: PocketSphinxRecognizer) -> None:
    opinion = GrammarOpinion(pocketsphinx, tuple(ways_to_say(PACK, PACK.all_phrases)))
    explained = opinion.explained(in_a_quiet_room(SLT.says("next")), ("next", "stop"))
    assert (explained["next"].part, explained["stop"].part) == (1.0, 0.0)


def test_a_sound_of_any_length_can_be_written_down() -> None:
    encoder, decoder = Encoder(), Decoder()
    said = SLT.says("switch foot")
    for times in (1, 20):
        text, chance = decoder.write_down(encoder.encode(np.concatenate([said] * times)), 8)
        assert text
        assert chance < 0
