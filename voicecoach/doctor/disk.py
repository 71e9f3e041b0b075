"""Room on the disk, where sessions keep what they keep."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

from voicecoach.doctor.finding import Fact, Finding, Standing, skipped

CHECK: Final = "disk"
ENOUGH_BYTES: Final = 250 * 1000**2
"""The English model unpacked with its archive (about 110 MB), the sentences of all shipped routines, and some years of
history."""
LEAST_BYTES: Final = 10 * 1000**2
"""Less than this and a session of the longest routine could not keep its sentences."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that is written to, and what for."""

    what: str
    folder: str
    free_bytes: int | None
    """None where that cannot be found out."""
    writable: bool


def probe() -> list[Place]:
    """Return the places, whether they exist yet or not."""
    return [
        _place("history and models", Path(platformdirs.user_data_dir("voicecoach"))),
        _place("spoken sentences", platformdirs.user_cache_path("voicecoach")),
    ]


def judge(places: Sequence[Place]) -> Finding:
    """Say whether there is room. A session runs without any, but then nothing of it is kept."""
    known = [place.free_bytes for place in places if place.free_bytes is not None]
    least = min(known, default=None)
    closed = [place for place in places if not place.writable]
    facts: dict[str, Fact] = {"free_bytes": least, "unwritable": [place.folder for place in closed]}
    if closed:
        return Finding(
            CHECK,
            Standing.WARNING,
            "unwritable",
            f"{closed[0].folder}, for {closed[0].what}, cannot be written.",
            "Sessions run, but nothing is kept there: see who owns the folder, and whether the disk is mounted "
            "read-only (after a power cut an SD card sometimes is).",
            "I cannot write to my disk, so I cannot keep what you do.",
            facts,
        )
    if least is None:
        return skipped(CHECK, "the disk does not tell how much is free")
    found = f"{_mb(least)} free for {' and '.join(place.what for place in places)}."
    if least >= ENOUGH_BYTES:
        return Finding(CHECK, Standing.OK, "room", found, facts=facts)
    full = least < LEAST_BYTES
    return Finding(
        CHECK,
        Standing.FAILURE if full else Standing.WARNING,
        "full" if full else "little_room",
        found,
        f"Make room: {_mb(ENOUGH_BYTES)} are plenty. `sudo apt clean` and `journalctl --vacuum-size=50M` often help. "
        "Sessions run meanwhile, but "
        + ("nothing of them can be kept." if full else "a model may not find room, and history ends when it is full."),
        "My disk is full. I can coach you, but I cannot keep what you do." if full else "My disk is almost full.",
        facts,
    )


def _place(what: str, folder: Path) -> Place:
    nearest = folder
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    try:
        free: int | None = shutil.disk_usage(nearest).free
    except OSError:
        free = None
    return Place(what, str(folder), free, os.access(nearest, os.W_OK | os.X_OK))


def _mb(count: int) -> str:
    return f"{count // 10**6} MB" if count < 10**10 else f"{count // 10**9} GB"
