"""An HDMI output that takes IEC958 frames only, and devices that are named by their card."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicecoach.errors import DeviceError
from voicecoach.live import devices
from voicecoach.live.devices import Device, Direction, directed, find_device
from voicecoach.live.opening import opened, refusal

CARDS = """\
 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0
                      vc4-hdmi-0
 1 [vc4hdmi1       ]: vc4-hdmi - vc4-hdmi-1
                      vc4-hdmi-1
 2 [Headset        ]: USB-Audio - USB Headset
                      Some USB Headset at usb-0000:01:00.0-1.2, full speed
"""


def output(name: str, about: str, index: int) -> Device:
    return Device(name, Direction.OUTPUT, about, 48_000, 2, False, index)


HDMI = output("hw:CARD=vc4hdmi0,DEV=0", "vc4-hdmi-0: MAI PCM i2s-hifi-0 (hw:0,0)", 0)
HDMI_1 = output("hw:CARD=vc4hdmi1,DEV=0", "vc4-hdmi-1: MAI PCM i2s-hifi-0 (hw:1,0)", 1)
HEADSET = output("hw:CARD=Headset,DEV=0", "USB Headset: Audio (hw:2,0)", 2)
SYSDEFAULT = output("sysdefault", "sysdefault", 3)
SINK = output("pulse:alsa_output.usb-Maker_Speaker-00.analog-stereo", "Maker Speaker Analog Stereo", 4)
MICROPHONE = replace(HEADSET, direction=Direction.INPUT)
CONVERTED, CONVERTED_1 = devices._converted([HDMI, HDMI_1, HEADSET, SYSDEFAULT, MICROPHONE])
ALL = [HDMI, HDMI_1, HEADSET, SYSDEFAULT, CONVERTED, CONVERTED_1, SINK, MICROPHONE]


@pytest.fixture(autouse=True)
def cards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "cards").write_text(CARDS)
    monkeypatch.setattr(devices, "_CARDS", tmp_path / "cards")
    for variable in ("PULSE_SERVER", "PIPEWIRE_REMOTE", "XDG_RUNTIME_DIR", "ALSA_PCM_CARD"):
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize(
    "said",
    [
        "Error opening RawOutputStream: Sample format not supported [PaErrorCode -9994]",
        "Error opening RawOutputStream: Invalid sample rate [PaErrorCode -9997]",
        "Unanticipated host error [PaErrorCode -9999]: 'Invalid argument' [ALSA error -22]",
    ],
)
def test_an_hdmi_output_that_takes_no_usual_samples_is_answered_with_what_converts(said: str) -> None:
    line = refusal(HDMI.name, said, HDMI.about)
    assert "choose 'sysdefault:CARD=vc4hdmi0'" in line
    assert '`pcm.!default "sysdefault:CARD=vc4hdmi0"`' in line
    assert "/etc/asound.conf" in line
    assert "USB" not in line
    assert line.count("; ") == 1, "the advice is told from what happened by that"


@pytest.mark.parametrize("name", ["hdmi", "iec958", "tv"])
def test_one_that_names_no_card_is_told_how_to_name_it(name: str) -> None:
    line = refusal(name, "Sample format not supported [PaErrorCode -9994]")
    assert "sysdefault:CARD=NAME" in line
    assert "/proc/asound/cards" in line


def test_a_busy_hdmi_output_is_busy_and_a_usb_card_without_the_rate_is_no_hdmi_output() -> None:
    assert "something else uses it" in refusal(HDMI.name, "Device unavailable [PaErrorCode -9985]", HDMI.about)
    assert "none of the usual rates" in refusal(HEADSET.name, "Invalid sample rate [PaErrorCode -9997]", HEADSET.about)


def test_what_converts_already_is_not_told_to_convert() -> None:
    line = refusal(CONVERTED.name, "Unanticipated host error [PaErrorCode -9999]: 'Invalid argument'", CONVERTED.about)
    assert "screen" in line
    assert "choose" not in line


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("vc4hdmi0", CONVERTED),
        ("vc4hdmi1", CONVERTED_1),
        ("VC4-HDMI-1", CONVERTED_1),
        ("hdmi:CARD=vc4hdmi0,DEV=0", CONVERTED),
        ("hdmi:CARD=vc4hdmi0", CONVERTED),
        ("plughw:CARD=vc4hdmi1,DEV=0", CONVERTED_1),
        ("sysdefault:CARD=vc4hdmi1", CONVERTED_1),
        ("hw:CARD=vc4hdmi1,DEV=0", HDMI_1),
        ("plughw:0,0", CONVERTED),
        ("hw:2", HEADSET),
        ("Headset", HEADSET),
        ("headset", HEADSET),
        ("USB Headset", HEADSET),
        ("USB Head", HEADSET),
        ("plughw:CARD=Headset,DEV=0", HEADSET),
        ("sysdefault:CARD=Headset", HEADSET),
        ("Maker Speaker Analog Stereo", SINK),
        ("alsa_output.usb-Maker_Speaker-00.analog-stereo", SINK),
    ],
)
def test_a_device_is_found_by_the_name_of_its_card(name: str, found: Device) -> None:
    assert find_device(ALL, name, Direction.OUTPUT) == found


def test_a_microphone_is_found_by_the_name_of_its_card() -> None:
    assert find_device(ALL, "USB Headset", Direction.INPUT) == MICROPHONE


def test_a_name_that_two_cards_have_is_answered_with_both() -> None:
    with pytest.raises(DeviceError, match=r"more than one loudspeaker 'vc4-hdmi'.*vc4hdmi0.*vc4hdmi1"):
        find_device(ALL, "vc4-hdmi", Direction.OUTPUT)
    assert find_device([HDMI, HEADSET, CONVERTED], "vc4-hdmi", Direction.OUTPUT) == CONVERTED


@pytest.mark.parametrize("name", ["vc4hdmi0", "hw:CARD=vc4hdmi0,DEV=0", "hw:0,0"])
def test_a_card_that_is_there_and_cannot_be_opened_is_not_told_to_be_missing(name: str) -> None:
    with pytest.raises(DeviceError, match="is there, but it is no loudspeaker now"):
        find_device([HEADSET, SYSDEFAULT], name, Direction.OUTPUT)


@pytest.mark.parametrize("name", ["hw:CARD=Hedset,DEV=0", "hw:CARD=Headset,DEV=3", "x", "-", "hw:9"])
def test_what_is_no_card_is_still_answered_with_the_nearest_name(name: str) -> None:
    with pytest.raises(DeviceError, match=r"did you mean '.*'\?|is there, but"):
        find_device([HEADSET, SYSDEFAULT], name, Direction.OUTPUT)


@given(st.text(max_size=40))
def test_whatever_is_named_is_a_device_or_one_line(name: str) -> None:
    try:
        found: object = find_device(ALL, name, Direction.OUTPUT)
    except DeviceError as error:
        found = len(re.sub(re.escape(name), "", str(error)).splitlines())
    assert found == 1 or found in ALL


@pytest.mark.parametrize("before", [None, "Headset"])
def test_the_card_is_named_to_alsa_for_this_opening_only(monkeypatch: pytest.MonkeyPatch, before: str | None) -> None:
    if before is not None:
        monkeypatch.setenv("ALSA_PCM_CARD", before)
    seen = opened(lambda index, _channels: (index, os.environ["ALSA_PCM_CARD"]), CONVERTED_1)
    assert seen == (SYSDEFAULT.index, "vc4hdmi1")
    assert os.environ.get("ALSA_PCM_CARD") == before
    with directed(HDMI):
        assert os.environ.get("ALSA_PCM_CARD") == before
