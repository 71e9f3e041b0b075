"""A voice that is only in the right channel of a microphone with two."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable

import pytest

from tests.device.living import Home

INTERRUPTED = 130


@pytest.fixture
def two_channels(preloaded: Callable[[str], dict[str, str]]) -> dict[str, str]:
    """Return the environment in which no device can be opened with fewer: PortAudio gives the first of them."""
    return preloaded("two_channels.c")


def test_who_is_only_in_the_right_channel_is_understood(home: Home, two_channels: dict[str, str]) -> None:
    home.make_noise(level_db=-66.0)
    listening = home.listen("--json", **two_channels)
    listening.tells("Say something; Ctrl-C ends it.")
    for _ in range(3):
        before = len(listening.lines)
        home.speak("switch foot", (0.0, 1.0))
        listening.prints("{", after=before)
        heard = json.loads(listening.lines[-1])
        if heard["reason"] == "accepted":
            break
    assert heard["command"] == "switch", heard
    listening.process.send_signal(signal.SIGINT)
    assert listening.ends(limit_s=10) == INTERRUPTED
