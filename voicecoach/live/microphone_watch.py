"""Finds out when it is worth opening the devices anew for the microphone's sake.

PortAudio sees only what was there when its process started, so a microphone that comes, or comes back, needs a new
sound process, which interrupts the coach for a moment. So it is looked for by another process first.
"""

from __future__ import annotations

import subprocess
from contextlib import suppress
from typing import Final

from voicecoach.errors import DeviceError
from voicecoach.isolation import python_command
from voicecoach.live.devices import Direction, devices_from_json, find_device
from voicecoach.live.keeper import NS_PER_S

SILENT_NS: Final = 3 * NS_PER_S
"""A microphone that has given nothing for so long is not working."""
FIRST_LOOK_NS: Final = 5 * NS_PER_S
LONGEST_PAUSE_NS: Final = 60 * NS_PER_S
_LOOK_LIMIT_NS: Final = 10 * NS_PER_S


class MicrophoneWatch:
    """Looks for a microphone now and then while there is none. Never waits. Times are monotonic nanoseconds."""

    def __init__(self, name: str) -> None:
        """Look for the microphone of this name, or any."""
        self._name = name
        self._pause_ns = FIRST_LOOK_NS
        self._due_ns: int | None = None
        self._asked_ns = 0
        self._asked: subprocess.Popen[bytes] | None = None

    def found(self, now_ns: int, *, works: bool) -> bool:
        """Tell, once for each look, whether there is a microphone although none works."""
        if works:
            self._pause_ns, self._due_ns = FIRST_LOOK_NS, None
            self.close()
            return False
        if self._asked is not None:
            return self._answered(self._asked, now_ns)
        if self._due_ns is None:
            self._due_ns = now_ns + self._pause_ns
        elif now_ns >= self._due_ns:
            self._ask(now_ns)
        return False

    def close(self) -> None:
        """Stop looking."""
        if self._asked is not None:
            self._asked.kill()
            with suppress(subprocess.TimeoutExpired):
                self._asked.wait(0.1)
            assert self._asked.stdout is not None
            self._asked.stdout.close()
            self._asked = None

    def _ask(self, now_ns: int) -> None:
        self._asked_ns = now_ns
        self._pause_ns = min(2 * self._pause_ns, LONGEST_PAUSE_NS)
        self._due_ns = now_ns + self._pause_ns
        with suppress(OSError):
            self._asked = subprocess.Popen(
                python_command("-m", "voicecoach.live.devices"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def _answered(self, asked: subprocess.Popen[bytes], now_ns: int) -> bool:
        if asked.poll() is None:
            if now_ns - self._asked_ns > _LOOK_LIMIT_NS:
                self.close()
            return False
        # What a list of devices takes fits into the pipe, so it is all there.
        assert asked.stdout is not None
        answer = asked.stdout.read()
        self.close()
        try:
            find_device(devices_from_json(answer), self._name or None, Direction.INPUT)
        except DeviceError:
            return False
        return True
