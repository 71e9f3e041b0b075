"""What Moonshine would write down: its tokens, and which phrase that would be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.listening.sounds import Speaker, in_a_quiet_room
from voicecoach.errors import ModelError
from voicecoach.language.pack import load_pack
from voicecoach.listening.decision import ways_to_say
from voicecoach.listening.moonshine import Tokens, model_folder
from voicecoach.listening.transcriber import Transcriber

PACK = load_pack("en")
WAYS = tuple(ways_to_say(PACK, PACK.all_phrases))
RMS = Speaker("en", "rms")


@pytest.fixture(scope="module")
def transcriber() -> Transcriber:
    return Transcriber(WAYS)


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    folder = model_folder()
    assert folder is not None
    return Tokens(folder / "tokenizer.bin")


def test_a_common_word_is_one_token_and_a_made_up_one_is_several(tokens: Tokens) -> None:
    assert len(tokens.of("Next")) == 1
    assert len(tokens.of("Next.")) == 2
    assert tokens.of("Next.")[:1] == tokens.of("Next")
    assert len(tokens.of("wibblefoot")) > 1


def test_a_letter_without_a_piece_is_written_as_its_bytes(tokens: Tokens) -> None:
    assert tokens.of("\u1234")[-3:] == [3 + byte for byte in "\u1234".encode()]


@pytest.mark.parametrize("cut", [1, 2, 1000])
def test_a_damaged_file_of_tokens_is_refused(tmp_path: Path, cut: int) -> None:
    folder = model_folder()
    assert folder is not None
    damaged = tmp_path / "tokenizer.bin"
    damaged.write_bytes((folder / "tokenizer.bin").read_bytes()[:-cut])
    with pytest.raises(ModelError, match="damaged"):
        Tokens(damaged)


@pytest.mark.parametrize("phrase", ["next exercise", "more time", "explain", "switch foot", "what's next"])
def test_the_sound_speaks_most_for_what_was_said(transcriber: Transcriber, phrase: str) -> None:
    ratios = transcriber.log_ratios(in_a_quiet_room(RMS.says(phrase)), WAYS)
    assert WAYS[int(np.argmax(ratios))] == phrase
    assert max(ratios) > 5.0


def test_it_tells_phrases_apart_that_sound_alike() -> None:
    alike = ["continue", "can you", "can't argue", "contain you"]
    ratios = Transcriber(alike).log_ratios(in_a_quiet_room(RMS.says("continue")), alike)
    assert ratios[0] > max(ratios[1:]) + 1.5


def test_silence_and_nothing_speak_for_no_phrase(transcriber: Transcriber) -> None:
    for sound in (np.zeros(16_000, dtype=np.int16), np.zeros(0, dtype=np.int16)):
        assert max(transcriber.log_ratios(sound, WAYS)) < 4.0


def test_the_ratios_of_some_phrases_are_those_among_all(transcriber: Transcriber) -> None:
    sound = in_a_quiet_room(RMS.says("go back"))
    among_all = dict(zip(WAYS, transcriber.log_ratios(sound, WAYS), strict=True))
    some = ("stop", "go back")
    assert transcriber.log_ratios(sound, some) == pytest.approx([among_all[phrase] for phrase in some], abs=0.02)
