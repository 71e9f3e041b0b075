from __future__ import annotations

import pytest

from voicecoach.live.clock import GRACE_NS, MARGIN_FRAMES, FrameMap, SessionClock

MS = 1_000_000


def test_session_time_passes_only_while_sound_is_possible() -> None:
    clock = SessionClock()
    clock.start(5_000 * MS)
    clock.sound_is_possible(5_000 * MS)
    clock.tick(5_100 * MS)
    assert clock.now_ms == 100
    clock.tick(9_000 * MS)
    assert clock.now_ms == GRACE_NS // MS, "it stops soon after the last evidence"
    clock.sound_is_possible(9_000 * MS)
    clock.tick(9_100 * MS)
    assert clock.now_ms == GRACE_NS // MS + 100
    clock.sound_is_impossible()
    clock.tick(9_200 * MS)
    assert clock.now_ms == GRACE_NS // MS + 100


@pytest.mark.parametrize("rate_hz", [47_900.0, 48_000.0, 48_100.0])
def test_sound_is_always_placed_ahead_of_the_device_and_never_far(rate_hz: float) -> None:
    """Two parts in a thousand: far more than any sound card is off."""
    frames = FrameMap()
    asked = 0
    for turn in range(6_000):
        at_ns = turn * 12 * MS + (turn % 3) * 3 * MS
        asked = 600 * (int(at_ns * rate_hz / 1e9) // 600) + 3_000
        session_frame = at_ns * 48_000 / 1e9
        frames.observe(at_ns, asked, session_frame)
        ahead = frames.device_frame(round(session_frame)) - asked
        assert 0 < ahead < MARGIN_FRAMES + 2_000
    assert frames.jumps == 0


def test_time_that_the_device_lost_in_a_gap_is_known_with_the_next_observation() -> None:
    frames = FrameMap()
    for at_ms in range(0, 3_000, 10):
        frames.observe(at_ms * MS, at_ms * 48, at_ms * 48.0)
    frames.observe(3_070 * MS, 3_000 * 48, 3_070 * 48.0, gaps=1)
    assert frames.next_frame(3_070 * 48) == 3_000 * 48


def test_the_furthest_burst_after_a_gap_counts() -> None:
    frames = FrameMap()
    frames.observe(0, 4_800, 0.0)
    frames.observe(1_000 * MS, 48_000, 48_000.0, gaps=1)
    frames.observe(1_050 * MS, 51_000, 50_400.0, gaps=1)
    assert frames.next_frame(50_400) == 51_000


def test_a_device_that_stood_still_is_followed_at_once() -> None:
    frames = FrameMap()
    frames.observe(0, 0, 0.0)
    frames.observe(300 * MS, 48_000, 14_400.0)
    assert frames.device_frame(14_400) == 48_000 + MARGIN_FRAMES
    assert frames.jumps == 1
