"""Hostile sound files: converted to finite samples, or refused in one line."""

from __future__ import annotations

import io
import struct
import tempfile
from pathlib import Path
from random import Random

import numpy as np
import soundfile

from voicecoach.audio.files import length_s, read_audio, stream_audio
from voicecoach.errors import UsageError

FORMATS = [
    *(("WAV", "PCM_16"), ("WAV", "FLOAT"), ("WAV", "DOUBLE"), ("WAV", "PCM_U8"), ("WAV", "ULAW"), ("FLAC", "PCM_24")),
    *(("OGG", "VORBIS"), ("RF64", "PCM_16"), ("AIFF", "PCM_16"), ("CAF", "PCM_32"), ("W64", "PCM_24"), ("AU", "FLOAT")),
]
LONGEST_S = 5


def try_one(seed: int) -> None:
    """Make a sound file, damage it, and read it in every way."""
    chance = Random(seed)
    content = some_file(chance)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / chance.choice(("a.wav", "a.flac", "a.mp3", "a", "a.raw"))
        path.write_bytes(content)
        for read in (
            lambda: read_audio(path, longest_s=LONGEST_S),
            lambda: np.concatenate(list(stream_audio(path))),
            lambda: length_s(path),
        ):
            refused = None
            try:
                sound = read()
            except UsageError as error:
                refused = str(error)
            if refused is not None:
                assert "\n" not in refused
                continue
            if isinstance(sound, np.ndarray):
                assert len(sound) > 0
                assert np.isfinite(sound).all()
                assert np.abs(sound).max() <= 1.0


def some_file(chance: Random) -> bytes:
    """Return a sound file of any format, mostly damaged."""
    if chance.random() < 0.1:
        return chance.randbytes(chance.randint(0, 2_000))
    kind, subtype = chance.choice(FORMATS)
    rate = chance.choice((1, 4_000, 8_000, 16_000, 44_100, 192_000, 400_000))
    if kind == "OGG":
        # The encoder crashes at others.
        rate = 16_000
    samples = np.random.default_rng(chance.getrandbits(32)).normal(
        0, 0.5, (chance.randint(0, 4_000), chance.choice((1, 1, 2, 6)))
    )
    if subtype in ("FLOAT", "DOUBLE") and len(samples) and chance.random() < 0.3:
        samples[0] = chance.choice((np.nan, np.inf, 1e30))
    out = io.BytesIO()
    try:
        soundfile.write(out, samples, rate, format=kind, subtype=subtype)
    except (soundfile.LibsndfileError, ValueError, TypeError):
        return chance.randbytes(500)
    content = bytearray(out.getvalue())
    for _ in range(chance.randint(0, 4)):
        at = chance.randrange(max(1, min(len(content), chance.choice((64, len(content) or 1)))))
        match chance.randrange(4):
            case 0:
                content[at : at + 4] = struct.pack(
                    "<I", chance.choice((0, 1, 0xFFFF_FFFF, 0x7FFF_FFFF, chance.getrandbits(32)))
                )
            case 1:
                content[at : at + 2] = struct.pack("<H", chance.choice((0, 1, 3, 0xFFFF, 1_024)))
            case 2:
                del content[at:]
            case _:
                content[at : at + 1] = bytes([chance.randrange(256)])
    return bytes(content)
