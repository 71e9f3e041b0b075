"""A machine that was found not to keep up: much sound is kept ready, and hearing does with little."""

from __future__ import annotations

import json
import signal
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.device.living import Home
from voicecoach.commands import Command
from voicecoach.live.overload import STEPS, found_wanting
from voicecoach.timeline import events

INTERRUPTED = 130


@pytest.mark.usefixtures("echo")
def test_with_the_longest_buffer_a_person_is_heard_over_the_coach_and_the_coach_is_not(
    home: Home, tmp_path: Path
) -> None:
    kept = tmp_path / "data" / "voicecoach" / "machine.json"
    kept.parent.mkdir(parents=True)
    kept.write_text(json.dumps({"efforts": {"": asdict(STEPS[-1])}}))
    coach = home.run(routine="talkative")
    line = coach.prints("“Welcome")
    home.speak_until_understood("hold on", coach, after=line, when="say")
    coach.process.send_signal(signal.SIGINT)
    assert coach.ends() == INTERRUPTED
    assert {one.command for one in coach.of(events.Heard)} == {Command.PAUSE}, "\n".join(coach.lines)
    assert any(found_wanting(STEPS[-1]) in line for line in coach.told), coach.told
