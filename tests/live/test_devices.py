from __future__ import annotations

import pytest

from voicecoach.errors import DeviceError
from voicecoach.live.devices import Device, Direction, card_ids, find_device, stable_name

CARDS = """\
 0 [vc4hdmi        ]: vc4-hdmi - vc4-hdmi
                      vc4-hdmi
 2 [Headset        ]: USB-Audio - USB Headset
                      Some USB Headset at usb-0000:01:00.0-1.2, full speed
"""
SPEAKER = Device("hw:CARD=Headset,DEV=0", Direction.OUTPUT, "USB Headset", 48_000, 2, False, 0)
USUAL = Device("default", Direction.OUTPUT, "default", 44_100, 32, True, 1)


def test_a_card_is_called_by_its_id_and_not_by_its_number() -> None:
    cards = card_ids(CARDS)
    assert cards == {0: "vc4hdmi", 2: "Headset"}
    assert stable_name("USB Headset: Audio (hw:2,0)", cards) == "hw:CARD=Headset,DEV=0"
    assert stable_name("default", cards) == "default"


def test_the_usual_device_is_taken_where_none_is_named() -> None:
    assert find_device([SPEAKER, USUAL], None, Direction.OUTPUT) is USUAL
    assert find_device([SPEAKER], None, Direction.OUTPUT) is SPEAKER


def test_a_name_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(DeviceError, match=r"did you mean 'hw:CARD=Headset,DEV=0'\?"):
        find_device([SPEAKER, USUAL], "hw:CARD=Hedset,DEV=0", Direction.OUTPUT)
    with pytest.raises(DeviceError, match="no microphone"):
        find_device([SPEAKER, USUAL], None, Direction.INPUT)
