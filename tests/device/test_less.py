"""A session that has less than it should: without an echo canceller, and with a disk that takes nothing more."""

from __future__ import annotations

import resource
import signal

import pytest

from tests.device.living import Home
from voicecoach.commands import Command
from voicecoach.timeline import events

DONE, INTERRUPTED = 0, 130
UNCANCELLED = "uncancelled"


def test_without_an_echo_canceller_stop_is_heard_over_the_coach_and_other_words_are_not(home: Home) -> None:
    coach = home.run(routine="talkative", fakes=UNCANCELLED)
    coach.tells("There is no echo canceller for this machine")
    coach.prints("“Welcome")
    home.speak("next")
    home.speak_until_understood("stop", coach)
    coach.process.send_signal(signal.SIGINT)
    assert coach.ends() == INTERRUPTED
    commands = [one.command for one in coach.of(events.Heard)]
    # It may be taken for the other one that silences the coach.
    assert commands in ([Command.STOP], [Command.PAUSE]), coach.known()


@pytest.mark.usefixtures("echo")
def test_without_an_echo_canceller_the_coach_does_not_obey_itself(home: Home) -> None:
    coach = home.run(routine="talkative", fakes=UNCANCELLED)
    assert coach.ends(limit_s=100) == DONE
    assert coach.of(events.Heard) == []
    assert not any(said.cut for said in coach.of(events.Said))


def test_a_disk_that_takes_nothing_more_costs_nothing_but_the_record_and_is_told_once(home: Home) -> None:
    coach = home.run()
    coach.prints("tone start")
    # The kernel refuses every write to a file, as on a full disk; pipes go on.
    resource.prlimit(coach.process.pid, resource.RLIMIT_FSIZE, (0, 0))
    coach.prints("end done")
    assert coach.ends() == DONE
    refused = [line for line in coach.told if "cannot be written down any more" in line]
    assert len(refused) == 1, coach.told
    assert sum("no timeline" in line for line in coach.told) == 1, coach.told
