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


def test_a_device_that_stood_still_is_followed_at_once() -> None:
    frames = FrameMap()
    frames.observe(0, 0, 0.0)
    frames.observe(10 * MS, 48_000, 480.0)
    assert frames.device_frame(480) == 48_000 + MARGIN_FRAMES
    assert frames.jumps == 1
