"""Levels and echoes of sound whose levels and echoes are known."""

from __future__ import annotations

import numpy as np
import pytest
import soxr
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.audio.clip import Samples
from voicecoach.doctor.measuring import CHIRP_MS, Echo, chirp_sound, echo_gains, find_echo, levels, moment_ns
from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ, OUTPUT_RATE_HZ

QUIET_MS = 1_000
QUIET = slice(0, (QUIET_MS - CHIRP_MS) * INPUT_FRAMES_PER_MS)


def room(delay_ms: float, gain_db: float, noise_db: float, *, reflections: bool = False) -> Samples:
    """Return what a microphone hears in 3 s in which a chirp is played after one second."""
    random = np.random.default_rng(5)
    sound = np.zeros(3 * OUTPUT_RATE_HZ)
    chirp = chirp_sound() * 10 ** (gain_db / 20)
    paths = [(0.0, 1.0), (7.3, 0.4), (19.0, -0.3), (41.0, 0.2)] if reflections else [(0.0, 1.0)]
    for later_ms, strength in paths:
        at = round((QUIET_MS + delay_ms + later_ms) * OUTPUT_RATE_HZ / 1000)
        end = min(len(sound), at + len(chirp))
        sound[at:end] += strength * chirp[: end - at]
    heard = soxr.resample(sound, OUTPUT_RATE_HZ, INPUT_RATE_HZ)
    return np.asarray(heard + random.normal(0, 10 ** (noise_db / 20), len(heard)), np.float32)


def found(sound: Samples) -> Echo | None:
    return find_echo(echo_gains(sound), QUIET_MS * INPUT_FRAMES_PER_MS, QUIET)


@pytest.mark.parametrize("delay_ms", [0.0, 60.5, 400.0, 950.0])
@pytest.mark.parametrize("gain_db", [0.0, -20.0, -40.0])
def test_a_chirp_is_found_with_its_delay_and_its_loss(delay_ms: float, gain_db: float) -> None:
    echo = found(room(delay_ms, gain_db, noise_db=-60.0))
    assert echo is not None
    assert echo.delay_ms == pytest.approx(delay_ms, abs=1.0)
    assert echo.gain_db == pytest.approx(gain_db, abs=1.0)


def test_a_chirp_far_below_the_noise_is_found() -> None:
    chirp_db = -12 - 3 - 40
    echo = found(room(120.0, -40.0, noise_db=chirp_db + 10))
    assert echo is not None
    assert echo.delay_ms == pytest.approx(120.0, abs=2.0)


def test_of_a_chirp_and_its_reflections_the_direct_one_counts() -> None:
    echo = found(room(80.0, -10.0, noise_db=-60.0, reflections=True))
    assert echo is not None
    assert echo.delay_ms == pytest.approx(80.0, abs=1.0)


@pytest.mark.parametrize("noise_db", [-100.0, -30.0, 0.0])
def test_where_nothing_came_back_nothing_is_found(noise_db: float) -> None:
    assert found(room(0.0, -300.0, noise_db)) is None


def test_in_digital_silence_nothing_is_found() -> None:
    assert found(np.zeros(3 * INPUT_RATE_HZ, np.float32)) is None


def test_what_lies_outside_of_the_recording_is_not_looked_for() -> None:
    gains = echo_gains(np.zeros(INPUT_RATE_HZ, np.float32))
    assert find_echo(gains, 2 * INPUT_RATE_HZ, QUIET) is None
    assert find_echo(gains, -2 * INPUT_RATE_HZ, QUIET) is None


def test_levels_are_those_of_the_sound() -> None:
    seconds = np.arange(3 * 44_100) / 44_100
    tone = np.where(seconds > 2.5, 0.1, 0.001) * np.sin(2 * np.pi * 440 * seconds) + 0.05
    measured = levels(tone.astype(np.float32), 44_100)
    assert measured.loud_db == pytest.approx(-23.0, abs=0.2)
    assert measured.floor_db == pytest.approx(-63.0, abs=0.5)
    assert measured.offset == pytest.approx(0.05, abs=1e-3)
    assert measured.peak_db == pytest.approx(20 * np.log10(0.15), abs=0.2)
    assert not measured.clipped
    assert not measured.is_stuck


@pytest.mark.parametrize("value", [0.0, 0.25, -1.0])
def test_one_value_all_the_time_is_stuck(value: float) -> None:
    measured = levels(np.full(16_000, value, np.float32), 16_000)
    assert measured.is_stuck
    assert measured.offset == value


@given(
    st.integers(0, 5_000).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, 2**32))),
    st.floats(0, 4),
    st.sampled_from([8_000, 44_100, 192_000]),
)
def test_any_sound_has_levels(size_and_seed: tuple[int, int], gain: float, rate_hz: int) -> None:
    size, seed = size_and_seed
    sound = np.clip(np.random.default_rng(seed).normal(0, 1, size) * gain, -1, 1).astype(np.float32)
    measured = levels(sound, rate_hz)
    assert measured.frames == size
    assert -120 <= measured.floor_db <= measured.loud_db <= 0.1
    assert 0 <= measured.clipped <= 1


@given(
    st.lists(st.tuples(st.integers(100, 2_000), st.integers(0, 40_000_000)), min_size=20, max_size=80),
    st.integers(0, 10**15),
)
def test_blocks_that_come_late_do_not_move_the_moment_of_a_frame(blocks: list[tuple[int, int]], start_ns: int) -> None:
    """A device gives blocks of any size, each as late as it likes, but at least one in time."""
    marks, frames = [], 0
    for number, (size, late_ns) in enumerate(blocks):
        frames += size
        in_time = number == len(blocks) // 2
        marks.append((frames, start_ns + frames * 1_000_000_000 // 48_000 + (0 if in_time else late_ns)))
    asked = marks[len(blocks) // 2][0]
    assert moment_ns(marks, asked, 48_000) == pytest.approx(start_ns + asked * 1e9 / 48_000, abs=1e5)


def test_the_furthest_that_a_device_had_got_counts() -> None:
    marks = [(480, 10_000_000), (960, 55_000_000), (1_440, 30_000_000)]
    assert moment_ns(marks, 960, 48_000) == pytest.approx(20_000_000)


def test_a_frame_of_which_nothing_is_known_has_no_moment() -> None:
    with pytest.raises(ValueError, match="nothing is known"):
        moment_ns([(100, 5)], 48_000 * 10, 48_000)
