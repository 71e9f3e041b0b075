from __future__ import annotations

import numpy as np
import pytest

from voicecoach.live.reference import Reference

BLOCK = 320
HERTZ = 1_000


def sine(frames: int, first: int = 0) -> np.ndarray:
    return np.sin((np.arange(frames) + first) * 2 * np.pi * HERTZ / 16_000).astype(np.float32)


def test_frame_by_frame_it_is_what_was_played_and_silence_where_there_is_nothing_more() -> None:
    reference = Reference(BLOCK)
    played = np.random.default_rng(1).normal(size=3 * BLOCK + 100).astype(np.float32)
    for piece in np.array_split(played, 7):
        reference.add(piece)
    taken = np.concatenate([reference.take() for _ in range(4)])
    assert np.array_equal(taken, np.pad(played, (0, BLOCK - 100)))
    assert reference.ahead == 100 - BLOCK
    reference.add(played)
    assert np.array_equal(reference.take(), played[:BLOCK])


@pytest.mark.parametrize("ratio", [0.9998, 1.0002, 1.001])
def test_at_another_pace_it_is_the_same_sound_between_its_frames(ratio: float) -> None:
    reference = Reference(BLOCK)
    reference.add(sine(400))
    reference.ratio = ratio
    places = 0.0
    for block in range(100):
        reference.add(sine(BLOCK, 400 + block * BLOCK))
        taken = reference.take()
        expected = np.sin((places + ratio * np.arange(BLOCK)) * 2 * np.pi * HERTZ / 16_000)
        if block:
            assert np.abs(taken - expected).max() < 2e-3
        places += ratio * BLOCK
        assert reference.ahead == pytest.approx(places - (block + 1) * BLOCK)


def test_it_leaves_out_at_once_what_it_is_told_to_and_waits_in_the_next_silence() -> None:
    played = np.random.default_rng(2).normal(size=4 * BLOCK).astype(np.float32)
    reference = Reference(BLOCK)
    reference.add(played)
    reference.take()
    reference.move(100)
    assert reference.ahead == 100
    reference.move(-500)
    assert np.array_equal(reference.take(), played[BLOCK + 100 : 2 * BLOCK + 100])
    reference.add(np.zeros(BLOCK, np.float32))
    taken = np.concatenate([reference.take() for _ in range(2)])
    assert np.array_equal(taken, np.pad(played[2 * BLOCK + 100 :], (0, 100)))
    assert reference.ahead == 100
    assert not reference.take().any()
    assert reference.ahead == 100 - 500
    reference.add(played)
    # What was silent still waited: 220 of a block, and the 500.
    assert np.array_equal(np.concatenate((reference.take(), reference.take()))[400:], played[: 2 * BLOCK - 400])


def test_what_it_was_told_to_wait_for_is_not_dropped_for_being_far_ahead() -> None:
    reference = Reference(BLOCK)
    reference.stay(0)
    reference.move(-5_760)
    for _ in range(20):
        reference.add(np.zeros(BLOCK, np.float32))
        reference.take()
    reference.add(np.ones(640, np.float32))
    for _ in range(5):
        reference.take()
    assert reference.ahead == -5_760


def test_where_nothing_waits_a_faster_pace_leaves_no_gap() -> None:
    reference = Reference(BLOCK)
    played = np.random.default_rng(3).normal(size=(50, BLOCK)).astype(np.float32)
    reference.ratio = 1.01
    for block in played:
        reference.add(block)
        assert np.array_equal(reference.take(), block)
    assert reference.ahead == 0


@pytest.mark.parametrize(
    ("ratio", "room", "saved"), [(1.0001, 0, 0), (1.0001, 200, 200), (1.0001, 5_000, 320), (1.0, 5_000, 0)]
)
def test_where_nothing_waits_it_saves_up_what_a_slower_microphone_takes_as_far_as_the_echo_allows(
    ratio: float, room: int, saved: int
) -> None:
    reference = Reference(BLOCK)
    reference.ratio = ratio
    for _ in range(10):
        reference.add(np.zeros(BLOCK, np.float32))
        reference.take()
        reference.stay(room)
    assert reference.ahead == pytest.approx(-saved, abs=1.0)


def test_what_waits_too_long_is_dropped_while_it_is_silent_until_it_is_to_stay() -> None:
    for stays in (False, True):
        reference = Reference(BLOCK)
        if stays:
            reference.stay(0)
        reference.add(np.zeros(2_000, np.float32))
        for _ in range(20):
            reference.add(np.zeros(BLOCK, np.float32))
            reference.take()
        assert (reference.ahead > 0) != stays


def test_what_waits_far_too_long_is_dropped_at_once() -> None:
    reference = Reference(BLOCK)
    reference.stay(0)
    reference.add(np.ones(16_000, np.float32))
    reference.take()
    assert reference.ahead > 10_000
