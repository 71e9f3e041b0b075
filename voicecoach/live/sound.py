"""The sound process: `python -m voicecoach.live.sound DESCRIPTOR PARENT`.

Everything that calls PortAudio for a session is in here, where it may hang and crash: the coach notices and starts
another one. PortAudio's list of devices is frozen when it starts, so a process lives for one opening of the devices.

One thread talks to the coach and takes the echo out; the callbacks are in `streams.py`.
"""

from __future__ import annotations

from voicecoach.no_network import leave_network

if __name__ == "__main__":
    # Before anything is imported that has threads: with them nobody may go.
    leave_network()

import os
import select
import socket
import sys
import time
from functools import partial
from typing import Final

import numpy as np

from voicecoach.audio.mixer import SoundStarted
from voicecoach.errors import DeviceError
from voicecoach.live.devices import Device, Direction, find_device, list_devices
from voicecoach.live.echo_path import BLOCK_FRAMES, DELAY_MS, EchoPath
from voicecoach.live.kept_ready import KeptReady
from voicecoach.live.opening import opened
from voicecoach.live.overload import USUAL_BUFFER_MS
from voicecoach.live.pace import Pace
from voicecoach.live.parentage import coach_socket, die_with_parent, messages
from voicecoach.live.priority import go_first
from voicecoach.live.stream_watch import PAUSE_S, RESTING_PAUSE_S, StreamWatch
from voicecoach.live.streams import Input, Output
from voicecoach.live.wire import (
    TO_SOUND,
    Began,
    Decoder,
    Deepen,
    Finished,
    Gain,
    Message,
    Microphone,
    Move,
    NotOpened,
    OpenDevices,
    Opened,
    Place,
    RestLoudspeaker,
    Silence,
    Silenced,
    Status,
    WakeLoudspeaker,
    Woke,
    encode,
)
from voicecoach.units import INPUT_RATE_HZ

_TURN_S: Final = 0.02
"""After so long at the latest it looks around; what the microphone gives and what the coach sends wakes it at once."""
_RESTING_TURN_S: Final = 0.06
"""While the loudspeaker rests what is heard is passed on in pieces of so much: each costs four processes' waking."""
_SPARING_TURN: Final = 0.4
"""While more is kept ready than usual, what is heard is passed on in pieces of this part of it, and no more often..."""
_LONGEST_TURN_S: Final = 0.1
"""... than it must be: answers wait for it."""
_STATUS_NS: Final = 40_000_000
_RESTING_STATUS_NS: Final = 500_000_000
_READ_BYTES: Final = 1 << 20
_LONGEST_INPUT_MS: Final = 100
"""The microphone's own buffers are longer than what PortAudio is asked for, and what is heard late is answered late."""
_ECHO_NS: Final = 700_000_000
"""After this the room is silent again: the latest echo that can be taken out comes after 400 ms, and rings on."""
_NO_LOUDSPEAKER: Final = (
    "'{}' takes sound faster than anybody could hear it, so it is no loudspeaker: choose another one"
    " ('voicecoach devices')."
)


class SoundProcess:
    """Serves one coach until it goes."""

    def __init__(
        self,
        coach: socket.socket,
        decoder: Decoder,
        output: Output,
        source: Input | None,
        path: EchoPath | None,
        *,
        watches: tuple[StreamWatch, StreamWatch | None],
        buffer_ms: int = USUAL_BUFFER_MS,
    ) -> None:
        self._coach = coach
        self._output = output
        self._input = source
        self._path = path
        self._output_watch, self._input_watch = watches
        self._decoder = decoder
        self._mark = (0, 0)
        self._pace = Pace()
        self._rests = False
        self._spares = False
        self._kept_ready = KeptReady()
        self._turn_s = _TURN_S
        self._spare(buffer_ms)
        self._goes_first = False
        self._sounded_ns = -_ECHO_NS
        self._silenced = Silenced("", "")

    def serve(self) -> None:
        """Pass commands, reports and sound to and fro."""
        status_ns = 0
        for message in self._decoder.feed(b""):
            self._obey(message)
        while True:
            if self._coach in self._waited_for():
                data = self._coach.recv(_READ_BYTES)
                if not data:
                    return
                for message in self._decoder.feed(data):
                    self._obey(message)
            gone = self._output_watch.gone or self._gone_in_rest()
            if gone is not None:
                self._tell(NotOpened(gone))
                return
            if self._input_watch is not None and self._input_watch.gone is not None:
                # The coach goes on without it, and looks for one.
                self._input = None
            self._report()
            self._listen()
            if not self._goes_first and self._flows:
                self._goes_first = True
                go_first()
            now_ns = time.monotonic_ns()
            if now_ns - status_ns >= self._status_ns:
                status_ns = now_ns
                self._tell_status()
                self._tell_silence()
                if self._pace.is_impossible(self._mark[1], self._mark[0]):
                    self._tell(NotOpened(_NO_LOUDSPEAKER.format(self._output_watch.device.name)))
                    return

    def _waited_for(self) -> list[socket.socket | int]:
        """Wait until there is something to do, and return what has come: from the coach, from the microphone."""
        sources: list[socket.socket | int] = [self._coach]
        # While the loudspeaker rests, or the machine does not keep up, the microphone is only looked at now and then.
        if self._input is not None and not (self._rests or self._spares):
            sources.append(self._input.arrived)
        come, _, _ = select.select(sources, [], [], _RESTING_TURN_S if self._rests else self._turn_s)
        if self._input is not None:
            self._input.look()
        return come

    @property
    def _status_ns(self) -> int:
        return _RESTING_STATUS_NS if self._rests else max(_STATUS_NS, round(self._turn_s * 1e9))

    @property
    def _flows(self) -> bool:
        """Whether sound goes out and comes in: until then PortAudio's threads may be waiting without sleeping."""
        return self._output.callbacks > 0 and (self._input is None or self._input.callbacks > 0)

    def _obey(self, message: Message) -> None:
        match message:
            case Place() | Move() | Silence() | Gain():
                self._output.commands.append(message)
            case RestLoudspeaker():
                self._rest()
            case WakeLoudspeaker():
                self._wake()
            case Deepen(buffer_ms=buffer_ms):
                self._deepen(buffer_ms)

    def _rest(self) -> None:
        self._output_watch.closed()
        self._output.rest()
        self._rests = True
        self._output.played.clear()
        if self._path is not None:
            self._path.rest()
        if self._input_watch is not None:
            self._input_watch.pause_s = RESTING_PAUSE_S

    def _wake(self) -> None:
        """Open the loudspeaker. Raises `DeviceError` where it is not there any more, or somebody else has it."""
        opened(lambda _index, _channels: self._output.wake(), self._output_watch.device)
        self._kept_ready.begin(self._output.buffer_ms)
        self._output_watch.opened()
        self._rests = False
        if self._input_watch is not None and not self._spares:
            self._input_watch.pause_s = PAUSE_S
        self._tell(Woke())

    def _deepen(self, buffer_ms: int) -> None:
        """Open the loudspeaker with a longer buffer. Raises as `_wake`."""
        self._spare(buffer_ms)
        if self._rests:
            self._output.buffer_ms = buffer_ms
            return
        self._output_watch.closed()
        opened(lambda _index, _channels: self._output.deepen(buffer_ms), self._output_watch.device)
        self._output_watch.opened()

    def _spare(self, buffer_ms: int) -> None:
        """Do things less often where more sound is kept ready than usual: each costs four processes' waking."""
        self._spares = buffer_ms > USUAL_BUFFER_MS
        self._kept_ready.begin(buffer_ms)
        if self._spares:
            self._turn_s = min(_LONGEST_TURN_S, _SPARING_TURN * buffer_ms / 1000)
            for watch in (self._output_watch, self._input_watch):
                if watch is not None:
                    watch.pause_s = RESTING_PAUSE_S

    def _gone_in_rest(self) -> str | None:
        """Return why the devices have to be opened anew, where the loudspeaker's callbacks cannot show it."""
        if self._rests and self._input is not None and not self._input.goes_on:
            return "The microphone's stream has ended."
        return None

    def _report(self) -> None:
        while self._output.reports:
            report = self._output.reports.popleft()
            assert isinstance(report.label, int)
            if isinstance(report, SoundStarted):
                self._tell(Began(report.label, report.frame))
            else:
                self._tell(Finished(report.label, report.frame, report.cut))

    def _listen(self) -> None:
        played = [self._output.played.popleft() for _ in range(len(self._output.played))]
        if self._input is None or self._path is None:
            return
        now_ns = time.monotonic_ns()
        if played:
            sound = np.concatenate(played)
            if sound.any():
                self._sounded_ns = now_ns
            self._path.play(self._kept_ready.pass_on(sound))
        heard = [self._input.heard.popleft() for _ in range(len(self._input.heard))]
        if (self._rests or self._spares) and heard:
            heard = [(heard[-1][0], b"".join(data for _, data in heard))]
        for at_ns, data in heard:
            blocks = self._path.hear(self._input.mono(data, own=now_ns - self._sounded_ns < _ECHO_NS))
            if (self._rests or self._spares) and blocks:
                # In rest what the loudspeaker last played is long over: there is no echo in any of them. Elsewhere the
                # most that may be in one counts for all.
                together = b"".join(block.sound.tobytes() for block in blocks)
                echo_power = 0.0 if self._rests else max(block.echo_power for block in blocks)
                self._tell(Microphone(at_ns - DELAY_MS * 1_000_000, together, echo_power))
                continue
            for number, block in enumerate(blocks, 1):
                behind_ns = (len(blocks) - number) * BLOCK_FRAMES * 1_000_000_000 // INPUT_RATE_HZ
                self._tell(
                    Microphone(at_ns - behind_ns - DELAY_MS * 1_000_000, block.sound.tobytes(), block.echo_power)
                )

    def _tell_silence(self) -> None:
        """Tell what silences a device, where that has changed."""
        ear = self._input_watch.silenced if self._input_watch is not None and self._input is not None else ""
        silenced = Silenced(self._output_watch.silenced, ear)
        if silenced != self._silenced:
            self._silenced = silenced
            self._tell(silenced)

    def _tell_status(self) -> None:
        output, source = self._output, self._input
        marks = [output.marks.popleft() for _ in range(len(output.marks))]
        self._mark = max(marks, key=_lead) if marks else self._mark
        self._tell(
            Status(
                position=self._mark[0],
                at_ns=self._mark[1],
                callbacks=output.callbacks,
                underflows=output.underflows,
                heard_callbacks=source.callbacks if source is not None else 0,
                overflows=source.overflows if source is not None else 0,
                late=output.late,
                faults=output.faults + (source.faults if source is not None else 0),
            )
        )

    def _tell(self, message: Message) -> None:
        self._coach.sendall(encode(message))


def _lead(mark: tuple[int, int]) -> float:
    position, at_ns = mark
    return position - at_ns * 48e-6


def _no_microphone(devices: list[Device], wanted: OpenDevices) -> list[str]:
    """Return what is wrong with the microphone as well, where the loudspeaker is not the only trouble."""
    try:
        if devices:
            find_device(devices, wanted.microphone or None, Direction.INPUT)
    except DeviceError as error:
        return [str(error)]
    return []


def main() -> None:
    """Open the devices and serve."""
    descriptor, parent = sys.argv[1:]
    die_with_parent(int(parent))
    coach = coach_socket(int(descriptor))
    decoder = Decoder(TO_SOUND)
    wanted = next(messages(coach, decoder), None)
    if not isinstance(wanted, OpenDevices):
        return
    devices: list[Device] = []
    try:
        devices = list_devices()
        speaker = find_device(devices, wanted.loudspeaker or None, Direction.OUTPUT)
        output = opened(partial(Output, buffer_ms=wanted.buffer_ms), speaker)
        output.keep_awake(wanted.keeps_awake)
    except DeviceError as error:
        coach.sendall(encode(NotOpened(" ".join((str(error), *_no_microphone(devices, wanted))))))
        return
    speaker_watch = StreamWatch(speaker)
    speaker_watch.start()
    source: Input | None = None
    ear_watch: StreamWatch | None = None
    heard_by: str | None = None
    trouble: str | None = None
    try:
        ear = find_device(devices, wanted.microphone or None, Direction.INPUT)
        source, heard_by = opened(partial(Input, buffer_ms=min(wanted.buffer_ms, _LONGEST_INPUT_MS)), ear), ear.name
        ear_watch = StreamWatch(ear)
        ear_watch.start()
    except DeviceError as error:
        trouble = str(error)
    rate_hz = source.rate_hz if source is not None else None
    path = EchoPath(source.rate_hz) if source is not None else None
    cancels = path is None or path.cancels_echo
    coach.sendall(encode(Opened(speaker.name, output.rate_hz, heard_by, rate_hz, trouble, cancels)))
    watches = speaker_watch, ear_watch
    process = SoundProcess(coach, decoder, output, source, path, watches=watches, buffer_ms=wanted.buffer_ms)
    try:
        process.serve()
    except DeviceError as error:
        coach.sendall(encode(NotOpened(str(error))))


if __name__ == "__main__":
    try:
        main()
    except OSError:
        pass  # The coach went away while it was being told something.
    finally:
        # Closing a stream of a device in trouble may never return; the kernel closes everything.
        os._exit(0)
