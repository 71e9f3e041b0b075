"""Sounds to listen to, made of recordings, silence and seeded noise: 16 kHz, 16 bit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soundfile

from voicecoach.listening.recognizer import Pcm
from voicecoach.rehearsal.voices import recording

ROOM_NOISE = 8.0
"""Standard deviation of the noise of a quiet room, in steps of 16 bit."""


@dataclass(frozen=True)
class Speaker:
    language: str
    voice: str

    def says(self, phrase: str) -> Pcm:
        samples, _ = soundfile.read(recording(self.language, self.voice, phrase), dtype="int16")
        return np.asarray(samples, dtype=np.int16)


def silence(ms: int) -> Pcm:
    return np.zeros(16 * ms, dtype=np.int16)


def in_a_quiet_room(*sounds: Pcm, noise: float = ROOM_NOISE) -> Pcm:
    """Put sounds one after the other, a second of silence around them, noise over everything."""
    together = np.concatenate([silence(1000), *sounds, silence(1000)]).astype(np.float64)
    together += np.random.default_rng(20).normal(0.0, noise, len(together))
    return np.clip(np.rint(together), -32768, 32767).astype(np.int16)
