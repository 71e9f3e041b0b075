"""Engines that fail in a session: it goes on, and the person is told."""

from __future__ import annotations

import signal

from tests.device.living import Home
from voicecoach.commands import Command
from voicecoach.timeline import events

DONE, INTERRUPTED = 0, 130


def test_a_recognizer_that_crashes_each_time_leaves_a_session_that_says_it_cannot_hear(home: Home) -> None:
    coach = home.run(fakes="crashing")
    coach.tells("The hearing process was lost (its process ended); it is started again.")
    assert coach.ends() == DONE
    assert coach.of(events.Ended)[0].both_ms == 10_000
    assert any("cannot hear" in said.text for said in coach.of(events.Said)), "\n".join(coach.lines)


def test_a_voice_that_hangs_when_it_is_to_speak_slower_leaves_the_speed_as_it_is(home: Home) -> None:
    coach = home.run(routine="long", fakes="hanging")
    coach.prints("tone start")
    home.speak_until_understood("slower", coach)
    coach.tells("The speed stays as it is: the coach has no voice: the synthesizer did not answer", limit_s=120)
    coach.process.send_signal(signal.SIGINT)
    assert coach.ends() == INTERRUPTED
    assert coach.of(events.Ended)[0].both_ms > 10_000, "the hold went on meanwhile"
    assert Command.SLOWER in [one.command for one in coach.of(events.Heard)]
