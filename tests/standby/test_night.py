from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.standby.night import QuietHours

minutes = st.integers(0, 1439)


@pytest.mark.parametrize(
    ("hours", "quiet", "loud"),
    [
        (("22:00", "07:00"), ["22:00", "23:59", "00:00", "06:59"], ["07:00", "12:00", "21:59"]),
        (("13:00", "14:30"), ["13:00", "14:29"], ["12:59", "14:30", "00:00"]),
        (("08:00", "08:00"), ["08:00", "07:59", "20:00"], []),
    ],
)
def test_the_hours_are_those_between_the_times(hours: tuple[str, str], quiet: list[str], loud: list[str]) -> None:
    found = QuietHours.parse(*hours)
    assert all(found.contain(minute_of(text)) for text in quiet)
    assert not any(found.contain(minute_of(text)) for text in loud)


def minute_of(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


@given(minutes, minutes, minutes)
def test_a_minute_is_in_the_hours_or_in_those_between_them(begin: int, end: int, minute: int) -> None:
    if begin != end:
        assert QuietHours(begin, end).contain(minute) is not QuietHours(end, begin).contain(minute)
