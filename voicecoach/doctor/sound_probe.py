"""Opens the loudspeaker and the microphone as a session would, listens, and plays when it is asked to.

`python -m voicecoach.doctor.sound_probe PARENT LOUDSPEAKER MICROPHONE`, names empty for the usual ones. What the
microphone gives is measured here, and stays here.
"""

from __future__ import annotations

from voicecoach.no_network import leave_network

if __name__ == "__main__":
    # Before anything is imported that has threads: with them nobody may go.
    leave_network()

import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import soxr

from voicecoach.audio.clip import Samples
from voicecoach.audio.echo import BLOCK_FRAMES, EchoCanceller, is_installed
from voicecoach.audio.mixer import SoundStarted
from voicecoach.doctor.answering import answer_requests
from voicecoach.doctor.measuring import (
    CHIRP_MS,
    LONGEST_ECHO_MS,
    WAKING_MS,
    chirp_sound,
    echo_gains,
    find_echo,
    levels,
    moment_ns,
    swallowed_ms,
    waking_sound,
)
from voicecoach.errors import DeviceError
from voicecoach.live.devices import Device, Direction, find_device, list_devices
from voicecoach.live.opening import opened
from voicecoach.live.stream_watch import StreamWatch
from voicecoach.live.streams import Input, Output
from voicecoach.live.wire import Gain, Place
from voicecoach.units import INPUT_RATE_HZ, OUTPUT_RATE_HZ

CHIRPS: Final = 3
WARM_UP_MS: Final = 400
"""What a session gives every loudspeaker: `voicecoach.live.live_session.WARM_UP_NS`."""
_QUIET_S: Final = 0.5
_LEAD_S: Final = 1.2
_EVERY_S: Final = 1.5
_FIRST_S: Final = 3.0
"""What a device has from its opening to its first callback: a session waits for a silent microphone as long. A sound
server's idle device has been seen to take 2 s."""
_TURN_S: Final = 0.02


class _Recorder:
    """Collects what the callbacks leave, while it is asked to."""

    def __init__(self, output: Output | None, source: Input, *, own: bool = False) -> None:
        """`own`: what is recorded is the coach's own sound, not a person's."""
        self._output = output
        self._input = source
        self._is_own = own
        self.given: list[tuple[int, int]] = []
        self.asked: list[tuple[int, int]] = []
        self.begun: list[int] = []
        self._blocks: list[Samples] = []
        self._frames = 0
        source.heard.clear()
        if output is not None:
            output.marks.clear()
            output.reports.clear()

    @property
    def sound(self) -> Samples:
        """All of it so far, from the channel that turned out to be the best."""
        channel = self._input.best.channel
        return np.concatenate(self._blocks)[:, channel] if self._blocks else np.zeros(0, np.float32)

    def go_on(self, seconds: float) -> None:
        """Record for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(_TURN_S)
            while self._input.heard:
                at_ns, data = self._input.heard.popleft()
                self._input.mono(data, own=self._is_own)
                self._blocks.append(self._input.all_channels(data))
                self._frames += len(self._blocks[-1])
                self.given.append((self._frames, at_ns))
            if self._output is not None:
                self._output.played.clear()
                while self._output.marks:
                    self.asked.append(self._output.marks.popleft())
                while self._output.reports:
                    report = self._output.reports.popleft()
                    if isinstance(report, SoundStarted):
                        self.begun.append(report.frame)


class _Devices:
    """The two streams, opened once."""

    def __init__(self, loudspeaker: str, microphone: str) -> None:
        self._names = {Direction.OUTPUT: loudspeaker, Direction.INPUT: microphone}
        self._output: Output | None = None
        self._input: Input | None = None

    def answer(self, request: dict[str, Any]) -> dict[str, object]:
        """Do what is asked for."""
        match request:
            case {"do": "open", "plays": bool(plays), "volume_db": float(volume_db), "wake_ms": int(wake_ms)}:
                return self._open(plays=plays, volume_db=volume_db, wake_ms=wake_ms)
            case {"do": "levels", "seconds": float(seconds)}:
                return self._levels(seconds)
            case {"do": "echo", "volume_db": float(volume_db)}:
                return self._echo(volume_db)
        raise ValueError("that is nothing to be asked for")

    def _open(self, *, plays: bool, volume_db: float, wake_ms: int) -> dict[str, object]:
        try:
            devices = list_devices()
        except DeviceError as error:
            nothing = {"name": "", "native_hz": 0, "opened_hz": 0, "channels": 0, "callbacks": 0, "trouble": str(error)}
            return {"loudspeaker": nothing, "microphone": nothing, "waking": None}
        # The microphone first: it has to be awake when the loudspeaker wakes.
        ear = _opened(devices, self._names[Direction.INPUT], Direction.INPUT, Input)
        self._input = ear.pop("stream")
        quiet = None
        if self._input is not None:
            _await_callbacks(self._input)
            recorder = _Recorder(None, self._input, own=True)
            recorder.go_on(_QUIET_S if plays else 0.0)
            quiet = recorder.sound
        speaker = _opened(devices, self._names[Direction.OUTPUT], Direction.OUTPUT, Output)
        self._output = speaker.pop("stream")
        waking = None
        if self._output is not None:
            self._output.keep_awake(wake_ms > 0)
            _await_callbacks(self._output)
            if plays and quiet is not None and len(quiet):
                waking = self._waking(quiet, volume_db, max(wake_ms, WARM_UP_MS))
        for facts, stream in ((speaker, self._output), (ear, self._input)):
            facts["callbacks"] = stream.callbacks if stream is not None else 0
            device = facts.pop("device")
            if device is not None and stream is not None:
                watch = StreamWatch(device)
                watch.look()
                facts["silenced"] = watch.silenced
        return {"loudspeaker": speaker, "microphone": ear, "waking": waking}

    def _waking(self, quiet: Samples, volume_db: float, after_ms: int) -> dict[str, object]:
        """Play a tone as the first sound of the loudspeaker, and return what is missing of it."""
        assert self._input is not None
        assert self._output is not None
        recorder = _Recorder(self._output, self._input, own=True)
        self._output.commands.append(Gain(volume_db))
        at_frame = after_ms * OUTPUT_RATE_HZ // 1000
        self._output.commands.append(Place(CHIRPS, at_frame, 0, False, waking_sound().tobytes()))
        recorder.go_on((after_ms + WAKING_MS + LONGEST_ECHO_MS) / 1000)
        heard, before = (
            np.asarray(soxr.resample(sound, self._input.rate_hz, INPUT_RATE_HZ), np.float32)
            for sound in (recorder.sound, quiet)
        )
        return {"played_ms": after_ms, "lost_ms": swallowed_ms(heard, before)}

    def _levels(self, seconds: float) -> dict[str, object]:
        assert self._input is not None
        recorder = _Recorder(self._output, self._input)
        recorder.go_on(seconds)
        return asdict(levels(recorder.sound, self._input.rate_hz)) | {
            "overflows": self._input.overflows,
            "channel": self._input.best.channel,
            "channels": self._input.best.channels,
            "dead_channels": self._input.best.dead,
        }

    def _echo(self, volume_db: float) -> dict[str, object]:
        assert self._input is not None
        assert self._output is not None
        source, output = self._input, self._output
        recorder = _Recorder(output, source, own=True)
        recorder.go_on(_LEAD_S)
        output.commands.append(Gain(volume_db))
        for number in range(CHIRPS):
            # A frame that has passed means at once; when that was is reported.
            output.commands.append(Place(number, 0, 0, False, chirp_sound().tobytes()))
            recorder.go_on(_EVERY_S)
        sound = recorder.sound
        gains = echo_gains(np.asarray(soxr.resample(sound, source.rate_hz, INPUT_RATE_HZ), np.float32))
        echoes = []
        quiet: slice | None = None
        for begun in recorder.begun:
            try:
                handed_ns = moment_ns(recorder.asked, begun, OUTPUT_RATE_HZ)
                played_at = _frame_at(recorder.given, handed_ns, source.rate_hz)
            except ValueError:
                continue
            quiet = quiet or slice(0, max(1, played_at - CHIRP_MS * INPUT_RATE_HZ // 1000))
            echoes.append(find_echo(gains, played_at, quiet))
        loudest = levels(sound, source.rate_hz)
        return {
            "played": len(recorder.begun),
            "echoes": [asdict(echo) for echo in echoes if echo is not None],
            "peak_db": loudest.peak_db,
            "clipped": loudest.clipped,
            "underflows": output.underflows,
            "canceller": _canceller_trouble(),
        }


def _await_callbacks(stream: Output | Input) -> None:
    until = time.monotonic() + _FIRST_S
    while not stream.callbacks and time.monotonic() < until:
        time.sleep(_TURN_S)


def _opened(
    devices: list[Device], name: str, direction: Direction, kind: Callable[[int, int], Output | Input]
) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": name, "native_hz": 0, "opened_hz": 0, "channels": 0, "trouble": None}
    stream = device = None
    try:
        device = find_device(devices, name or None, direction)
        facts |= {"name": device.name, "native_hz": device.rate_hz, "channels": device.channels}
        stream = opened(kind, device)
        facts["opened_hz"] = stream.rate_hz
    except DeviceError as error:
        facts["trouble"] = str(error)
    return facts | {"stream": stream, "device": device}


def _frame_at(given: list[tuple[int, int]], at_ns: float, rate_hz: int) -> int:
    """Return which frame at 16 kHz reached the microphone at that time. Raises `ValueError` where none is near."""
    near = min(given, key=lambda mark: abs(mark[1] - at_ns), default=(0, 0))[0]
    behind_ns = at_ns - moment_ns(given, near, rate_hz)
    return round(near * INPUT_RATE_HZ / rate_hz + behind_ns * INPUT_RATE_HZ / 1e9)


def _canceller_trouble() -> str | None:
    if not is_installed():
        return "pywebrtc-audio is not installed"
    try:
        silence = np.zeros(BLOCK_FRAMES, np.int16)
        EchoCanceller().process(silence, silence)
    except (ImportError, OSError, RuntimeError) as error:
        return " ".join(str(error).split())
    return None


def main() -> None:
    """Answer requests about the devices that are named."""
    parent, loudspeaker, microphone = sys.argv[1:]
    answer_requests(int(parent), _Devices(loudspeaker, microphone).answer)


if __name__ == "__main__":
    main()
