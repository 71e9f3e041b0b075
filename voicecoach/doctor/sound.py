"""The coach's end of the sound probe: asks it to open, listen and play, one thing after the other."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from voicecoach.doctor.child import Probe, ProbeFailedError

OPEN_LIMIT_S: Final = 20.0
"""As long as a session waits for its sound process, and some time to start Python on a small machine."""
LISTEN_S: Final = 3.0
_ECHO_LIMIT_S: Final = 20.0
"""Takes 6 s."""


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What came of opening a device."""

    name: str
    native_hz: int
    opened_hz: int
    channels: int
    callbacks: int
    """How often it had asked for sound, or given some, shortly afterwards."""
    trouble: str | None
    """Why it could not be opened."""
    silenced: str = ""
    """Why nobody hears it although it is open, with what to do after a colon."""


@dataclass(frozen=True, slots=True)
class LevelFacts:
    """See `voicecoach.doctor.measuring.Levels`."""

    frames: int
    rate_hz: int
    peak_db: float
    floor_db: float
    loud_db: float
    offset: float
    clipped: float
    is_stuck: bool
    overflows: int
    channel: int = 0
    """Which one is heard, counted from 0."""
    channels: int = 1
    dead_channels: tuple[int, ...] = ()
    """Those that give nothing."""


@dataclass(frozen=True, slots=True)
class WakingFacts:
    """What came of a tone that was the first sound of a loudspeaker that was just opened."""

    played_ms: int
    """How long after the opening it began."""
    lost_ms: float | None
    """How much of its beginning did not come back from the microphone; None where nothing of it did."""


@dataclass(frozen=True, slots=True)
class EchoFacts:
    """What came of playing chirps."""

    played: int
    delays_ms: tuple[float, ...]
    """From handing a chirp to the loudspeaker's driver to its arrival from the microphone's; of those that came."""
    gains_db: tuple[float, ...]
    """How loud they arrived, against what was played."""
    above_noise_db: tuple[float, ...]
    peak_db: float
    clipped: float
    underflows: int
    canceller: str | None
    """Why there is no echo canceller; None where there is one."""


class SoundProbe:
    """One opening of the devices, in a process that is killed at the end. Everything raises `ProbeFailedError`."""

    def __init__(self, loudspeaker: str, microphone: str) -> None:
        """Start the process. Names are empty for the usual devices."""
        self._probe = Probe("voicecoach.doctor.sound_probe", loudspeaker, microphone)

    def open(
        self, *, plays: bool, volume_db: float, wake_ms: int
    ) -> tuple[StreamFacts, StreamFacts, WakingFacts | None]:
        """Return what came of opening the loudspeaker and the microphone, and of a tone where it `plays` one.

        The tone begins when a session's first sound would, for a loudspeaker that needs `wake_ms` to wake.
        """
        request = {"do": "open", "plays": plays, "volume_db": float(volume_db), "wake_ms": wake_ms}
        answer = self._probe.ask(request, OPEN_LIMIT_S)
        waking = answer["waking"]
        return (
            StreamFacts(**answer["loudspeaker"]),
            StreamFacts(**answer["microphone"]),
            WakingFacts(**waking) if waking is not None else None,
        )

    def levels(self) -> LevelFacts:
        """Listen for `LISTEN_S` seconds."""
        answer = self._probe.ask({"do": "levels", "seconds": LISTEN_S}, LISTEN_S + OPEN_LIMIT_S)
        return LevelFacts(dead_channels=tuple(answer.pop("dead_channels")), **answer)

    def echo(self, volume_db: float) -> EchoFacts:
        """Play chirps, and look for them in what the microphone gives."""
        answer: dict[str, Any] = self._probe.ask({"do": "echo", "volume_db": float(volume_db)}, _ECHO_LIMIT_S)
        echoes = answer.pop("echoes")
        return EchoFacts(
            delays_ms=tuple(echo["delay_ms"] for echo in echoes),
            gains_db=tuple(echo["gain_db"] for echo in echoes),
            above_noise_db=tuple(echo["above_noise_db"] for echo in echoes),
            **answer,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._probe.__exit__(kind, error, trace)


__all__ = ["LISTEN_S", "EchoFacts", "LevelFacts", "ProbeFailedError", "SoundProbe", "StreamFacts", "WakingFacts"]
