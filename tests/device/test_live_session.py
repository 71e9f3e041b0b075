from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.device.living import Home, is_running, kill
from tests.device.sound_server import SoundServer, until
from tests.rehearsal.tone_finder import find_tones
from voicecoach.commands import Command
from voicecoach.live.clock import GRACE_NS, NS_PER_MS
from voicecoach.timeline import events

DONE, NO_DEVICE, INTERRUPTED = 0, 4, 130
SILENT = "I was silent for a moment. You have missed nothing."
SETTINGS = Path(__file__).with_name("settings.yaml")


def test_a_session_is_performed_as_its_timeline_says_and_a_command_is_obeyed(home: Home) -> None:
    home.record()
    coach = home.run("--config", str(SETTINGS))
    coach.prints("tone start")
    home.speak_until_understood("more time", coach)
    assert coach.ends() == DONE

    assert [heard.command for heard in coach.of(events.Heard)] == [Command.MORE_TIME], "\n".join(coach.lines)
    # On a busy machine the loudspeaker may stand still for a while, and then it says so.
    said = [say.text for say in coach.of(events.Said) if say.text != SILENT]
    assert said[:2] == ["Welcome.", "You are done if it is sharp."]
    assert coach.of(events.Ended)[0].both_ms == 12_000, "two seconds more"

    tones = [(tone.name.value, tone.t_ms) for tone in coach.of(events.ToneSounded)]
    assert [name for name, _ in find_tones(home.recorded())] == [name for name, _ in tones]
    at_ms = dict(tones)
    # To the millisecond, but where a loudspeaker stands still for a moment and what waits is moved.
    assert at_ms["hold_end"] - at_ms["start"] == pytest.approx(12_000, abs=GRACE_NS // NS_PER_MS)


def test_a_session_survives_the_loss_of_everything_it_works_with(home: Home, server: SoundServer) -> None:
    coach = home.run()
    coach.prints("“Welcome.”")
    kill(coach.child("voicecoach.live.sound"))
    coach.tells("lost (its process ended)")

    hearing = coach.child("voicecoach.live.hearing")
    coach.prints("hold: Sole rub")
    kill(hearing)
    until(lambda: hearing not in coach.children(), 20, "the hearing process to be replaced")
    coach.prints("countdown")

    server.hang()
    coach.tells("lost (it did nothing")
    server.go_on()

    coach.prints("hold end")
    server.kill()
    coach.tells("lost", after=len(coach.told))
    assert server.start() is None

    assert coach.ends() == DONE
    assert coach.of(events.Ended)[0].both_ms == 10_000
    tones = [(tone.name.value, tone.t_ms) for tone in coach.of(events.ToneSounded)]
    (start,) = [at_ms for name, at_ms in tones if name == "start"]
    (end,) = [at_ms for name, at_ms in tones if name == "hold_end"]
    # What is lost takes seconds; a tone that comes late, because a loudspeaker stands still for a moment, does not.
    assert end - start == pytest.approx(10_000, abs=60), "time stood still while nothing could sound"
    assert tones[-1][0] == "session_end"
    said = [say.text for say in coach.of(events.Said)]
    assert SILENT in said


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_whoever_interrupts_gets_a_proper_end_at_once_and_nothing_is_left_running(
    home: Home, ending: signal.Signals
) -> None:
    coach = home.run("--loudspeaker", "pulse:loudspeaker", "--microphone", "pulse:microphone.monitor")
    coach.prints("“Welcome.”")
    children = coach.children()
    assert len(children) == 2
    coach.process.send_signal(ending)
    assert coach.ends(limit_s=10) == INTERRUPTED
    assert coach.of(events.Ended)[0].reason == "finished"
    until(lambda: not any(is_running(child) for child in children), 10, "the children to be gone")


def test_the_children_end_with_a_coach_that_is_killed(home: Home) -> None:
    coach = home.run()
    coach.prints("“Welcome.”")
    children = coach.children()
    kill(coach.process.pid)
    until(lambda: not any(is_running(child) for child in children), 10, "the children to be gone")


def test_devices_are_listed_by_the_names_that_the_sound_server_has_for_them(home: Home) -> None:
    listed = home.ask("devices", "--json")
    names = {(device["direction"], device["name"]) for device in json.loads(listed.stdout)}
    assert {("output", "pulse:loudspeaker"), ("input", "pulse:microphone.monitor"), ("output", "default")} <= names


def test_an_unknown_loudspeaker_is_answered_with_the_nearest_name(home: Home) -> None:
    asked = home.ask("run", "--loudspeaker", "pulse:loudspeeker")
    assert asked.returncode == NO_DEVICE
    assert "did you mean 'pulse:loudspeaker'?" in asked.stderr
    assert "loudspeaker" in asked.stderr.splitlines()[-1]


def test_a_device_that_takes_sound_as_fast_as_it_is_made_is_refused(home: Home, server: SoundServer) -> None:
    configuration = Path(server.environment["HOME"]) / ".asoundrc"
    configuration.write_text("pcm.void { type null }\n")
    try:
        asked = home.ask("run", "--loudspeaker", "void")
    finally:
        configuration.unlink()
    assert asked.returncode == NO_DEVICE
    assert "it is no loudspeaker: choose another one" in asked.stderr


def test_without_any_loudspeaker_a_session_does_not_begin(home: Home) -> None:
    asked = home.ask("run", server=False)
    assert asked.returncode == NO_DEVICE
    assert "loudspeaker" in asked.stderr.splitlines()[-1]
