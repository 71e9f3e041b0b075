"""Impulse responses of a furnished room, by the image-source method with a statistical tail.

The first 60 ms are computed reflection by reflection. Behind that, reflections are too many to be told apart and their
number grows with the cube of time, so the rest is seeded noise that decays as the asked reverberation time says and
continues at the level at which the computed part ends.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from voicecoach.audio.clip import Samples
from voicecoach.errors import UsageError
from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ

_ROOM_M = (5.4, 4.3, 2.6)
_MAX_ORDER = 17
"""Complete for about 80 ms in this room, which is more than is used."""
_TAIL_FROM = 60 * INPUT_FRAMES_PER_MS
_CROSSFADE = 20 * INPUT_FRAMES_PER_MS
_SABINE = 0.161
"""Seconds a metre: reverberation time is this times volume over absorbing surface."""

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """What happens to sound on its two ways to the microphone, at 16 kHz; each passes speech on at the level it has."""

    person: Samples
    loudspeaker: Samples


def room_responses(rt60_s: float, person_m: float, loudspeaker_m: float, seed: int) -> Responses:
    """Compute both ways in a room of 5.4 by 4.3 by 2.6 m that takes `rt60_s` (0.05 to 1.5 s) to fall silent by 60 dB.

    Below 0.15 s the computed reflections decide, and take up to a third longer than asked.
    The seed moves microphone, person and loudspeaker about a little; distances (0.3 to 4 m) stay as they are.
    """
    random = np.random.default_rng([seed, 1])
    microphone = np.array([0.9, 0.8, 0.8]) + random.uniform(-0.15, 0.15, 3)
    return Responses(
        person=_response(rt60_s, microphone, microphone + person_m * _direction(random, math.radians(38)), random),
        loudspeaker=_response(
            rt60_s, microphone, microphone + loudspeaker_m * _direction(random, math.radians(70)), random
        ),
    )


def _direction(random: np.random.Generator, azimuth: float) -> _Floats:
    """Return a unit vector that leads from the microphone's corner into the room."""
    azimuth += random.uniform(-0.1, 0.1)
    height = random.uniform(0.05, 0.2)
    return np.array([math.cos(azimuth), math.sin(azimuth), height]) / math.hypot(1.0, height)


def _response(rt60_s: float, microphone: _Floats, source: _Floats, random: np.random.Generator) -> Samples:
    early = _reflections(rt60_s, microphone, source)[: _TAIL_FROM + _CROSSFADE]
    early = np.pad(early, (0, _TAIL_FROM + _CROSSFADE - len(early)))
    frames = max(round(rt60_s * INPUT_RATE_HZ), len(early))
    envelope = 10.0 ** (-3.0 * np.arange(frames) / (rt60_s * INPUT_RATE_HZ))
    tail = random.standard_normal(frames) * envelope
    # Both have the same energy in the 20 ms up to where the crossfade begins.
    window = slice(_TAIL_FROM - _CROSSFADE, _TAIL_FROM)
    tail *= math.sqrt(float(np.sum(early[window] ** 2) / np.sum(tail[window] ** 2)))
    fade = np.linspace(0.0, math.pi / 2, _CROSSFADE)
    tail[:_TAIL_FROM] = 0.0
    tail[_TAIL_FROM : _TAIL_FROM + _CROSSFADE] *= np.sin(fade)
    early[_TAIL_FROM:] *= np.cos(fade)
    tail[: len(early)] += early
    return (tail / _speech_gain(tail)).astype(np.float32)


@cache
def _pyroomacoustics() -> Any:
    """Import the library, which is slow and needed for simulated rooms only, without a sound card.

    It imports sounddevice where that is installed, and so starts PortAudio, which calls on the sound server and waits
    for one that hangs. Raises `UsageError` where it is not installed.
    """
    name = "sounddevice"
    loaded = sys.modules.get(name)
    sys.modules[name] = None  # type: ignore[assignment]  # Python takes this for "cannot be imported"
    try:
        import pyroomacoustics
    except ImportError:
        raise UsageError("A simulated room needs more packages; type: pip install 'voicecoach[rehearse]'") from None
    finally:
        del sys.modules[name]
        if loaded is not None:
            sys.modules[name] = loaded
    return pyroomacoustics


def _reflections(rt60_s: float, microphone: _Floats, source: _Floats) -> _Floats:
    pyroomacoustics = _pyroomacoustics()
    x, y, z = _ROOM_M
    # Eyring's formula, which unlike Sabine's has an answer for every reverberation time.
    absorption = 1.0 - math.exp(-_SABINE * x * y * z / (2 * (x * y + x * z + y * z) * rt60_s))
    room = pyroomacoustics.ShoeBox(
        _ROOM_M, fs=INPUT_RATE_HZ, materials=pyroomacoustics.Material(absorption), max_order=_MAX_ORDER
    )
    room.add_microphone(microphone)
    room.add_source(source)
    room.compute_rir()
    # Its filters for fractions of a frame put half of their length before the first sound.
    lead: int = pyroomacoustics.constants.get("frac_delay_length") // 2
    return np.asarray(room.rir[0][0], dtype=np.float64)[lead:]


def _speech_gain(response: _Floats) -> float:
    """Return by how much a response amplifies sound with the long-term spectrum of speech.

    That is level up to 500 Hz and falls by 9 dB an octave above; below 100 Hz there is none.
    """
    size = 1 << (len(response) - 1).bit_length()
    hertz = np.fft.rfftfreq(size, 1 / INPUT_RATE_HZ)
    speech = np.where(hertz < 100, 0.0, np.minimum(1.0, (np.maximum(hertz, 1.0) / 500) ** -3.0))
    power = np.abs(np.fft.rfft(response, size)) ** 2
    return math.sqrt(float(np.sum(power * speech) / np.sum(speech)))
