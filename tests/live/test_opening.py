from __future__ import annotations

import pytest

from voicecoach.errors import DeviceError
from voicecoach.live.devices import Device, Direction, sounddevice_error
from voicecoach.live.opening import opened, refusal

HEADSET = Device("hw:CARD=Headset,DEV=0", Direction.INPUT, "USB Headset", 44_100, 1, False, 3)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Invalid sample rate [PaErrorCode -9997]", "none of the usual rates"),
        ("Device unavailable [PaErrorCode -9985]", "something else uses it"),
        ("Invalid device [PaErrorCode -9996]", "plug it in again"),
        ("Wait timed out [PaErrorCode -9987]", "too busy"),
        ("Unanticipated host error [PaErrorCode -9999]: 'No space left on device'", "another USB port"),
        ("what nobody has ever seen", "another USB port"),
    ],
)
def test_a_refusal_is_one_line_with_what_to_do(said: str, told: str) -> None:
    line = refusal("hw:CARD=Headset,DEV=0", f"Error opening RawInputStream:\n {said}")
    assert line.startswith(f"'hw:CARD=Headset,DEV=0' cannot be opened ({said[:8]}")
    assert told in line
    assert "\n" not in line
    assert line.count("; ") == 1


def test_what_portaudio_refuses_is_a_missing_device() -> None:
    def refusing(_index: int, _channels: int) -> None:
        raise sounddevice_error()("Error opening RawInputStream: Invalid sample rate [PaErrorCode -9997]")

    with pytest.raises(DeviceError, match="none of the usual rates"):
        opened(refusing, HEADSET)


def test_what_opens_is_returned() -> None:
    assert opened(lambda index, channels: index + channels, HEADSET) == 4


@pytest.mark.parametrize(("times", "opens"), [(1, True), (2, False)])
def test_where_the_machine_was_too_busy_it_is_opened_once_more(times: int, opens: bool) -> None:
    refusals = iter(["Error starting stream: Wait timed out [PaErrorCode -9987]"] * times)

    def busy(index: int, _channels: int) -> int:
        if (said := next(refusals, None)) is not None:
            raise sounddevice_error()(said)
        return index

    if opens:
        assert opened(busy, HEADSET) == 3
    else:
        with pytest.raises(DeviceError, match="too busy"):
            opened(busy, HEADSET)
