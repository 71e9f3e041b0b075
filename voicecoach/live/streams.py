"""PortAudio's callbacks. The law in them: no logging, no files, no growing allocation, no blocking, no exception out.

A callback counts, copies into bounded queues and mixes; everything else is done by the process's one other thread. An
exception inside would end the stream without telling anybody, so it is caught, counted, and answered with silence. What
comes from the other thread comes through queues whose ends are atomic.
"""

from __future__ import annotations

import os
import time
from collections import deque
from contextlib import suppress
from typing import Any, Final, Self

import numpy as np
import soxr

from voicecoach.audio.clip import Samples
from voicecoach.audio.mixer import Mixer, SoundKind, SoundReport
from voicecoach.live.channels import MOST_CHANNELS, BestChannel
from voicecoach.live.overload import USUAL_BUFFER_MS
from voicecoach.live.wire import Gain, Move, Place, Silence
from voicecoach.units import OUTPUT_RATE_HZ

_QUEUED: Final = 1024
"""Blocks that wait for the other thread: many seconds."""
_LARGEST_BLOCK: Final = 1 << 14
_NOISE_RMS: Final = 1e-4
"""-80 dB of full scale: some 60 dB below speech, and yet no zeros at any device, down to those with 16 bits."""
_NOISE_FRAMES: Final = 1 << 16
_SILENT: Final = 1e-5
"""What a resampler leaves of silence is less."""

Command = Place | Move | Silence | Gain


class Output:
    """The loudspeaker's stream and the mixer, which only the callback touches."""

    def __init__(self, device: int | None, _channels: int | None = None, *, buffer_ms: int = USUAL_BUFFER_MS) -> None:
        """Open it and begin with silence. Raises `sounddevice.PortAudioError` where it cannot be opened.

        `buffer_ms`: the latency that PortAudio is asked for, in milliseconds. "high" asks for so much that a server
        leaves gaps of two seconds.
        """
        self._device = device
        self.buffer_ms = buffer_ms
        self.callbacks = 0
        self.underflows = 0
        self.faults = 0
        self.late = 0
        self.commands: deque[Command] = deque()
        self.played: deque[Samples] = deque(maxlen=_QUEUED)
        self.reports: deque[SoundReport] = deque(maxlen=4 * _QUEUED)
        self.marks: deque[tuple[int, int]] = deque(maxlen=_QUEUED)
        """Positions and when they were reached."""
        self._mixer = Mixer()
        self._scratch = np.zeros(_LARGEST_BLOCK, np.float32)
        self._resampler: Any = None
        self._ready: Samples = np.zeros(0, np.float32)
        self._noise: Samples | None = None
        self._noise_at = 0
        self._open()

    def keep_awake(self, is_kept: bool) -> None:
        """Say whether the device is given inaudible noise in place of silence, which lets some fall asleep."""
        # Equal amounts up to the peak: whoever looks for sound finds it in every block.
        peak = _NOISE_RMS * 3**0.5
        noise = np.random.default_rng(0).uniform(-peak, peak, _NOISE_FRAMES + _LARGEST_BLOCK) if is_kept else None
        self._noise = None if noise is None else noise.astype(np.float32)

    def _open(self) -> None:
        self._stream, self.rate_hz, self._channels = _opened(
            "RawOutputStream", self._device, self._callback, buffer_ms=self.buffer_ms
        )
        if self.rate_hz != OUTPUT_RATE_HZ:
            self._resampler = soxr.ResampleStream(OUTPUT_RATE_HZ, self.rate_hz, 1, dtype="float32", quality="HQ")
        _start(self._stream)

    def rest(self) -> None:
        """Close the stream, so that the device can sleep. May never return where a driver or server hangs."""
        self._stream.abort()
        self._stream.close()
        self._ready = np.zeros(0, np.float32)

    def wake(self) -> Self:
        """Open the stream again: frames are counted on. Raises `sounddevice.PortAudioError` where that is refused."""
        self.marks.clear()
        self._open()
        return self

    def deepen(self, buffer_ms: int) -> Self:
        """Open the stream again with so long a buffer, in milliseconds. That is one gap more in what is played.

        Raises as `wake`.
        """
        self.rest()
        self.buffer_ms = buffer_ms
        self.underflows += 1
        return self.wake()

    def _callback(self, out: Any, frames: int, _times: Any, status: Any) -> None:
        try:
            self.callbacks += 1
            if status.output_underflow:
                self.underflows += 1
            while self.commands:
                self._obey(self.commands.popleft())
            buffer = np.frombuffer(out, np.float32).reshape(frames, self._channels)
            buffer[:] = self._kept_awake(self._next(frames))[:, None]
            self.marks.append((self._mixer.position, time.monotonic_ns()))
            self.reports.extend(self._mixer.take_reports())
        except BaseException:  # noqa: BLE001 - the law above
            self.faults += 1
            out[:] = bytes(len(out))

    def _kept_awake(self, sound: Samples) -> Samples:
        """Return what the device is given: the sound itself, unless it is to be kept awake and there is none.

        The echo canceller is not told of it: so faint an echo is none, and it tells silence by zeros.
        """
        if self._noise is None or sound.max() > _SILENT or sound.min() < -_SILENT:
            return sound
        self._noise_at = (self._noise_at + len(sound)) % _NOISE_FRAMES
        return self._noise[self._noise_at : self._noise_at + len(sound)]

    def _next(self, frames: int) -> Samples:
        if self._resampler is None:
            return self._mixed(frames)
        while len(self._ready) < frames:
            more = self._resampler.resample_chunk(self._mixed(OUTPUT_RATE_HZ // 100))
            self._ready = np.concatenate((self._ready, np.asarray(more, np.float32)))
        taken, self._ready = self._ready[:frames], self._ready[frames:]
        return np.asarray(taken)

    def _mixed(self, frames: int) -> Samples:
        block: Samples = self._scratch[:frames]
        self._mixer.render_into(block)
        self.played.append(block.copy())
        return block

    def _obey(self, command: Command) -> None:
        match command:
            case Silence(at_frame=at_frame, only_speech=only_speech):
                self._mixer.stop(at_frame, SoundKind.SPEECH if only_speech else None)
            case Gain(decibels=decibels):
                self._mixer.gain_db = decibels
            case Move(sound=sound, at_frame=at_frame):
                self._mixer.move(sound, at_frame)
            case Place():
                at_frame = max(command.at_frame, self._mixer.position)
                self.late += at_frame > command.at_frame
                samples = np.frombuffer(command.data, np.float32)
                kind = SoundKind.SPEECH if command.is_speech else SoundKind.TONE
                self._mixer.schedule(samples, at_frame, label=command.sound, kind=kind, from_frame=command.from_frame)


class Input:
    """The microphone's stream."""

    def __init__(self, device: int | None, channels: int | None = None, *, buffer_ms: int = USUAL_BUFFER_MS) -> None:
        """Open it, with so many channels if it can, none for those it claims; `buffer_ms` as for `Output`.

        Raises `sounddevice.PortAudioError` where it cannot be opened.
        """
        self.callbacks = 0
        self.overflows = 0
        self.faults = 0
        self.heard: deque[tuple[int, bytes]] = deque(maxlen=_QUEUED)
        """Blocks, with about when their last sample reached the microphone."""
        self._stream, self.rate_hz, opened = _opened(
            "RawInputStream", device, self._callback, channels, buffer_ms=buffer_ms
        )
        self.best = BestChannel(opened, self.rate_hz)
        self.arrived = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        """A descriptor that is readable when there are new ones, until `look`."""
        try:
            _start(self._stream)
        except BaseException:
            os.close(self.arrived)
            raise

    def look(self) -> None:
        """Take that something has arrived, if anything has. For the other thread."""
        with suppress(BlockingIOError):
            os.eventfd_read(self.arrived)

    @property
    def goes_on(self) -> bool:
        """Whether PortAudio has not given it up."""
        return bool(self._stream.active)

    def all_channels(self, data: bytes) -> Samples:
        """Return a block as it came, of shape (frames, channels)."""
        return np.frombuffer(data, np.float32).reshape(-1, self.best.channels)

    def mono(self, data: bytes, *, own: bool = False) -> Samples:
        """Return a block as it is to be heard. For the other thread.

        `own`: whether the coach itself may be heard in it.
        """
        return self.best.take(self.all_channels(data), own=own)

    def _callback(self, heard: Any, frames: int, times: Any, status: Any) -> None:
        try:
            self.callbacks += 1
            if status.input_overflow:
                self.overflows += 1
            # Some hosts know nothing of times, and others say what cannot be.
            delay_s = times.currentTime - times.inputBufferAdcTime - frames / self.rate_hz
            delay_ns = int(delay_s * 1e9) if 0.0 < delay_s < 1.0 else 0
            self.heard.append((time.monotonic_ns() - delay_ns, bytes(heard)))
            os.eventfd_write(self.arrived, 1)
        except BaseException:  # noqa: BLE001 - the law above
            self.faults += 1


def _start(stream: Any) -> None:
    """Start a stream, or close it: what cannot be started would keep others from the device."""
    try:
        stream.start()
    except BaseException:
        stream.close()
        raise


def _opened(
    kind: str, device: int | None, callback: Any, claimed: int | None = None, *, buffer_ms: int
) -> tuple[Any, int, int]:
    """Return a stream, its rate and its channels: at 48 kHz where the device can, else what it can.

    A loudspeaker is opened with one channel if possible, which PortAudio copies to the next one. A microphone is opened
    with all that it has: of fewer, PortAudio gives the first ones.
    """
    import sounddevice

    direction = "output" if kind == "RawOutputStream" else "input"
    found = sounddevice.query_devices(device, direction)
    native = int(found["default_samplerate"])
    channels = claimed or int(found[f"max_{direction}_channels"])
    counts = [1, 2] if direction == "output" else [min(MOST_CHANNELS, channels), 2, 1]
    rates = dict.fromkeys((OUTPUT_RATE_HZ, native, 44_100, 16_000))
    last: Exception | None = None
    for rate_hz in rates:
        for used in dict.fromkeys(min(count, channels) for count in counts):
            try:
                stream = getattr(sounddevice, kind)(
                    samplerate=rate_hz,
                    device=device,
                    channels=used,
                    dtype="float32",
                    latency=buffer_ms / 1000,
                    callback=callback,
                )
            except sounddevice.PortAudioError as error:
                last = error
            else:
                return stream, rate_hz, used
    assert last is not None
    raise last
