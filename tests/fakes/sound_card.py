"""PortAudio with one card, which knows one rate only: stands in for the module `sounddevice`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any


class PortAudioError(Exception):
    pass


@dataclass
class Stream:
    callback: Callable[..., None]
    latency_s: float
    started: bool = False

    closed: bool = False

    @property
    def active(self) -> bool:
        return self.started

    def start(self) -> None:
        self.started = True

    def abort(self) -> None:
        self.started = False

    def close(self) -> None:
        assert not self.started
        self.closed = True


@dataclass
class SoundCard:
    rate_hz: int
    channels: int
    streams: list[Stream] = field(default_factory=list)
    PortAudioError: type[Exception] = PortAudioError

    def query_devices(self, _device: int | None, direction: str) -> dict[str, Any]:
        return {"default_samplerate": float(self.rate_hz), f"max_{direction}_channels": self.channels}

    def RawOutputStream(self, **wanted: Any) -> Stream:  # noqa: N802 - the library's name
        if wanted["samplerate"] != self.rate_hz or wanted["channels"] != self.channels:
            raise PortAudioError("Invalid sample rate [PaErrorCode -9997]")
        self.streams.append(Stream(wanted["callback"], wanted["latency"]))
        return self.streams[-1]

    RawInputStream = RawOutputStream


def fine() -> SimpleNamespace:
    """What PortAudio says of a block with which nothing is wrong."""
    return SimpleNamespace(output_underflow=False, input_overflow=False)


def times() -> SimpleNamespace:
    return SimpleNamespace(currentTime=1.0, inputBufferAdcTime=1.0, outputBufferDacTime=1.0)
