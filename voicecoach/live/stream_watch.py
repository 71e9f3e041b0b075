"""Sees that a stream is still at its device, and that nothing silences it: PortAudio does not notice.

A device that is unplugged ends its streams, or the server moves them to another one; either way PortAudio's callbacks
go on, into nothing or into the wrong room. So the server is asked now and then where the stream is. Only what it says
for certain counts: a server that hangs or dies is found out by the callbacks, and other sound systems know nothing of
us. Where no server has the stream, ALSA's mixer is asked whether the card is silent.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, Final

from voicecoach.live import alsa_mixer
from voicecoach.live.devices import SERVER_PREFIX, Device, Direction, ask_server
from voicecoach.live.muting import silence
from voicecoach.live.priority import go_with_the_others

PAUSE_S: Final = 1.0
"""Each look costs a process of some milliseconds."""
RESTING_PAUSE_S: Final = 10.0
"""The same while the coach waits to be called."""
_MISSED: Final = 2
"""Looks in a row without the stream: then it has gone."""
_DEVICE_EVERY: Final = 5
"""Looks from one at the device to the next: people mute it, or turn it down, now and then."""
_STREAMS: Final = {
    Direction.OUTPUT: ("sink-inputs", "sink", "sinks"),
    Direction.INPUT: ("source-outputs", "source", "sources"),
}
"""What the server calls the streams of a direction, the device in one of them, and the devices."""


class StreamWatch:
    """Looks after this process's one stream of a direction."""

    def __init__(self, device: Device, ask: Callable[..., Any] = ask_server) -> None:
        """Take the device that was opened, and how the server is asked: see `ask_server`."""
        self.device = device
        """The one that was opened."""
        self._ask = ask
        self._gone: str | None = None
        self._silenced = ""
        self._at: object = None
        """The server's number of the device where the stream was found last."""
        self._is_closed = False
        self.pause_s = PAUSE_S
        """Between two looks."""
        self._missed = 0
        """How often in a row it was not found."""
        self._looks = 0

    @property
    def gone(self) -> str | None:
        """Why the stream is of no use any more; none while it is, or nobody knows."""
        return self._gone

    @property
    def silenced(self) -> str:
        """Why nobody hears it although it is there, and what to do; empty where there is no reason that is known."""
        return self._silenced

    def start(self) -> None:
        """Look now and then from now on, in a thread of its own."""
        threading.Thread(target=self._watch, name=f"watch-{self.device.direction}", daemon=True).start()

    def look(self) -> None:
        """Look once. The server may take some seconds to answer."""
        if not self._is_closed:
            self._gone = self._gone or self._trouble()

    def closed(self) -> None:
        """Take that there is no stream for a while."""
        self._is_closed = True

    def opened(self) -> None:
        """Take that there is a new stream."""
        self._at = None
        self._is_closed = False

    def _watch(self) -> None:
        pause = threading.Event()
        while self._gone is None:
            pause.wait(self.pause_s)
            # The sound goes first, not this, nor the programs that this starts.
            go_with_the_others()
            self.look()

    def _trouble(self) -> str | None:
        streams, field, devices = _STREAMS[self.device.direction]
        found = self._ask("list", streams)
        looks_at_device = self._looks % _DEVICE_EVERY == 0
        self._looks += 1
        if self._is_closed:
            return None
        ours = next((stream for stream in found if _is_ours(stream)), None) if isinstance(found, list) else None
        if ours is None:
            if self._at is None:
                # It may be a stream that the server does not know, or has not been told of yet.
                if looks_at_device:
                    self._silenced = alsa_mixer.silence(self.device, has_server=isinstance(found, list))
                return None
            if not isinstance(found, list):
                return None
            self._missed += 1
            # After a gap ALSA's plugin makes itself a new one: between them there is none.
            return f"'{self.device.name}' has gone." if self._missed >= _MISSED else None
        self._missed = 0
        has_moved, self._at = ours[field] != self._at, ours[field]
        if not has_moved and not looks_at_device:
            return None
        there_are = self._ask("list", devices)
        at = [one for one in there_are if one["index"] == self._at] if isinstance(there_are, list) else []
        if at:
            self._silenced = silence(self.device.direction, at[0], ours)
        return self._misplaced(there_are) if has_moved else None

    def _misplaced(self, devices: Any) -> str | None:
        """Where one device was asked for, any other is wrong; otherwise it is the server's choice."""
        if not self.device.name.startswith(SERVER_PREFIX) or not isinstance(devices, list):
            return None
        names = [device["name"] for device in devices if device["index"] == self._at]
        if not names or SERVER_PREFIX + names[0] == self.device.name:
            return None
        return f"The sound server has moved the stream from '{self.device.name}' to '{SERVER_PREFIX}{names[0]}'."


def _is_ours(stream: Any) -> bool:
    return str(stream.get("properties", {}).get("application.process.id")) == str(os.getpid())
