"""Rendered clips on disk, so that a session starts at once the second time.

One FLAC file a clip, named by the hash of what it was made from: what is said is not readable from the names. A damaged
file is as good as none. Where the directory cannot be used, clips are kept in memory, which is said once.
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
from pathlib import Path
from typing import Final

import numpy as np
import platformdirs
import soundfile

from voicecoach.atomic_file import AtomicFile
from voicecoach.audio.clip import Clip
from voicecoach.errors import UsageError
from voicecoach.units import OUTPUT_RATE_HZ

FORMAT: Final = 1
"""Changes when clips are made or kept in another way: older files are not used any more, and die of age."""
LARGEST_BYTES: Final = 200 * 1024 * 1024
_USED_AGAIN_S: Final = 24 * 60 * 60
"""A clip's last use is noted once a day: cards wear out."""
_LEFTOVER_S: Final = 60 * 60
"""A file half-written for so long was left by a power cut."""


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
                directory.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                self._do_without(error.strerror or str(error))

    def get(self, engine: str, text: str) -> Clip | None:
        """Return the clip of a text as rendered by an engine of that identity, if it is there and sound."""
        key = _key(engine, text)
        if self._directory is None:
            return self._memory.get(key)
        path = self._directory / f"{key}.flac"
        try:
            clip = _decoded(path.read_bytes())
        except OSError:
            return self._memory.get(key)
        except (ValueError, TypeError, KeyError, RuntimeError):
            with suppress(OSError):
                path.unlink()
            return None
        _note_use(path)
        return clip

    def put(self, engine: str, text: str, clip: Clip) -> None:
        """Keep a clip. Never fails: what cannot be written is kept in memory."""
        key = _key(engine, text)
        if self._directory is not None:
            try:
                with AtomicFile(self._directory / f"{key}.flac", durable=False) as file:
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
                    if entry.name.endswith(".flac"):
                        found.append((status.st_mtime, status.st_size, Path(entry.path)))
                    elif entry.name.endswith(".part") and status.st_mtime < now - _LEFTOVER_S:
                        Path(entry.path).unlink()
        excess = sum(size for _, size, _ in found) - self._largest_bytes
        for _, size, path in sorted(found):
            if excess <= 0:
                break
            with suppress(OSError):
                path.unlink()
                excess -= size

    def _do_without(self, why: str) -> None:
        sys.stderr.write(
            f"voicecoach: cannot keep the coach's sentences in {self._directory}: {why};"
            " they are rendered anew each time until it can be written\n"
        )
        self._directory = None


def _key(engine: str, text: str) -> str:
    return hashlib.sha256(json.dumps([FORMAT, engine, text]).encode("ascii")).hexdigest()[:40]


def _encoded(clip: Clip) -> bytes:
    pcm = np.rint(clip.samples * 32768.0).astype(np.int16)
    notes = json.dumps({"breaks_ms": clip.breaks_ms, "frames": len(pcm), "checksum": zlib.crc32(pcm.tobytes())})
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", OUTPUT_RATE_HZ, 1, "PCM_16", format="FLAC") as file:
        file.comment = notes
        file.write(pcm)
    return buffer.getvalue()


def _decoded(data: bytes) -> Clip:
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        notes = json.loads(file.comment)
        pcm = file.read(dtype="int16")
    if len(pcm) != notes["frames"] or zlib.crc32(pcm.tobytes()) != notes["checksum"]:
        raise ValueError("damaged")
    return Clip(pcm.astype(np.float32) / np.float32(32768.0), tuple(notes["breaks_ms"]))


def _note_use(path: Path) -> None:
    with suppress(OSError):
        if path.stat().st_mtime < time.time() - _USED_AGAIN_S:
            os.utime(path)
