"""Devices that are not there at the start, that come, and that go in mid-session."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.device.living import Home
from tests.device.sound_server import HEADSET, SoundServer
from voicecoach.timeline import events

DONE, INTERRUPTED = 0, 130
# At a rate that differs from the microphone's and from ours, with a clock of its own.
HEADPHONES = "module-null-sink sink_name=headphones rate=44100 channels=1"


def test_a_loudspeaker_that_goes_in_a_hold_is_waited_for_and_the_hold_is_as_long_as_ever(
    home: Home, server: SoundServer
) -> None:
    headphones = server.plug_in(HEADPHONES)
    coach = home.run("--loudspeaker", "pulse:headphones", "--microphone", "pulse:microphone.monitor")
    coach.prints("tone start")
    server.unplug(headphones)
    # Gone, or moved to another one by the server: that is for the server to choose, and either will not do.
    coach.tells("No loudspeaker:")
    coach.tells("There is no loudspeaker 'pulse:headphones'")
    after = len(coach.told)
    server.plug_in(HEADPHONES)
    coach.tells("Sound by 'pulse:headphones'", after=after)

    assert coach.ends() == DONE
    assert coach.of(events.Ended)[0].both_ms == 10_000
    at_ms = {tone.name.value: tone.t_ms for tone in coach.of(events.ToneSounded)}
    assert at_ms["hold_end"] - at_ms["start"] == 10_000, "time stood still while nothing could sound"
    assert "I was silent for a moment. You have missed nothing." in [say.text for say in coach.of(events.Said)]


def test_a_microphone_that_was_missing_is_used_when_it_comes_and_missed_when_it_goes(
    home: Home, server: SoundServer, tmp_path: Path
) -> None:
    settings = tmp_path / "config.yaml"
    settings.write_text("format: 1\ndevices: {microphone: 'pulse:headset'}\n")
    coach = home.run("--config", str(settings), routine="long")
    coach.tells("There is no microphone 'pulse:headset'; did you mean")
    coach.prints("“I cannot hear you")
    headset = server.plug_in(HEADSET)
    coach.tells("hearing by 'pulse:headset'")
    line = coach.prints("“I can hear you now")
    line = home.speak_until_understood("how long left", coach, after=line)
    server.unplug(headset)
    coach.prints("“I cannot hear you", after=line)
    coach.process.send_signal(signal.SIGINT)
    assert coach.ends() == INTERRUPTED


def test_whoever_waits_for_a_loudspeaker_begins_when_there_is_one(home: Home, server: SoundServer) -> None:
    coach = home.run("--wait", "--loudspeaker", "pulse:headphones")
    coach.tells("Waiting for it.")
    assert not coach.lines
    server.plug_in(HEADPHONES)
    coach.prints("“Welcome.”")
    coach.process.send_signal(signal.SIGINT)
    assert coach.ends() == INTERRUPTED
