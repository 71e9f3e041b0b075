"""Sound files: any of the usual ones in, one kind out.

What comes in may be anything (a person named it on the command line), so it is read in blocks, checked, and converted
or refused in one line.
"""

from __future__ import annotations

import os
import wave
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import soundfile
import soxr

from voicecoach.atomic_file import AtomicFile, NotOrdinaryError, open_ordinary
from voicecoach.audio.clip import Samples
from voicecoach.audio.pcm import int16_from_float
from voicecoach.errors import UsageError
from voicecoach.units import INPUT_RATE_HZ, OUTPUT_RATE_HZ

LOWEST_RATE_HZ: Final = 4_000
HIGHEST_RATE_HZ: Final = 384_000
LONGEST_S: Final = 4 * 60 * 60
"""As long as the longest session."""
_VALUES_PER_READ: Final = 1 << 16
"""Of all channels together: what is read at a time stays small for any number of channels."""


def stream_audio(path: Path, rate_hz: int = INPUT_RATE_HZ, block: int = INPUT_RATE_HZ) -> Iterator[Samples]:
    """Yield the sound of a file as mono float32 at `rate_hz`, in blocks of `block` frames; the last may be shorter.

    WAV, FLAC, Ogg and what else libsndfile decodes, at 4 to 384 kHz, any number of channels (mixed down), any sample
    format; memory stays small whatever the file. Values outside of -1.0 to 1.0 are clipped.

    Raises `UsageError` in one line where the file is missing, no sound, empty, damaged, or longer than four hours.
    """
    return _reblocked(_converted(path, rate_hz), block)


def read_audio(path: Path, rate_hz: int = INPUT_RATE_HZ, longest_s: int = LONGEST_S) -> Samples:
    """Return all of a file's sound as mono float32 at `rate_hz`. See `stream_audio` for what is accepted and raised.

    `longest_s` refuses what would not fit the purpose, before it fills the memory.
    """
    return np.concatenate(list(_converted(path, rate_hz, longest_s)))


def length_s(path: Path) -> int:
    """Return how many whole seconds of sound a file says that it has; 0 where it does not say.

    Raises `UsageError` as `stream_audio`.
    """
    with _opened(path) as sound:
        return max(0, sound.frames) // max(1, sound.samplerate) if sound.seekable() else 0


class WavWriter:
    """A 16-bit mono WAV at 48 kHz, written as it is made.

    It appears under its name only with `close()`; see `AtomicFile`. Leaving a `with` block by an exception discards it.

    Raises `UsageError` in one line at construction where the path cannot be written, and from `write` where the disk is
    full.
    """

    def __init__(self, path: Path) -> None:
        self._file = AtomicFile(path)
        self._wave = wave.open(self._file.file, "wb")  # noqa: SIM115 - closed in close() and discard()
        self._wave.setnchannels(1)
        self._wave.setsampwidth(2)
        self._wave.setframerate(OUTPUT_RATE_HZ)

    def write(self, samples: Samples) -> None:
        """Append float32 sound of any length."""
        data = int16_from_float(samples).astype("<i2", copy=False).tobytes()
        with self._file.guarded():
            self._wave.writeframesraw(data)

    def close(self) -> None:
        """Complete the header, bring the file to the disk and move it into place. Nothing happens a second time."""
        if not self._file.file.closed:
            with self._file.guarded():
                self._wave.close()
        self._file.close()

    def discard(self) -> None:
        """Forget the file; what was at its place before stays."""
        with suppress(OSError, ValueError):
            self._wave.close()
        self._file.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()


def _converted(path: Path, rate_hz: int, longest_s: int = LONGEST_S) -> Iterator[Samples]:
    """Yield mono sound at `rate_hz` in blocks as they come. At least one frame, or an error."""
    total = 0
    for block in _resampled(path, rate_hz, longest_s):
        total += len(block)
        if len(block):
            yield block
    if not total:
        raise _unusable(path, "there is no sound in it", "record it again")


def _resampled(path: Path, rate_hz: int, longest_s: int) -> Iterator[Samples]:
    with _opened(path) as sound:
        source_hz = sound.samplerate
        if not LOWEST_RATE_HZ <= source_hz <= HIGHEST_RATE_HZ:
            raise _unusable(path, f"it is sampled at {source_hz} Hz", "give one between 4 and 384 kHz")
        resampler = soxr.ResampleStream(source_hz, rate_hz, 1, dtype="float32", quality="HQ")
        for mono in _mono_blocks(path, sound, longest_s * source_hz, _length(longest_s)):
            yield mono if source_hz == rate_hz else np.clip(resampler.resample_chunk(mono), -1.0, 1.0)
        if source_hz != rate_hz:
            yield np.clip(resampler.resample_chunk(np.zeros(0, np.float32), last=True), -1.0, 1.0)


def _mono_blocks(path: Path, sound: soundfile.SoundFile, longest: int, longest_text: str) -> Iterator[Samples]:
    # A header may claim anything: what is really read is counted too.
    left = longest
    if sound.frames > longest and sound.seekable():
        raise _unusable(path, f"it is longer than {longest_text}", "cut it")
    frames = max(1, _VALUES_PER_READ // sound.channels)
    while True:
        try:
            block = sound.read(frames, dtype="float32", always_2d=True)
        except (soundfile.LibsndfileError, RuntimeError, MemoryError):
            raise _unusable(path, "it is damaged", "convert or record it again") from None
        if not len(block):
            return
        left -= len(block)
        if left < 0:
            raise _unusable(path, f"it is longer than {longest_text}", "cut it")
        if not np.isfinite(block).all():
            raise _unusable(path, "some of its samples are not numbers", "convert it to 16-bit WAV or FLAC")
        yield np.clip(block, -1.0, 1.0).mean(axis=1, dtype=np.float32)


def _opened(path: Path) -> soundfile.SoundFile:
    try:
        if path.is_dir():
            raise _unusable(path, "it is a directory", "give a sound file in it")
        file = os.fdopen(open_ordinary(path), "rb")
    except (FileNotFoundError, NotADirectoryError):
        raise _unusable(path, "there is no such file", "check the name") from None
    except NotOrdinaryError as error:
        raise _unusable(path, str(error.strerror), "give a WAV, FLAC or Ogg file") from None
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise _unusable(path, reason, "give a file that you may read") from None
    with file:
        if not os.fstat(file.fileno()).st_size:
            raise _unusable(path, "it is empty", "record it again")
        # For the decoder, which closes it: the file that was looked at is the one that is read.
        descriptor = os.dup(file.fileno())
    try:
        return soundfile.SoundFile(descriptor)
    except (soundfile.LibsndfileError, TypeError, RuntimeError, ValueError):
        # TypeError: the name says that there is no header, and then nothing says what the samples are.
        raise _unusable(path, "it is not a sound file that can be decoded", "give a WAV, FLAC or Ogg file") from None


def _reblocked(blocks: Iterator[Samples], size: int) -> Iterator[Samples]:
    rest = np.zeros(0, dtype=np.float32)
    for block in blocks:
        rest = np.concatenate((rest, block))
        whole = len(rest) - len(rest) % size
        for first in range(0, whole, size):
            yield rest[first : first + size]
        rest = rest[whole:]
    if len(rest):
        yield rest


def _length(seconds: int) -> str:
    if seconds >= 7200:
        return f"{seconds // 3600} hours"
    return f"{seconds // 60} minutes" if seconds >= 120 else f"{seconds} s"


def _unusable(path: Path, why: str, what_to_do: str) -> UsageError:
    return UsageError(f"cannot use {path} as sound: {why}; {what_to_do}")
