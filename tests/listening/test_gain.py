"""A microphone that is set too low is heard, and makes nothing begin that nobody said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.listening.sounds import Speaker, in_a_quiet_room
from voicecoach.language.pack import load_pack
from voicecoach.listening.detector import SPEECH
from voicecoach.listening.ears import Ears, hear
from voicecoach.listening.gain import MOST, QUIET_FLOOR, Gain
from voicecoach.listening.recognizer import Pcm
from voicecoach.listening.segmenter import Segmenter
from voicecoach.listening.sensations import Heard

PACK = load_pack("en")
FRAME = 320


def softer(sound: Pcm, by_db: float) -> Pcm:
    return np.round(sound * 10 ** (-by_db / 20)).astype(np.int16)


@pytest.mark.parametrize("by_db", [0, 25, 35])
@pytest.mark.parametrize("voice", ["slt", "rms", "awb"])
def test_who_is_softer_is_understood_as_well(ears: Ears, voice: str, by_db: float) -> None:
    for phrase in ("stop", "next exercise", "cramp"):
        sound = softer(in_a_quiet_room(Speaker("en", voice).says(phrase)), by_db)
        heard = [one.phrase for one in hear(ears.fresh(), sound, PACK.all_phrases) if isinstance(one, Heard)]
        assert heard == [phrase]


@pytest.mark.parametrize("level", [0.0, 0.4, 1.0, 2.0, 10.0, 300.0])
def test_noise_of_any_level_is_nobody_s_voice(ears: Ears, level: float) -> None:
    noise = np.random.default_rng(5).normal(0.0, level, 20 * 16_000).astype(np.int16)
    ears = ears.fresh()
    sensations = [s for at in range(0, len(noise), FRAME) for s in ears.feed(noise[at : at + FRAME], ("stop",), None)]
    assert sensations == []


class Loudest:
    """A detector and a gate that keep how loud the loudest was that they were given."""

    def __init__(self) -> None:
        self.detected = self.gated = 0

    def is_voice(self, frame: Pcm) -> bool:
        self.detected = max(self.detected, int(np.abs(frame).max()))
        return True

    def opens(self, frames: Sequence[Pcm], *, voiced: bool, least: float = SPEECH) -> bool:
        del voiced, least
        self.gated = max(self.gated, *(int(np.abs(frame).max()) for frame in frames))
        return False

    def rest(self) -> None:
        pass


def test_detectors_of_voice_are_given_what_is_as_loud_as_usual() -> None:
    loudest = Loudest()
    segmenter = Segmenter(loudest, loudest)
    said = softer(in_a_quiet_room(Speaker("en", "slt").says("stop")), 35)
    for at in range(0, len(said) - FRAME + 1, FRAME):
        segmenter.feed(said[at : at + FRAME])
    assert loudest.detected > 5 * np.abs(said).max()
    assert loudest.gated > 5 * np.abs(said).max()


def test_a_usual_microphone_is_left_as_it_is() -> None:
    gain = Gain()
    for _ in range(200):
        gain.hear(QUIET_FLOOR**2)
    frame = np.arange(FRAME, dtype=np.int16)
    assert gain.factor == 1.0
    assert gain.louder(frame) is frame


def test_it_follows_the_softest_and_not_who_speaks() -> None:
    gain = Gain()
    for number in range(300):
        gain.hear(0.3**2 if number % 5 else 3_000.0**2)
    assert gain.factor == pytest.approx(QUIET_FLOOR / 0.3)


def test_while_the_coach_may_be_heard_nothing_is_louder() -> None:
    gain = Gain()
    for _ in range(200):
        gain.hear(0.0)
    assert gain.factor == MOST
    gain.hear(0.0, has_echo=True)
    assert gain.factor == 1.0


@given(st.lists(st.floats(0, 2.0**30), min_size=1, max_size=60), st.integers(0, 32767))
def test_whatever_it_heard_it_is_bounded_and_nothing_overflows(powers: list[float], peak: int) -> None:
    gain = Gain()
    for power in powers * 10:
        gain.hear(power)
    assert 1.0 <= gain.factor <= MOST
    frame = np.array([peak, -peak - 1, 0] * 100, np.int16)
    louder = gain.louder(frame).astype(np.int32)
    assert np.all(np.sign(louder) == np.sign(frame.astype(np.int32)))
    assert np.all(np.abs(louder) >= np.abs(frame.astype(np.int32)))
