"""From the loudspeaker's rate to the microphone's, three frames into one, with no surprises in between.

General stream resamplers give what they have when they have it (soxr at high quality keeps up to 36 ms back). The echo
canceller needs its reference at a fixed, short delay, and one third as many frames for every block, which a plain
filter gives.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from voicecoach.audio.clip import Samples
from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ, OUTPUT_FRAMES_PER_MS, OUTPUT_RATE_HZ

_RATIO: Final = OUTPUT_RATE_HZ // INPUT_RATE_HZ
_TAPS: Final = 121
DELAY_FRAMES: Final = (_TAPS - 1) // 2 // _RATIO
"""How much later a sound comes out than it went in, in frames at 16 kHz: 20, which is 1.25 ms."""


class Downsampler:
    """Turns mono sound at 48 kHz into mono sound at 16 kHz, block by block.

    Flat to 7 kHz within 0.1 dB; what would fold down below 7 kHz is 75 dB or more down. The delay is `DELAY_FRAMES`,
    always.
    """

    def __init__(self) -> None:
        self._history = np.zeros(_TAPS - 1, dtype=np.float32)

    def process(self, block: Samples) -> Samples:
        """Return `len(block) // 3` frames at 16 kHz. The block (float32) must be whole milliseconds: 48 frames each."""
        if len(block) % OUTPUT_FRAMES_PER_MS:
            raise ValueError(f"a block of {len(block)} frames is not whole milliseconds; give a multiple of 48 frames")
        sound = np.concatenate((self._history, block))
        self._history = sound[len(block) :]
        if not sound.any():
            # Most of a session is silence; the filter takes ten times as long to find that out.
            return np.zeros(len(block) // _RATIO, dtype=np.float32)
        # Each row is what one millisecond of output depends on.
        rows = np.lib.stride_tricks.as_strided(
            sound,
            (len(block) // OUTPUT_FRAMES_PER_MS, OUTPUT_FRAMES_PER_MS + _TAPS - 1),
            (OUTPUT_FRAMES_PER_MS * sound.itemsize, sound.itemsize),
            writeable=False,
        )
        return np.asarray(rows @ _MATRIX).reshape(-1)


def _matrix() -> Samples:
    """Return the filter, once for each of the 16 frames of a millisecond: shape (48 + taps - 1, 16)."""
    at = np.arange(_TAPS) - (_TAPS - 1) / 2
    taps = np.kaiser(_TAPS, 7.86) * np.sinc(at / _RATIO)
    taps /= taps.sum()
    matrix = np.zeros((OUTPUT_FRAMES_PER_MS + _TAPS - 1, INPUT_FRAMES_PER_MS), dtype=np.float32)
    for column in range(INPUT_FRAMES_PER_MS):
        matrix[column * _RATIO : column * _RATIO + _TAPS, column] = taps
    return matrix


_MATRIX: Final = _matrix()
