"""People who are made of others, by a vocoder."""

from __future__ import annotations

import random
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pytest
from scipy import signal

from voicecoach.audio.clip import Samples
from voicecoach.audio.files import read_audio
from voicecoach.bench.rendering import PEAK
from voicecoach.rehearsal.voices import recording
from voicecoach.units import INPUT_RATE_HZ

pytestmark = pytest.mark.skipif(find_spec("pyworld") is None, reason="pyworld-prebuilt is not installed")
NUMBERS = range(30)


@pytest.fixture(scope="module")
def said() -> Samples:
    return read_audio(recording("en", "slt", "switch foot"), INPUT_RATE_HZ)


@pytest.fixture(scope="module")
def revoiced(said: Samples) -> list[Samples]:
    from voicecoach.bench.revoicing import revoiced

    return [revoiced(said, random.Random(number)) for number in NUMBERS]


def test_the_same_number_is_the_same_person(said: Samples, revoiced: list[Samples]) -> None:
    from voicecoach.bench.revoicing import revoiced as revoice

    assert np.array_equal(revoice(said, random.Random(3)), revoiced[3])
    assert len({one.tobytes() for one in revoiced}) == len(NUMBERS)


def test_pace_pitch_and_body_differ(said: Samples, revoiced: list[Samples]) -> None:
    assert all(float(np.abs(one).max()) == pytest.approx(PEAK, rel=1e-3) for one in revoiced)
    lasting = [len(one) / len(said) for one in revoiced]
    assert 0.6 < min(lasting) < 0.9
    assert 1.1 < max(lasting) < 1.7
    pitches = [pitch_hz(one) for one in revoiced]
    assert max(pitches) / min(pitches) > 1.3


def test_formants_move() -> None:
    from voicecoach.bench.revoicing import revoiced

    pulses = np.zeros(INPUT_RATE_HZ, np.float32)
    pulses[::133] = 1.0
    vowel = signal.sosfilt(signal.butter(2, (1300, 1700), "bandpass", fs=INPUT_RATE_HZ, output="sos"), pulses)
    formants = [centre_hz(revoiced(vowel.astype(np.float32), random.Random(number))) for number in NUMBERS]
    assert 1.2 < max(formants) / min(formants) < 1.6


@pytest.mark.parametrize("frames", [160, 4000])
@pytest.mark.parametrize("make", [np.zeros, lambda frames: np.random.default_rng(1).normal(size=frames) * 0.1])
def test_what_has_no_voice_is_put_up_with(make: Callable[[int], Samples], frames: int) -> None:
    from voicecoach.bench.revoicing import revoiced

    made = revoiced(make(frames).astype(np.float32), random.Random(1))
    assert made.dtype == np.float32
    assert np.isfinite(made).all()


def pitch_hz(sound: Samples) -> float:
    import pyworld

    pitch, _ = pyworld.harvest(sound.astype(np.float64), INPUT_RATE_HZ)
    return float(np.median(pitch[pitch > 0.0])) if (pitch > 0.0).any() else 100.0


def centre_hz(sound: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(sound)) ** 2
    return float(np.fft.rfftfreq(len(sound), 1 / INPUT_RATE_HZ) @ spectrum / spectrum.sum())
