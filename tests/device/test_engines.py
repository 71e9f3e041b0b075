"""Engines that fail in a session: it goes on, and the person is told."""

from __future__ import annotations

from tests.device.living import Home
from voicecoach.timeline import events

DONE = 0


def test_a_recognizer_that_crashes_each_time_leaves_a_session_that_says_it_cannot_hear(home: Home) -> None:
    coach = home.run(fakes="crashing")
    coach.tells("The hearing process was lost (its process ended); it is started again.")
    assert coach.ends() == DONE
    assert coach.of(events.Ended)[0].both_ms == 10_000
    assert any("cannot hear" in said.text for said in coach.of(events.Said)), "\n".join(coach.lines)
