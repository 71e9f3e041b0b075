from __future__ import annotations

import time

import pytest

from voicecoach.coaching.messages import Notice
from voicecoach.live.night_watch import LOOKS_NS, NightWatch
from voicecoach.standby.night import QuietHours

S = 1_000_000_000
HOUR = 3600


class Wall:
    """The wall's clock, in the middle of a year in which it was set."""

    def __init__(self, hour: float) -> None:
        self.midnight_s = time.mktime((2026, 5, 20, 0, 0, 0, 0, 0, -1))
        self.hour = hour

    def __call__(self) -> float:
        return self.midnight_s + self.hour * HOUR


def noticed(watch: NightWatch, wall: Wall, hours: float) -> list[tuple[Notice, float]]:
    """Let so many hours pass in steps of a minute. Return what was noticed, with the hour of the day."""
    begin, found = wall.hour, []
    for minute in range(round(hours * 60) + 1):
        wall.hour = begin + minute / 60
        notice = watch.notice(int(wall.hour * HOUR) * S)
        if notice is not None:
            found.append((notice, round(wall.hour, 2)))
    return found


def test_the_night_begins_and_ends_by_the_clock() -> None:
    wall = Wall(20.0)
    watch = NightWatch(QuietHours.parse("22:00", "07:00"), wall)
    assert noticed(watch, wall, 14) == [(Notice.NIGHT_BEGAN, 22.0), (Notice.NIGHT_ENDED, 31.0)]


def test_started_in_the_night_it_is_night() -> None:
    wall = Wall(23.5)
    watch = NightWatch(QuietHours.parse("22:00", "07:00"), wall)
    assert noticed(watch, wall, 0.1) == [(Notice.NIGHT_BEGAN, 23.5)]
    assert watch.is_night


def test_good_night_said_early_holds_until_the_hours_have_passed() -> None:
    wall = Wall(20.5)
    watch = NightWatch(QuietHours.parse("22:00", "07:00"), wall)
    assert noticed(watch, wall, 0.1) == []
    watch.good_night(int(wall.hour * HOUR) * S)
    assert watch.is_night
    # The coach that was told good night knows it already.
    assert noticed(watch, wall, 14) == [(Notice.NIGHT_ENDED, 31.0)]


def test_without_hours_good_night_holds_for_eight() -> None:
    wall = Wall(22.0)
    watch = NightWatch(None, wall)
    watch.good_night(int(wall.hour * HOUR) * S)
    assert noticed(watch, wall, 12) == [(Notice.NIGHT_ENDED, 30.0)]


@pytest.mark.parametrize("wall_s", [0.0, 86_400.0, 1_700_000_000.0])
def test_a_clock_that_was_never_set_makes_no_night(wall_s: float) -> None:
    watch = NightWatch(QuietHours.parse("00:00", "00:00"), lambda: wall_s)
    assert watch.notice(0) is None
    assert not watch.is_night


def test_a_clock_that_is_set_later_makes_the_night() -> None:
    wall = Wall(3.0)
    times = [0.0, wall()]
    watch = NightWatch(QuietHours.parse("22:00", "07:00"), lambda: times[0])
    assert watch.notice(0) is None
    del times[0]
    assert watch.notice(60 * S) is Notice.NIGHT_BEGAN


def test_that_the_clock_was_never_set_is_told_once_and_that_it_was_set_then() -> None:
    wall = [60.0]
    told: list[str] = []
    watch = NightWatch(None, lambda: wall[0], told.append)
    for look in range(5):
        watch.notice(look * LOOKS_NS)
    assert told == ["The clock was never set: the coach does not know day from night until it is."]
    wall[0] = 1_800_000_000.0
    for look in range(5, 9):
        watch.notice(look * LOOKS_NS)
    assert told[1:] == ["The clock has been set."]


def test_a_clock_that_is_set_while_nobody_can_be_told_is_noticed_then_and_the_night_told_later() -> None:
    wall = Wall(3.0)
    times = [0.0, wall()]
    told: list[str] = []
    watch = NightWatch(QuietHours.parse("22:00", "07:00"), lambda: times[0], told.append)
    watch.look(0)
    del times[0]
    watch.look(LOOKS_NS - 1)
    assert len(told) == 1
    watch.look(LOOKS_NS)
    assert told[1:] == ["The clock has been set."]
    assert watch.is_night
    assert watch.notice(LOOKS_NS + S) is Notice.NIGHT_BEGAN
