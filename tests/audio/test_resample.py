from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.audio.resample import DELAY_FRAMES, Downsampler

RNG = np.random.default_rng(5)


def sine(hertz: float, rate_hz: int, frames: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.sin(2 * np.pi * hertz * np.arange(frames) / rate_hz).astype(np.float32)


def test_three_frames_become_one_from_the_first_block_on() -> None:
    downsampler = Downsampler()
    assert [len(downsampler.process(np.zeros(960, np.float32))) for _ in range(5)] == [320] * 5


def test_the_delay_is_fixed_and_known() -> None:
    out = Downsampler().process(sine(1000, 48_000, 9600))
    expected = sine(1000, 16_000, 3200)
    assert out[DELAY_FRAMES + 50 :] == pytest.approx(expected[50:-DELAY_FRAMES], abs=1e-4)


@pytest.mark.parametrize("hertz", [9_000, 9_500, 12_000, 15_000, 17_000, 23_000])
def test_what_the_microphone_rate_cannot_carry_is_taken_away(hertz: float) -> None:
    out = Downsampler().process(sine(hertz, 48_000, 9600))
    assert np.abs(out[100:]).max() < 10 ** (-70 / 20)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=20))
def test_the_sound_does_not_depend_on_the_blocks(milliseconds: list[int]) -> None:
    sound = RNG.uniform(-1, 1, 48 * sum(milliseconds)).astype(np.float32)
    downsampler = Downsampler()
    pieces = np.split(sound, np.cumsum([48 * length for length in milliseconds])[:-1])
    out = np.concatenate([downsampler.process(piece) for piece in pieces])
    assert np.allclose(out, Downsampler().process(sound), atol=1e-5)


def test_a_block_of_broken_milliseconds_is_refused() -> None:
    with pytest.raises(ValueError, match="whole milliseconds"):
        Downsampler().process(np.zeros(961, np.float32))
