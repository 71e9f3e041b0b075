from __future__ import annotations

import pytest

from voicecoach.cli import introducing
from voicecoach.cli.introducing import MOST_ADVICE, MOST_LOUDSPEAKERS, advice, loudspeakers
from voicecoach.doctor import Finding, Standing
from voicecoach.live.devices import Device, Direction


def device(name: str, *, is_default: bool = False, direction: Direction = Direction.OUTPUT) -> Device:
    return Device(name, direction, name, 48_000, 2, is_default, 0)


def test_the_usual_loudspeaker_comes_first_and_by_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        device("hw:CARD=Headset,DEV=0"),
        device("default", is_default=True),
        device("hw:CARD=vc4hdmi0,DEV=0"),
        device("hw:CARD=Mic,DEV=0", direction=Direction.INPUT),
    ]
    monkeypatch.setattr(introducing, "probe_devices", lambda: found)
    assert loudspeakers("") == ["", "hw:CARD=Headset,DEV=0", "hw:CARD=vc4hdmi0,DEV=0"]


def test_only_the_one_that_is_named_is_tried() -> None:
    assert loudspeakers("hw:CARD=Headset,DEV=0") == ["hw:CARD=Headset,DEV=0"]


def test_not_everything_that_a_machine_lists_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(introducing, "probe_devices", lambda: [device(f"card{number}") for number in range(30)])
    assert len(loudspeakers("")) == MOST_LOUDSPEAKERS


def finding(standing: Standing, spoken: str) -> Finding:
    return Finding("check", standing, "code", "found", spoken=spoken)


def test_the_worst_is_said_first_once_and_what_is_well_not_at_all() -> None:
    said = advice(
        [
            finding(Standing.OK, "All is well."),
            finding(Standing.WARNING, "It is noisy."),
            finding(Standing.FAILURE, "There is no microphone."),
            finding(Standing.FAILURE, "There is no microphone."),
            finding(Standing.SKIPPED, "I could not look."),
            finding(Standing.WARNING, ""),
        ]
    )
    assert said == ["There is no microphone.", "It is noisy."]
    assert len(advice([finding(Standing.FAILURE, f"Fault {number}.") for number in range(20)])) == MOST_ADVICE
