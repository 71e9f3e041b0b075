"""How each tone sounds: short gliding notes, never a steady pitch.

Repeated pure tones make an echo canceller lose its way (880 Hz beeps took WebRTC's from 41 dB of cancellation to none),
so every note glides; and what is repeated every second is spread over the whole band: 50 dB and more are taken away
from the twelfth such beat, but only 18 dB from the eighth of a lone glide from 900 to 1300 Hz. What sounds for longer
than a quarter of a second shimmers, too: where the loudspeaker's clock and the microphone's differ by 80 parts in a
million or more, long notes that only glide are left at 5 dB less than they came, and with a shimmer at 30 dB less and
mostly 40. Noise beneath the notes, and more notes at once, did not help.

All energy is between 0.5 and 3.5 kHz, where small loudspeakers and ears are both good. Each tone begins with a frame
that is not zero and an attack of 2 ms, so that its onset can be found to the frame in a recording.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from voicecoach.audio.clip import Samples
from voicecoach.coaching.messages import TONE_LENGTH_MS, Tone
from voicecoach.units import OUTPUT_FRAMES_PER_MS, OUTPUT_RATE_HZ

PEAK: Final = 10 ** (-9 / 20)
"""The peak of a tone, full scale being 1: -9 dBFS, which leaves room for speech that peaks at -6 dBFS."""
QUIET_PEAK: Final = 10 ** (-17 / 20)
"""The peak of what only confirms: it must not startle, and must not be in the way of the next word."""
ATTACK_MS: Final = 2
RELEASE_MS: Final = 12
SHIMMER_OCTAVES: Final = 0.18
"""How far the pitch of long notes wobbles. With 0.12 or less the echo of the last tone of a session comes back."""


@dataclass(frozen=True, slots=True)
class _Note:
    """One glide. Its pitch moves evenly in octaves from `from_hz` to `to_hz`, and it fades as a struck thing does."""

    at_ms: int
    length_ms: int
    from_hz: float
    to_hz: float
    level: float = 1.0
    fade_ms: float = 1000.0
    """The time in which it falls to about a third; long means sustained."""
    bend_hz: float = 0.0
    """How fast the pitch wobbles: 14 Hz does; at 9 Hz or 20 Hz less of the echo is taken away."""
    bend_octaves: float = SHIMMER_OCTAVES
    """How far up and down it wobbles."""


_NOTES: Final[Mapping[Tone, tuple[_Note, ...]]] = {
    # A wooden tap: falls fast and dies at once.
    Tone.TICK: (_Note(0, 60, 1900, 1150, fade_ms=16), _Note(0, 60, 2900, 2300, 0.4, fade_ms=8)),
    # One bright sweep upward: off you go.
    Tone.START: (_Note(0, 220, 600, 3000, fade_ms=160), _Note(0, 220, 1300, 3300, 0.3, fade_ms=120)),
    # Two equal falling chirps: half, half.
    Tone.HALFWAY: (_Note(0, 85, 1750, 1350, fade_ms=45), _Note(115, 85, 1750, 1350, fade_ms=45)),
    # A short upward chirp, higher than the tick.
    Tone.COUNTDOWN: (_Note(0, 90, 900, 1500, fade_ms=40), _Note(0, 90, 1600, 2900, 0.7, fade_ms=40)),
    # Two steps down and rest.
    Tone.HOLD_END: (
        _Note(0, 150, 2250, 1800, fade_ms=110, bend_hz=14),
        _Note(120, 230, 1500, 950, fade_ms=120, bend_hz=14),
        _Note(120, 230, 2600, 1900, 0.3, fade_ms=80, bend_hz=14),
    ),
    # A pair that mirrors itself: up and out, down and back.
    Tone.REP_OUT: (
        _Note(0, 110, 650, 1200, fade_ms=60),
        _Note(0, 110, 1250, 2100, 0.7, fade_ms=60),
        _Note(0, 110, 2200, 3300, 0.5, fade_ms=60),
    ),
    Tone.REP_BACK: (
        _Note(0, 110, 1200, 650, fade_ms=60),
        _Note(0, 110, 2100, 1250, 0.7, fade_ms=60),
        _Note(0, 110, 3300, 2200, 0.5, fade_ms=60),
    ),
    # Three rising steps.
    Tone.EXERCISE_END: (
        _Note(0, 200, 880, 1050, fade_ms=110, bend_hz=14),
        _Note(160, 220, 1170, 1400, fade_ms=110, bend_hz=14),
        _Note(330, 270, 1560, 2050, fade_ms=140, bend_hz=14),
        _Note(330, 270, 2500, 3100, 0.25, fade_ms=90, bend_hz=14),
    ),
    # Up, down, and home, with a long last note.
    Tone.SESSION_END: (
        _Note(0, 240, 900, 1200, fade_ms=140, bend_hz=14),
        _Note(210, 240, 1350, 1800, fade_ms=140, bend_hz=14),
        _Note(420, 260, 2150, 1700, fade_ms=150, bend_hz=14),
        _Note(640, 560, 1450, 820, fade_ms=260, bend_hz=14),
        _Note(640, 560, 2200, 1300, 0.4, fade_ms=220, bend_hz=14),
    ),
    # A small nod upward.
    Tone.UNDERSTOOD: (
        _Note(0, 60, 1200, 1600, fade_ms=40),
        _Note(0, 60, 2600, 3200, 0.4, fade_ms=30),
        _Note(50, 70, 1800, 2600, fade_ms=40),
    ),
    # A small low shrug.
    Tone.NOT_UNDERSTOOD: (_Note(0, 75, 900, 720, fade_ms=50), _Note(65, 85, 950, 620, fade_ms=60)),
    # A wavering call that nothing else resembles.
    Tone.TROUBLE: (
        _Note(0, 250, 1250, 1050, bend_hz=14, bend_octaves=0.25),
        _Note(230, 270, 1050, 850, bend_hz=14, bend_octaves=0.25),
    ),
}

_QUIET: Final = frozenset({Tone.UNDERSTOOD, Tone.NOT_UNDERSTOOD})


@cache
def tone_samples(tone: Tone) -> Samples:
    """Return the sound of a tone at 48 kHz: exactly `TONE_LENGTH_MS[tone]` long, read-only, always the same array."""
    length = TONE_LENGTH_MS[tone] * OUTPUT_FRAMES_PER_MS
    sound = np.zeros(length, dtype=np.float64)
    for note in _NOTES[tone]:
        first = note.at_ms * OUTPUT_FRAMES_PER_MS
        glide = _note_samples(note)[: length - first]
        sound[first : first + len(glide)] += glide
    sound *= (QUIET_PEAK if tone in _QUIET else PEAK) / np.abs(sound).max()
    samples = sound.astype(np.float32)
    samples.flags.writeable = False
    return samples


def _note_samples(note: _Note) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    frames = note.length_ms * OUTPUT_FRAMES_PER_MS
    seconds = np.arange(frames) / OUTPUT_RATE_HZ
    pitch_hz = note.from_hz * (note.to_hz / note.from_hz) ** (np.arange(frames) / frames)
    pitch_hz = pitch_hz * 2 ** (note.bend_octaves * np.sin(2 * np.pi * note.bend_hz * seconds))
    phase = 2 * np.pi * np.cumsum(pitch_hz) / OUTPUT_RATE_HZ
    # A quarter turn ahead: the first frame is not zero, so the onset is where the tone begins.
    envelope = note.level * np.exp(-seconds * 1000 / note.fade_ms)
    envelope *= _edge(frames, ATTACK_MS) * _edge(frames, RELEASE_MS)[::-1]
    return np.asarray(np.cos(phase) * envelope)


def _edge(frames: int, length_ms: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return a raised cosine from just above 0 to 1 over `length_ms`, then 1."""
    weights = np.ones(frames)
    rising = length_ms * OUTPUT_FRAMES_PER_MS
    weights[:rising] = 0.5 - 0.5 * np.cos(np.pi * np.arange(1, rising + 1) / (rising + 1))
    return weights
