from __future__ import annotations

import shutil
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from voicecoach.bench import kokoro
from voicecoach.bench.rendering import PEAK, Renderer
from voicecoach.bench.speakers import Group, Speaker, Synthesizer, cast, how_to_bring


def test_no_voice_of_kokoro_is_in_two_groups() -> None:
    together = [*kokoro.HELD_OUT, *kokoro.TALKING, *kokoro.TEACHING]
    assert len(together) == len(set(together))


def test_who_is_missing_is_named_with_what_would_bring_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voicecoach.bench.speakers.how_to_bring", lambda speaker: f"a {speaker.synthesizer}")
    missing = dict(cast("en").missing)
    assert missing["kokoro bf_emma"] == "a kokoro"
    assert missing["joe"] == "a piper"


def test_kokoro_is_missing_where_nothing_was_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert not kokoro.is_there()


@pytest.mark.skipif(not kokoro.is_there(), reason="scripts/get-kokoro was not run here")
@pytest.mark.parametrize("voice", [kokoro.HELD_OUT[0], kokoro.HELD_OUT[4]])
def test_kokoro_speaks(voice: str, tmp_path: Path) -> None:
    assert_speaks(Synthesizer.KOKORO, voice, tmp_path)


@pytest.mark.skipif(find_spec("ttspico") is None, reason="Pico is not installed")
@pytest.mark.parametrize("voice", ["en-US", "en-GB"])
def test_pico_speaks(voice: str, tmp_path: Path) -> None:
    assert_speaks(Synthesizer.PICO, voice, tmp_path)


@pytest.mark.skipif(shutil.which("RHVoice-test") is None, reason="RHVoice is not installed")
@pytest.mark.parametrize("voice", ["bdl", "irina"])
def test_rhvoice_speaks(voice: str, tmp_path: Path) -> None:
    assert_speaks(Synthesizer.RHVOICE, voice, tmp_path)


def test_rhvoice_is_missing_where_its_voices_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("voicecoach.bench.speakers.RHVOICE_FOLDER", tmp_path)
    assert how_to_bring.__wrapped__(Speaker("anna", Group.TEACHING, Synthesizer.RHVOICE, "anna")) == (
        "Debian's rhvoice and rhvoice-russian, of non-free"
    )


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_all_of_espeak_ngs_voices_differ(tmp_path: Path) -> None:
    renderer = Renderer(tmp_path)
    speakers = [speaker for speaker in cast("en").speakers if speaker.synthesizer is Synthesizer.ESPEAK]
    assert len(speakers) == 28
    assert len({renderer.say(replace(speaker, tempo=1.0), "go back").tobytes() for speaker in speakers}) == 28


def assert_speaks(synthesizer: Synthesizer, voice: str, tmp_path: Path) -> None:
    speaker = Speaker("somebody", Group.HELD_OUT, synthesizer, voice, tempo=1.2, size=1.05)
    spoken = Renderer(tmp_path).say(speaker, "switch foot")
    assert 16_000 * 0.4 < len(spoken) < 16_000 * 1.5
    assert float(np.abs(spoken).max()) == pytest.approx(PEAK, rel=0.01)
    slowly = Renderer(tmp_path).say(replace(speaker, tempo=0.8), "switch foot")
    assert 1.2 < len(slowly) / len(spoken) < 1.8
