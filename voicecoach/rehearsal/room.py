"""The air between coach and person: a loudspeaker, a microphone, a person and some noise in one simulated room.

A `Room` stands where the sound card stands live. Block by block it takes what the loudspeaker is given and returns what
the microphone hears: the coach's echo (late by what a sound card and the air take), whoever speaks, noise, and the
faint hiss that every microphone has. Same seed, same sound, to the bit.

Levels are those of the loudest frame of 2048 samples, as RMS: for speech that is the loudest syllable, whatever pauses
a recording has. All are as they are at the microphone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voicecoach.audio.clip import Samples
from voicecoach.errors import UsageError
from voicecoach.rehearsal.acoustics import room_responses
from voicecoach.rehearsal.convolution import StreamingConvolver, convolved
from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ

BLOCK_FRAMES = 20 * INPUT_FRAMES_PER_MS
PERSON_DBFS = -26.0
"""The usual level of the person: microphones are set so that a loud voice still has some room."""
FLOOR_DBFS = -75.0
"""The hiss of the microphone and its amplifier."""

_LEVEL_FRAME = 2048
_LOUDSPEAKER_M = 0.6
_FLOOR_FRAMES = 10 * INPUT_RATE_HZ
_SEAM_FRAMES = 50 * INPUT_FRAMES_PER_MS
_FULL_SCALE = 32768.0

Pcm = npt.NDArray[np.int16]


def loudest_frame_dbfs(samples: Samples) -> float:
    """Return the level of the loudest 2048 samples in dB, full scale being 1; `-inf` for silence.

    Frames follow each other without overlap; what is left at the end counts as a frame of its own length if there is no
    other, and not at all otherwise.
    """
    whole = len(samples) // _LEVEL_FRAME * _LEVEL_FRAME
    frames = samples[:whole].reshape(-1, _LEVEL_FRAME) if whole else samples.reshape(1, -1)
    if not frames.size:
        return -math.inf
    power = float(np.max(np.mean(np.square(frames, dtype=np.float64), axis=1)))
    return 10.0 * math.log10(power) if power > 0 else -math.inf


@dataclass(frozen=True, slots=True, eq=False)
class _Sounding:
    """A sound on its way, as it will be at the microphone."""

    at_frame: int
    samples: Samples

    @property
    def end_frame(self) -> int:
        return self.at_frame + len(self.samples)


class Room:
    """A room at 16 kHz, rendered in blocks of `BLOCK_FRAMES` (20 ms). One stream, one thread."""

    def __init__(
        self,
        *,
        rt60_s: float = 0.3,
        echo_db: float = -10.0,
        distance_m: float = 2.0,
        delay_ms: int = 50,
        coach_dbfs: float = -16.0,
        seed: int = 0,
    ) -> None:
        """Furnish the room.

        `rt60_s`: how long sound takes to fall by 60 dB, 0.05 to 1.5 s. `echo_db`: level of the coach's speech at the
        microphone against the usual one of the person, -60 to 30 dB. `distance_m`: from person to microphone, 0.3 to
        4 m. `delay_ms`: what a sound card keeps sound back for on both ways together, 0 to 400 ms. `coach_dbfs`: level
        of the coach's speech as the loudspeaker is given it, -60 to 0 dBFS.

        Raises `UsageError` for what is outside of these ranges.
        """
        _demand("reverberation time", rt60_s, 0.05, 1.5, "s")
        _demand("echo", echo_db, -60.0, 30.0, "dB")
        _demand("distance of the person", distance_m, 0.3, 4.0, "m")
        _demand("delay of the sound card", delay_ms, 0, 400, "ms")
        _demand("level of the coach", coach_dbfs, -60.0, 0.0, "dBFS")
        responses = room_responses(rt60_s, distance_m, _LOUDSPEAKER_M, seed)
        echo = np.pad(responses.loudspeaker, (delay_ms * INPUT_FRAMES_PER_MS, 0))
        self._echo = StreamingConvolver(echo * _factor(PERSON_DBFS + echo_db - coach_dbfs), BLOCK_FRAMES)
        self._person = responses.person
        self._frame = 0
        self._sounds: list[_Sounding] = []
        self._noises: list[Samples] = []
        hiss = np.random.default_rng([seed, 2]).standard_normal(_FLOOR_FRAMES) * _factor(FLOOR_DBFS)
        self._floor = np.concatenate((hiss, hiss[:BLOCK_FRAMES])).astype(np.float32)
        self._quiet = _microphone_pcm(self._floor)

    @property
    def frame(self) -> int:
        """How many frames have been rendered: where the next block begins."""
        return self._frame

    def play_person(self, samples: Samples, at_frame: int, level_db: float = 0.0) -> int:
        """Have a recording sound where the person is, from `at_frame` on; any number may sound at once.

        `samples`: mono at 16 kHz, shape (frames,); its own level does not matter. `level_db`: against the usual level
        of the person. Return the frame at which the last of it, without reverberation, arrives at the microphone.

        Raises `ValueError` for a time that has been rendered and `UsageError` for a silent recording.
        """
        if at_frame < self._frame:
            raise ValueError(f"frame {at_frame} has been rendered already; the next one is {self._frame}")
        wet = _at_level(convolved(samples, self._person), PERSON_DBFS + level_db, "the recording")
        self._sounds.append(_Sounding(at_frame, wet))
        return at_frame + len(samples) + int(np.argmax(np.abs(self._person)))

    def add_noise(self, samples: Samples, snr_db: float) -> None:
        """Add a noise from all sides, looped from now on; several add up.

        `samples`: a recording, mono at 16 kHz, which brings its own room. `snr_db`: the usual level of the person
        against that of the noise, loudest frame against loudest frame, -40 to 80 dB.

        Raises `UsageError` for an SNR outside of that and for a silent recording.
        """
        _demand("signal-to-noise ratio", snr_db, -40.0, 80.0, "dB")
        loop = _at_level(_without_seam(samples), PERSON_DBFS - snr_db, "the noise")
        # At least one block long and continued by one block, so that every block of it lies in one piece.
        self._noises.append(np.resize(loop, max(len(loop), -(-BLOCK_FRAMES // len(loop)) * len(loop)) + BLOCK_FRAMES))

    def render(self, loudspeaker: Samples) -> Pcm:
        """Return what the microphone hears while the loudspeaker is given this block, both shape (`BLOCK_FRAMES`,).

        The block is float32 within -1.0 to 1.0. What is heard is int16, and clipped where it is too loud, as a
        microphone's converter does. Raises `ValueError` for another block size.
        """
        start, end = self._frame, self._frame + BLOCK_FRAMES
        echo = self._echo.process(loudspeaker)
        self._frame = end
        floor = slice(start % _FLOOR_FRAMES, start % _FLOOR_FRAMES + BLOCK_FRAMES)
        sounding = [sound for sound in self._sounds if sound.at_frame < end] if self._sounds else []
        if self._echo.silent and not sounding and not self._noises:
            return self._quiet[floor].copy()
        heard = self._floor[floor] + echo
        for noise in self._noises:
            at = start % (len(noise) - BLOCK_FRAMES)
            heard += noise[at : at + BLOCK_FRAMES]
        for sound in sounding:
            piece = sound.samples[max(0, start - sound.at_frame) : end - sound.at_frame]
            offset = max(0, sound.at_frame - start)
            heard[offset : offset + len(piece)] += piece
            if sound.end_frame <= end:
                self._sounds.remove(sound)
        return _microphone_pcm(heard)


def _demand(what: str, value: float, least: float, most: float, unit: str) -> None:
    # Written so that a NaN fails, too.
    if not least <= value <= most:
        raise UsageError(
            f"The {what} is {value:g} {unit}, which cannot be simulated; give one from {least:g} to {most:g} {unit}."
        )


def _factor(decibels: float) -> float:
    return float(10.0 ** (decibels / 20.0))


def _at_level(samples: Samples, dbfs: float, what: str) -> Samples:
    level = loudest_frame_dbfs(samples)
    if not math.isfinite(level):
        raise UsageError(f"There is no sound in {what}: it is empty or silent; give another recording.")
    return samples * np.float32(_factor(dbfs - level))


def _without_seam(samples: Samples) -> Samples:
    """Fade the end of a loop into its beginning, where it is long enough: a click in each round would be an event."""
    if len(samples) < 4 * _SEAM_FRAMES:
        return samples
    fade = np.linspace(0.0, np.pi / 2, _SEAM_FRAMES, dtype=np.float32)
    loop = samples[:-_SEAM_FRAMES].copy()
    loop[:_SEAM_FRAMES] = loop[:_SEAM_FRAMES] * np.sin(fade) + samples[-_SEAM_FRAMES:] * np.cos(fade)
    return loop


def _microphone_pcm(sound: Samples) -> Pcm:
    pcm: Pcm = np.clip(np.rint(sound * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
    return pcm
