from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.audio.clip import Samples
from voicecoach.speech.shaping import ACTIVE_RMS, PEAK, shaped

RATE = 48_000


def burst(milliseconds: int, seed: int = 1, level: float = 0.1) -> Samples:
    sound = np.random.default_rng(seed).standard_normal(milliseconds * 48) * level
    return np.clip(sound, -1, 1).astype(np.float32)


def quiet(milliseconds: int) -> Samples:
    return np.zeros(milliseconds * 48, np.float32)


def test_silence_around_the_sound_is_cut_down_to_ten_milliseconds() -> None:
    clip = shaped(np.concatenate((quiet(300), burst(500), quiet(700))), RATE)
    assert clip.timing.length_ms == pytest.approx(520, abs=1)
    assert not clip.samples[: 9 * 48].any()
    assert not clip.samples[-9 * 48 :].any()


@pytest.mark.parametrize("level", [0.003, 0.05, 0.2])
def test_every_clip_is_equally_loud_where_somebody_speaks(level: float) -> None:
    clip = shaped(np.concatenate((burst(500, level=level), quiet(1000), burst(500, level=level))), RATE)
    spoken = clip.samples[20 * 48 : 480 * 48]
    assert 20 * np.log10(np.sqrt(np.mean(spoken**2)) / ACTIVE_RMS) == pytest.approx(0, abs=0.5)


@given(st.integers(0, 10_000), st.integers(0, 20), st.floats(0.01, 1.0))
def test_no_peak_is_above_six_decibels_below_full_scale(seed: int, clicks: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    sound = burst(300, seed, 0.02)
    sound[rng.integers(0, len(sound), clicks)] = level
    samples = shaped(sound, RATE).samples
    assert np.abs(samples).max() <= PEAK


def test_a_lone_peak_is_turned_down_without_touching_what_is_far_from_it() -> None:
    sound = burst(500, level=0.05)
    with_peak = sound.copy()
    with_peak[250 * 48] = 0.9
    plain, limited = shaped(sound, RATE).samples, shaped(with_peak, RATE).samples
    ratio = np.sqrt(np.mean(limited[: 200 * 48] ** 2) / np.mean(plain[: 200 * 48] ** 2))
    assert ratio == pytest.approx(1, abs=0.1)


def test_a_clip_has_soft_edges() -> None:
    samples = shaped(burst(500), RATE).samples
    assert samples[0] == 0.0
    assert abs(samples[-1]) < 0.001


def test_a_clip_is_exact_in_16_bits() -> None:
    samples = shaped(burst(500), RATE).samples
    assert np.array_equal(samples * 32768, np.rint(samples * 32768))


def test_other_rates_are_converted() -> None:
    sound = (0.1 * np.sin(2 * np.pi * 440 * np.arange(22_050) / 22_050)).astype(np.float32)
    assert shaped(sound, 22_050).timing.length_ms == pytest.approx(1000, abs=25)


def test_breaks_are_where_the_words_begin_moved_to_the_quietest_place_near() -> None:
    sound = np.concatenate((burst(400), quiet(60), burst(400), burst(400)))
    clip = shaped(sound, RATE, [0, 450, 860])
    assert clip.breaks_ms[0] == pytest.approx(455, abs=5)
    assert clip.breaks_ms[1] == pytest.approx(850, abs=35)


def test_without_word_starts_breaks_are_where_the_sound_comes_back_after_a_dip() -> None:
    sound = np.concatenate((burst(400), quiet(20), burst(400), quiet(50), burst(400)))
    (at,) = shaped(sound, RATE).breaks_ms
    assert at == pytest.approx(865, abs=5)


def test_there_are_no_breaks_close_to_either_end() -> None:
    clip = shaped(burst(500), RATE, [0, 30, 250, 480, 900])
    assert len(clip.breaks_ms) == 1


@pytest.mark.parametrize("sound", [np.zeros(0, np.float32), quiet(500)])
def test_silence_is_refused(sound: Samples) -> None:
    with pytest.raises(ValueError, match="silent"):
        shaped(sound, RATE)
