from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.live.pace import Pace
from voicecoach.units import OUTPUT_RATE_HZ

STATUS_MS = 40


def impossible_after(times_rate: float, seconds: float = 10.0, *, at_once: int = 0) -> bool:
    """Tell whether a device of such a pace is found out, which takes `at_once` frames when it is opened."""
    pace = Pace()
    return any(
        pace.is_impossible(1_000_000 * at, (at_once if at else 0) + int(times_rate * OUTPUT_RATE_HZ * at / 1000))
        for at in range(0, int(seconds * 1000), STATUS_MS)
    )


@pytest.mark.parametrize("times_rate", [15.0, 300.0])
def test_a_device_that_takes_sound_as_fast_as_it_is_made_is_found_out(times_rate: float) -> None:
    assert impossible_after(times_rate)


@given(times_rate=st.floats(0.0, 1.1), at_once=st.integers(0, 2 * OUTPUT_RATE_HZ))
def test_a_loudspeaker_is_not_whatever_its_buffers_take_at_first(times_rate: float, at_once: int) -> None:
    assert not impossible_after(times_rate, at_once=at_once)
