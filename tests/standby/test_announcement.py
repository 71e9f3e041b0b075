from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecoach.coaching.messages import (
    Action,
    CommandHeard,
    CueTiming,
    Input,
    MachineChanged,
    Notice,
    ReportEnd,
    Say,
    VoiceIgnored,
    VoiceStarted,
)
from voicecoach.commands import Command
from voicecoach.routine.plan import Cue
from voicecoach.standby.announcement import MOST_TIMES, Announcement

CUES = [Cue("It is loud here.", "It is loud here."), Cue("Mind the plug.", "Mind the plug.")]
TABLE = {cue.full: CueTiming(2_000) for cue in CUES}


def said(actions: list[Action]) -> list[str]:
    return [action.text for action in actions if isinstance(action, Say)]


def finished(announcement: Announcement, now: int = 0) -> list[Action]:
    """Let time pass until it has ended."""
    actions: list[Action] = []
    for _ in range(20):
        deadline = announcement.next_deadline()
        if deadline is None:
            break
        now = max(now, deadline)
        actions += announcement.advance(now)
    assert announcement.ended
    return actions


def test_everything_is_said_in_order_and_then_it_is_over() -> None:
    announcement = Announcement(CUES, TABLE)
    begun = announcement.begin(0)
    assert said(begun) == ["It is loud here.", "Mind the plug."]
    assert not announcement.open_commands()
    after = finished(announcement)
    assert [action.reason for action in after if isinstance(action, ReportEnd)] == ["done"]
    assert announcement.now_ms >= 4_000


def test_a_voice_has_the_floor_however_long_and_the_rest_is_said_after_it() -> None:
    announcement = Announcement(CUES, TABLE)
    announcement.begin(0)
    assert said(announcement.receive(VoiceStarted(), 2_500)) == []
    # The time at which all would have been said passes meanwhile.
    assert said(announcement.advance(7_000)) == []
    assert not announcement.ended
    assert said(announcement.receive(VoiceIgnored(like_speech=True), 8_000)) == ["Mind the plug."]
    finished(announcement, 8_000)


def test_whoever_goes_on_talking_is_not_told_for_ever() -> None:
    announcement = Announcement(CUES, TABLE)
    announcement.begin(0)
    now = 500
    for _ in range(MOST_TIMES):
        announcement.receive(VoiceStarted(), now)
        assert said(announcement.receive(VoiceIgnored(like_speech=True), now + 500)) == [cue.full for cue in CUES]
        now += 1_000
    announcement.receive(VoiceStarted(), now)
    announcement.receive(VoiceIgnored(like_speech=True), now + 500)
    assert announcement.ended
    assert announcement.saying(now + 500) is None


def test_finish_ends_it() -> None:
    announcement = Announcement(CUES, TABLE)
    announcement.begin(0)
    announcement.receive(CommandHeard(Command.FINISH, ""), 500)
    assert announcement.ended


@given(
    st.lists(
        st.tuples(
            st.integers(0, 9_000),
            st.one_of(
                st.builds(CommandHeard, st.sampled_from(list(Command)), st.just("")),
                st.just(VoiceStarted()),
                st.builds(VoiceIgnored, st.booleans()),
                st.builds(MachineChanged, st.sampled_from(list(Notice))),
            ),
        ),
        max_size=20,
    )
)
def test_whatever_happens_it_ends_once_and_says_nothing_that_it_cannot(events: list[tuple[int, Input]]) -> None:
    announcement = Announcement(CUES, TABLE)
    now = 0
    actions = announcement.begin(0)
    for ms, message in events:
        now += ms
        actions += announcement.receive(message, now)
    actions += finished(announcement, now)
    assert sum(isinstance(action, ReportEnd) for action in actions) == 1
    assert set(said(actions)) <= set(TABLE)
