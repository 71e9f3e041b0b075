from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from voicecoach.errors import UsageError
from voicecoach.language.pack import load_pack
from voicecoach.rehearsal.voices import FOLDER, known_phrases, recording, spoken, voices_of

RECORDINGS = sorted(FOLDER.rglob("*.flac"))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_voice_says_every_phrase_of_its_language(language: str) -> None:
    pack = load_pack(language)
    assert known_phrases(language) == pack.all_phrases
    said = {pack.address, *pack.all_phrases, *pack.called(pack.calls.routines).all_phrases}
    files = {recording(language, voice, phrase) for voice in voices_of(language) for phrase in said}
    assert all(file.is_file() for file in files)
    assert files == {file for file in RECORDINGS if file.is_relative_to(FOLDER / language)}


def test_english_has_several_voices() -> None:
    assert voices_of("en") == ("awb", "rms", "slt")


def test_a_language_without_recordings_has_no_voices_and_no_phrases() -> None:
    assert (voices_of("xx"), known_phrases("xx")) == ((), ())


@pytest.mark.parametrize("file", RECORDINGS, ids=lambda file: "-".join(file.parts[-3:]))
def test_a_recording_is_16_khz_mono_trimmed_and_level(file: Path) -> None:
    samples, rate = soundfile.read(file, dtype="int16")
    assert (rate, samples.ndim) == (16_000, 1)
    assert abs(int(np.abs(samples).max()) - 16_422) <= 8
    audible = np.flatnonzero(np.abs(samples.astype(np.int32)) > 100)
    assert audible[0] <= 900
    assert len(samples) - audible[-1] <= 900


def test_the_recordings_are_small_enough_to_ship() -> None:
    assert sum(file.stat().st_size for file in RECORDINGS) < 4_000_000


@pytest.mark.parametrize("said", ["cramp, back off", "Cramp back off.", "  cramp   back off "])
def test_a_phrase_is_found_however_it_is_written(said: str) -> None:
    assert recording("en", "slt", said).name == "cramp-back-off.flac"


def test_the_coach_may_be_addressed_before_a_phrase() -> None:
    called = spoken("en", "slt", "Coach, back off.")
    assert len(called) == len(spoken("en", "slt", "coach")) + len(spoken("en", "slt", "back off"))


def test_an_unknown_phrase_is_refused_with_the_nearest_first() -> None:
    with pytest.raises(
        UsageError, match=r"No recording says 'switch fot'; the nearest first, there are: switch foot, "
    ):
        recording("en", "slt", "switch fot")


def test_an_unknown_voice_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="'bob' for 'en'; there are: awb, rms, slt"):
        recording("en", "bob", "next")
