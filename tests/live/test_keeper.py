from __future__ import annotations

import select
import time
from collections.abc import Callable

import pytest

from voicecoach.live.child import Child
from voicecoach.live.keeper import Keeper, Limits
from voicecoach.live.wire import FROM_HEARING, Decoded, Listen, Message, Ready

S = 1_000_000_000
PATIENT = Limits(start_s=60, progress_s=60)


def child(behaviour: str) -> Callable[[], Child]:
    return lambda: Child("tests.fakes.child_that_answers", [behaviour], FROM_HEARING)


def receive(one: Child, count: int) -> list[Message]:
    """Wait for messages, or the child's end."""
    found: list[Message] = []
    limit = time.monotonic() + 30
    while len(found) < count and one.alive and time.monotonic() < limit:
        select.select([one.socket], [], [], 1)
        found += one.receive()
    return found


def test_a_child_answers() -> None:
    one = child("answers")()
    try:
        one.send(Listen(b"\0" * 640, 0.0))
        assert receive(one, 2) == [Ready("a fake", (), None), Decoded(1)]
    finally:
        one.kill()
    assert one.reap(10)


@pytest.mark.parametrize("behaviour", ["ends", "babbles"])
def test_a_child_that_ends_or_talks_nonsense_is_started_again(behaviour: str) -> None:
    keeper = Keeper(child(behaviour), PATIENT)
    try:
        keeper.attend(0)
        assert keeper.child is not None
        receive(keeper.child, 2)
        assert keeper.attend(1 * S) == "its process ended"
        keeper.attend(2 * S)
        assert keeper.starts == 2
    finally:
        keeper.close(10)


def test_a_child_that_hangs_is_killed_although_its_process_is_alive() -> None:
    keeper = Keeper(child("hangs"), Limits(start_s=5, progress_s=2))
    try:
        keeper.attend(0)
        keeper.progress(1 * S)
        assert keeper.attend(2 * S) is None
        assert keeper.attend(4 * S) == "it did nothing for 2 s"
        assert not keeper.works
    finally:
        keeper.close(10)


def test_a_keeper_can_be_made_more_patient_with_the_child_that_it_has() -> None:
    keeper = Keeper(child("hangs"), Limits(start_s=5, progress_s=2))
    try:
        keeper.attend(0)
        keeper.progress(1 * S)
        keeper.be_patient(PATIENT)
        assert keeper.attend(50 * S) is None
        assert keeper.attend(62 * S) == "it did nothing for 60 s"
    finally:
        keeper.close(10)


def test_the_delays_grow_to_a_limit_and_begin_anew_after_a_success() -> None:
    keeper = Keeper(child("hangs"), Limits(1, 1, first_delay_s=1, longest_delay_s=4, settled_s=10))
    delays = []
    now = 0
    try:
        for worked_s in (0, 0, 0, 0, 20, 0):
            keeper.attend(now)
            if worked_s:
                keeper.progress(now)
            now += worked_s * S
            keeper.replace(now)
            died = now
            while keeper.child is None:
                now += S // 2
                keeper.attend(now)
            delays.append((now - died) / S)
    finally:
        keeper.close(10)
    assert delays == [1, 2, 4, 4, 1, 2]
