from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from voicecoach.audio.tones import tone_samples
from voicecoach.coaching.messages import Tone
from voicecoach.errors import VoiceError
from voicecoach.speech.clip_cache import ClipCache
from voicecoach.speech.pyttsx3_synthesizer import Pyttsx3Engine, Voice
from voicecoach.speech.speech import Speech

ENGINE = Pyttsx3Engine(Voice("en-us", 160))
NO_WORKER = Pyttsx3Engine(Voice("en-us", 160), command=("/nonexistent",))
TEXTS = ["Get ready.", "Hold.", "Well done."]


def test_every_text_gets_a_clip_and_a_timing(tmp_path: Path) -> None:
    speech = Speech(ENGINE, ClipCache(tmp_path))
    steps: list[tuple[int, int]] = []
    clips = speech.clips([*TEXTS, "Hold."], lambda done, total: steps.append((done, total)))
    assert list(clips) == TEXTS
    assert steps == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert speech.timings() == {text: clip.timing for text, clip in clips.items()}


def test_the_second_time_no_voice_is_started(tmp_path: Path) -> None:
    rendered = Speech(ENGINE, ClipCache(tmp_path)).clips(TEXTS)
    steps: list[tuple[int, int]] = []
    kept = Speech(NO_WORKER, ClipCache(tmp_path)).clips(TEXTS, lambda done, total: steps.append((done, total)))
    assert steps == [(3, 3)]
    for text in TEXTS:
        assert np.array_equal(kept[text].samples, rendered[text].samples)
        assert kept[text].timing == rendered[text].timing


def test_only_what_is_new_is_rendered(tmp_path: Path) -> None:
    Speech(ENGINE, ClipCache(tmp_path)).clips(TEXTS)
    steps: list[tuple[int, int]] = []
    Speech(ENGINE, ClipCache(tmp_path)).clips([*TEXTS, "Rest."], lambda done, total: steps.append((done, total)))
    assert steps == [(3, 4), (4, 4)]


def test_later_texts_join_the_timings() -> None:
    speech = Speech(ENGINE, ClipCache(None))
    speech.clips(["Hold."])
    speech.clips(["Rest."])
    assert set(speech.timings()) == {"Hold.", "Rest."}


def test_a_damaged_clip_is_rendered_again(tmp_path: Path) -> None:
    first = Speech(ENGINE, ClipCache(tmp_path)).clips(["Hold."])
    for path in tmp_path.iterdir():
        path.write_bytes(b"")
    second = Speech(ENGINE, ClipCache(tmp_path)).clips(["Hold."])
    assert np.array_equal(first["Hold."].samples, second["Hold."].samples)


@pytest.mark.parametrize(("engine", "same"), [(ENGINE, True), (NO_WORKER, False)])
def test_a_cache_cleared_under_a_session_costs_a_rendering_or_sounds_like_trouble(
    tmp_path: Path, engine: Pyttsx3Engine, same: bool
) -> None:
    first = Speech(ENGINE, ClipCache(tmp_path)).clips(["Hold."])["Hold."]
    expected = first.samples
    clips = Speech(engine, ClipCache(tmp_path)).clips(["Hold."])
    for path in tmp_path.iterdir():
        path.unlink()
    assert np.array_equal(clips["Hold."].samples, expected if same else tone_samples(Tone.TROUBLE))


def test_a_voice_that_fails_is_an_error_with_its_exit_code(tmp_path: Path) -> None:
    hanging = Pyttsx3Engine(
        Voice("en-us", 160), limit_s=0.2, command=(sys.executable, "-m", "tests.fakes.hanging_worker")
    )
    with pytest.raises(VoiceError) as caught:
        Speech(hanging, ClipCache(tmp_path)).clips(["Hold."])
    assert caught.value.exit_code == 6


def test_a_text_that_may_not_be_spoken_is_refused() -> None:
    with pytest.raises(ValueError, match="markup"):
        Speech(ENGINE, ClipCache(None)).clips(["<audio/>"])
