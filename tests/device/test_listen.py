"""`listen` at a microphone that is really spoken into, is taken away, and comes back."""

from __future__ import annotations

import json
import signal

from tests.device.living import Home, kill
from tests.device.sound_server import HEADSET, SoundServer

NO_DEVICE, INTERRUPTED = 4, 130


def test_what_is_said_is_printed_when_it_is_said_and_a_lost_microphone_is_told_and_opened_anew(home: Home) -> None:
    home.make_noise(level_db=-66.0)
    listening = home.listen("--json")
    listening.tells("Say something; Ctrl-C ends it.")

    def says(phrase: str) -> dict[str, object]:
        """Say it again where it was not understood, as people do."""
        for _ in range(3):
            before = len(listening.lines)
            home.speak(phrase)
            listening.prints("{", after=before)
            heard: dict[str, object] = json.loads(listening.lines[-1])
            if heard["reason"] == "accepted":
                return heard
        raise AssertionError(listening.lines)

    first = says("switch foot")
    assert (first["command"], first["phrase"]) == ("switch", "switch foot")

    lost = listening.child("voicecoach.live.microphone")
    kill(lost)
    listening.tells("The microphone was lost (its process ended); it is opened anew.")
    told = next(number for number, line in enumerate(listening.told) if "was lost" in line)
    listening.tells("Listening to 'default'", after=told)
    second = says("cramp")
    assert second["command"] == "cramp"
    assert isinstance(first["end_ms"], int)
    assert isinstance(second["start_ms"], int)
    assert first["end_ms"] < second["start_ms"], "one clock for all of it"

    listening.process.send_signal(signal.SIGINT)
    assert listening.ends(limit_s=10) == INTERRUPTED
    listening.tells("Commands understood:")


def test_a_microphone_that_gives_only_zeros_is_told_with_what_to_do(home: Home) -> None:
    listening = home.listen()
    listening.tells("The microphone gives nothing but zeros", limit_s=40)
    assert any("alsamixer" in line for line in listening.told)
    listening.process.send_signal(signal.SIGTERM)
    assert listening.ends(limit_s=10) == INTERRUPTED


def test_a_microphone_that_the_sound_server_loses_is_waited_for(home: Home, server: SoundServer) -> None:
    headset = server.plug_in(HEADSET)
    listening = home.listen("--microphone", "pulse:headset")
    listening.tells("Listening to 'pulse:headset'")
    server.unplug(headset)
    listening.tells("'pulse:headset'; did you mean")
    told = len(listening.told)
    server.plug_in(HEADSET)
    listening.tells("Listening to 'pulse:headset'", after=told)
    listening.process.send_signal(signal.SIGINT)
    assert listening.ends(limit_s=10) == INTERRUPTED


def test_an_unknown_microphone_is_answered_with_the_nearest_name(home: Home) -> None:
    asked = home.ask("listen", "--microphone", "pulse:microfone.monitor")
    assert asked.returncode == NO_DEVICE
    assert "did you mean 'pulse:microphone.monitor'?" in asked.stderr
    assert asked.stdout == ""


def test_where_there_is_no_microphone_at_all_one_line_says_so(home: Home) -> None:
    asked = home.ask("listen", server=False)
    assert asked.returncode == NO_DEVICE
    assert "There is no microphone: connect one" in asked.stderr
