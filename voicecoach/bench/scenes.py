"""A command as it arrives at the microphone: seconds of noise, the phrase through the room, and some time to decide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from voicecoach.audio.clip import Samples
from voicecoach.bench.conditions import Place
from voicecoach.listening.recognizer import Pcm
from voicecoach.rehearsal.acoustics import room_responses
from voicecoach.rehearsal.convolution import convolved
from voicecoach.rehearsal.room import FLOOR_DBFS, PERSON_DBFS, loudest_frame_dbfs
from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ

LEAD_MS: Final = 3000
"""The noise is there before the phrase for so long: the ears have learned it by then, as they have in a session."""
TAIL_MS: Final = 1200
"""What follows the phrase: three times what the ears wait for its end."""
SEATS: Final = 4
"""In each room the person is put in so many slightly different places."""
_LOUDSPEAKER_M: Final = 0.6
_ENDS_BELOW_DB: Final = 35.0
_WINDOW_FRAMES: Final = 10 * INPUT_FRAMES_PER_MS
_FULL_SCALE: Final = 32768.0


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What the microphone hears, and what is true of it."""

    sound: Pcm
    """Mono, 16 bit, 16 kHz; a whole number of 20 ms."""
    said_from_ms: int
    """Where the phrase begins."""
    said_to_ms: int
    """Where it ends: its last sound that is less than 35 dB below its loudest, without the reverberation of the
    room."""


def stage(said: Samples, place: Place | None, noise: Samples | None, snr_db: float, seat: int) -> Scene:
    """Return the scene of a phrase at a place over a noise, which must be as long as `scene_frames(said)` or longer.

    The level of speech is that of the loudest 2048 samples at the microphone, as is that of the noise, and `snr_db` is
    their difference. The usual level is that at two metres; nearer is louder. `seat` (0 to `SEATS - 1`) moves the
    person about a little.
    """
    wet, delay, level_dbfs = said, 0, PERSON_DBFS
    if place is not None:
        response = _response(place, seat)
        wet, delay = convolved(said, response), int(np.argmax(np.abs(response)))
        level_dbfs -= 20 * math.log10(place.distance_m / 2)
    wet = at_level(wet, level_dbfs)
    frames = scene_frames(said)
    start = LEAD_MS * INPUT_FRAMES_PER_MS
    sound = floor(frames, seat)
    fits = min(len(wet), frames - start)
    sound[start : start + fits] += wet[:fits]
    if noise is not None:
        sound += at_level(noise[:frames], level_dbfs - snr_db)
    first, last = voice_bounds(said)
    return Scene(
        pcm(sound),
        said_from_ms=(start + delay + first) // INPUT_FRAMES_PER_MS,
        said_to_ms=(start + delay + last) // INPUT_FRAMES_PER_MS,
    )


def scene_frames(said: Samples) -> int:
    """Return how many frames the scene of a phrase has: a whole number of 20 ms."""
    frames = (LEAD_MS + TAIL_MS) * INPUT_FRAMES_PER_MS + len(said)
    return frames + -frames % (20 * INPUT_FRAMES_PER_MS)


def voice_bounds(said: Samples) -> tuple[int, int]:
    """Return the frames between which there is voice: windows of 10 ms less than 35 dB below the loudest."""
    whole = max(1, len(said) // _WINDOW_FRAMES)
    windows = np.resize(said, whole * _WINDOW_FRAMES).reshape(whole, -1).astype(np.float64)
    power = np.mean(np.square(windows), axis=1)
    voiced = np.flatnonzero(power > power.max() * 10 ** (-_ENDS_BELOW_DB / 10))
    return int(voiced[0]) * _WINDOW_FRAMES, (int(voiced[-1]) + 1) * _WINDOW_FRAMES


def at_level(sound: Samples, dbfs: float) -> Samples:
    """Return a sound whose loudest 2048 samples have this level."""
    return sound * np.float32(10 ** ((dbfs - loudest_frame_dbfs(sound)) / 20))


def floor(frames: int, seed: int) -> Samples:
    """Return the hiss of a microphone."""
    hiss = np.random.default_rng([seed, frames]).standard_normal(frames) * 10 ** (FLOOR_DBFS / 20)
    return hiss.astype(np.float32)


def pcm(sound: Samples) -> Pcm:
    """Return what a microphone's converter makes of a sound: 16 bit, clipped where it is too loud."""
    clipped: Pcm = np.clip(np.rint(sound * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
    return clipped


def mixed(talkers: Sequence[Samples], place: Place, frames: int) -> Samples:
    """Return several people who talk at once, each on another seat of a room, equally loud."""
    sound = np.zeros(frames, dtype=np.float32)
    for seat, talk in enumerate(talkers):
        heard = at_level(convolved(talk[:frames], _response(place, seat % SEATS)), PERSON_DBFS)[:frames]
        sound[: len(heard)] += heard
    return sound


def seconds(sound: Samples | Pcm) -> float:
    """Return how long a sound at 16 kHz is."""
    return len(sound) / INPUT_RATE_HZ


@lru_cache(maxsize=64)
def _response(place: Place, seat: int) -> Samples:
    return room_responses(place.rt60_s, place.distance_m, _LOUDSPEAKER_M, seed=seat).person
