"""Rendered clips on disk, so that a session starts at once the second time.

One file a clip, named by the hash of what it was made from: what is said is not readable from the names. In it are a
line of JSON with the timing and a checksum, and then FLAC. So a session begins when its hundreds of files have been
read and checked, which takes a tenth of decoding them, and keeps in memory only what sounds. A damaged file is as good
as none. Where the directory cannot be used, clips are kept in memory, which is said once.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import platformdirs
import soundfile

from voicecoach.atomic_file import (
    PRIVATE,
    AtomicFile,
    NotOrdinaryError,
    open_ordinary,
    private_folder,
    read_ordinary,
)
from voicecoach.audio.clip import Clip, Samples
from voicecoach.coaching.messages import CueTiming
from voicecoach.errors import UsageError, plain
from voicecoach.units import OUTPUT_RATE_HZ, ms_from_frames

FORMAT: Final = 3
"""Changes when clips are made or kept in another way: older files are not used any more, and die of age."""
LARGEST_BYTES: Final = 200 * 1024 * 1024
_USED_AGAIN_S: Final = 24 * 60 * 60
"""A clip's last use is noted once a day: cards wear out."""
_LEFTOVER_S: Final = 60 * 60
"""A file half-written for so long was left by a power cut."""
_SUFFIX: Final = ".clip"
_LARGEST_CLIP_BYTES: Final = 32 * 1024 * 1024
_LONGEST_MS: Final = 5 * 60 * 1000
"""More than the longest sentence takes at the lowest speed."""
_STREAMINFO: Final = b"fLaC\0\0\0\x22"
"""How every FLAC begins: with a block of 34 bytes about all of it."""


@dataclass(frozen=True, slots=True)
class KeptClip:
    """A clip in a file that was found whole."""

    timing: CueTiming
    _path: Path
    _checksum: int

    @property
    def samples(self) -> Samples:
        """Its sound, decoded now. Raises `OSError` or `ValueError` where the file has gone or changed since."""
        timing, checksum, sound = _parted(read_ordinary(self._path, _LARGEST_CLIP_BYTES))
        if checksum != self._checksum:
            raise ValueError("it is another clip")
        return _decoded(sound, timing)


def default_directory() -> Path:
    """Return where clips of this user are kept: `~/.cache/voicecoach/clips`."""
    return platformdirs.user_cache_path("voicecoach") / "clips"


class ClipCache:
    """Clips by what they were made from. Several processes may share a directory; each cache is used by one thread."""

    def __init__(self, directory: Path | None, largest_bytes: int = LARGEST_BYTES) -> None:
        """Use a directory, which is made where it is missing; none means memory."""
        self._directory = directory
        self._largest_bytes = largest_bytes
        self._memory: dict[str, Clip] = {}
        if directory is not None:
            try:
                private_folder(directory)
            except OSError as error:
                self._do_without(error.strerror or str(error))

    def get(self, engine: str, text: str) -> Clip | KeptClip | None:
        """Return the clip of a text as rendered by an engine of that identity, if it is there and whole."""
        key = _key(engine, text)
        if self._directory is None:
            return self._memory.get(key)
        path = self._directory / f"{key}{_SUFFIX}"
        try:
            with os.fdopen(open_ordinary(path), "rb") as file:
                timing, checksum, _ = _parted(file.read(_LARGEST_CLIP_BYTES))
                _note_use(file.fileno(), path)
            return KeptClip(timing, path, checksum)
        except (NotOrdinaryError, ValueError):
            with suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        except OSError:
            pass
        return self._memory.get(key)

    def put(self, engine: str, text: str, clip: Clip) -> None:
        """Keep a clip. Never fails: what cannot be written is kept in memory."""
        key = _key(engine, text)
        if self._directory is not None:
            try:
                with AtomicFile(self._directory / f"{key}{_SUFFIX}", durable=False, mode=PRIVATE) as file:
                    file.write(_encoded(clip))
            except UsageError as error:
                self._do_without(str(error).partition(": ")[2].partition(";")[0])
            else:
                return
        self._memory[key] = clip

    def prune(self) -> None:
        """Remove the clips that were not used for longest, until the rest fits; and what a power cut left."""
        if self._directory is None:
            return
        found: list[tuple[float, int, Path]] = []
        now = time.time()
        with suppress(OSError):
            for entry in os.scandir(self._directory):
                with suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    if not entry.name.endswith(".part"):
                        found.append((status.st_mtime, status.st_size, Path(entry.path)))
                    elif status.st_mtime < now - _LEFTOVER_S:
                        Path(entry.path).unlink()
        excess = sum(size for _, size, _ in found) - self._largest_bytes
        for _, size, path in sorted(found):
            if excess <= 0:
                break
            with suppress(OSError):
                path.unlink()
                excess -= size

    def _do_without(self, why: str) -> None:
        what = f"voicecoach: cannot keep the coach's sentences in {self._directory}: {why}"
        sys.stderr.write(plain(f"{what}; they are rendered anew each time until it can be written\n"))
        self._directory = None


def _key(engine: str, text: str) -> str:
    return hashlib.sha256(json.dumps([FORMAT, engine, text]).encode("ascii")).hexdigest()[:40]


def _encoded(clip: Clip) -> bytes:
    pcm = np.rint(clip.samples * 32768.0).astype(np.int16)
    buffer = io.BytesIO()
    soundfile.write(buffer, pcm, OUTPUT_RATE_HZ, "PCM_16", format="FLAC")
    sound = buffer.getvalue()
    notes = {"length_ms": clip.timing.length_ms, "breaks_ms": clip.breaks_ms, "checksum": _checksum(clip.timing, sound)}
    return json.dumps(notes).encode("ascii") + b"\n" + sound


def _checksum(timing: CueTiming, sound: bytes) -> int:
    return zlib.crc32(sound, zlib.crc32(json.dumps([timing.length_ms, *timing.breaks_ms]).encode("ascii")))


def _parted(data: bytes) -> tuple[CueTiming, int, bytes]:
    """Return timing, checksum and sound of a file. Raises `ValueError` where they do not fit."""
    header, _, sound = data.partition(b"\n")
    try:
        notes = json.loads(header)
    except RecursionError:
        notes = None
    match notes:
        case {"length_ms": int() as length_ms, "breaks_ms": list() as breaks_ms, "checksum": int() as checksum} if all(
            type(ms) is int and before <= ms <= length_ms for before, ms in pairwise([0, *breaks_ms, length_ms])
        ):
            timing = CueTiming(length_ms, tuple(breaks_ms))
            if length_ms <= _LONGEST_MS and checksum == _checksum(timing, sound) and _lasts(sound, length_ms):
                return timing, checksum, sound
    raise ValueError("damaged")


def _lasts(sound: bytes, length_ms: int) -> bool:
    """Tell whether a FLAC says that it is mono at our rate, and as long as that."""
    # 20 bits of rate, 3 of channels less one, 5 of bits a sample less one, 36 of frames.
    about = int.from_bytes(sound[18:26], "big")
    rate_hz, channels, frames = about >> 44, (about >> 41 & 7) + 1, about & (1 << 36) - 1
    fits = (rate_hz, channels, ms_from_frames(frames, OUTPUT_RATE_HZ)) == (OUTPUT_RATE_HZ, 1, length_ms)
    return sound.startswith(_STREAMINFO) and fits


def _decoded(sound: bytes, timing: CueTiming) -> Samples:
    pcm, _ = soundfile.read(io.BytesIO(sound), dtype="int16")
    if ms_from_frames(len(pcm), OUTPUT_RATE_HZ) != timing.length_ms:
        raise ValueError("it is cut short")
    return np.asarray(pcm.astype(np.float32) / np.float32(32768.0))


def _note_use(descriptor: int, path: Path) -> None:
    with suppress(OSError):
        if os.fstat(descriptor).st_mtime < time.time() - _USED_AGAIN_S:
            os.utime(path)
