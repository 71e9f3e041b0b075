"""Damage wishes or a kept sentence in some way, and read it as a session does."""

from __future__ import annotations

import json
import os
import random
import tempfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from voicecoach.audio.clip import Clip
from voicecoach.preferences import Preferences, load_preferences, save_preferences
from voicecoach.speech.clip_cache import ClipCache

VOLUMES, SPEEDS = range(-18, 7), range(100, 241)
ODD = (None, True, -1, 0, 1 << 70, 36_000_000, 0.5, float("nan"), float("inf"), "", "\x1b]0;x\x07", "\ud800", "a\0b")
"""Values that a JSON file may have in any place."""


def try_one(seed: int) -> None:
    """Try one case."""
    chance = random.Random(seed)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory, prefix="vc-records-") as folder:
        chance.choice((_try_wishes, _try_sentence))(Path(folder), chance)


def odd_value(chance: random.Random) -> Any:
    value: Any = chance.choice(ODD)
    for _ in range(chance.choice((0, 0, 1, 2))):
        value = chance.choice(([value], {"length_ms": value}, [value, 1, value]))
    return value


def damaged_json(document: dict[str, Any], chance: random.Random) -> bytes:
    """Return a document with odd values in it, or a text that was damaged as such."""
    changed = dict(document)
    for _ in range(chance.randint(0, 3)):
        changed[chance.choice([*document, "more"])] = odd_value(chance)
    if chance.random() < 0.1:
        changed.pop(chance.choice(list(document)), None)
    text = json.dumps(changed).encode()
    match chance.randrange(6):
        case 0:
            return damaged_bytes(text, chance)
        case 1:
            return chance.choice((b"[" * 100_000, b"\xff\xfe", b"", b"null", b"1" * 5_000, text * 2))
        case _:
            return text


def damaged_bytes(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed[: chance.choice((len(changed), chance.randrange(len(changed) + 1)))])


def _try_wishes(folder: Path, chance: random.Random) -> None:
    path = folder / "preferences.json"
    save_preferences(path, Preferences(-3, 0, 150, 140, "USB Speaker", introduced=True))
    path.write_bytes(damaged_json(json.loads(path.read_bytes()), chance))
    found = load_preferences(path, VOLUMES, SPEEDS)
    assert found.volume(0) == 0 or found.volume(0) in VOLUMES
    assert found.speed(140) in SPEEDS
    # It is given to programs.
    assert "\0" not in found.loudspeaker
    assert found.loudspeaker.encode().decode().isprintable()
    save_preferences(path, found)
    assert load_preferences(path, VOLUMES, SPEEDS) == found


def _kept() -> tuple[str, bytes]:
    samples = np.rint(np.random.default_rng(1).uniform(-0.5, 0.5, 4_800) * 32_768) / 32_768
    with tempfile.TemporaryDirectory() as folder:
        ClipCache(Path(folder)).put("engine", "Hold.", Clip(samples.astype(np.float32), (10, 20)))
        (path,) = Path(folder).iterdir()
        return path.name, path.read_bytes()


def _with_odd_notes(data: bytes, chance: random.Random) -> bytes:
    header, _, sound = data.partition(b"\n")
    notes = json.loads(header)
    if chance.random() < 0.3:
        sound = damaged_bytes(sound, chance)
    notes[chance.choice(("length_ms", "breaks_ms"))] = odd_value(chance)
    with suppress(TypeError):
        # As somebody would who knows how it is made.
        about = json.dumps([notes["length_ms"], *notes["breaks_ms"]]).encode()
        notes["checksum"] = zlib.crc32(sound, zlib.crc32(about))
    return json.dumps(notes).encode() + b"\n" + sound


def _try_sentence(folder: Path, chance: random.Random) -> None:
    name, data = _kept()
    path = folder / name
    ways: tuple[Callable[[bytes, random.Random], bytes], ...] = (
        _with_odd_notes,
        damaged_bytes,
        lambda data, chance: damaged_json(json.loads(data.partition(b"\n")[0]), chance) + b"\n" + data[60:],
    )
    path.write_bytes(chance.choice(ways)(data, chance))
    if chance.random() < 0.05:
        path.chmod(0)
    cache = ClipCache(folder)
    found = cache.get("engine", "Hold.")
    if found is None:
        return
    assert 0 <= found.timing.length_ms <= 600_000
    assert list(found.timing.breaks_ms) == sorted(found.timing.breaks_ms)
    with suppress(OSError, ValueError, RuntimeError):
        samples = found.samples
        assert samples.ndim == 1
        assert len(samples) <= 48 * found.timing.length_ms
