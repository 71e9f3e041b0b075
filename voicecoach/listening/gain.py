"""How much louder a microphone should be: it follows the softest of what it hears, slowly.

A microphone that is set too low hears its own noise too softly as well. What decides about loudness goes by the sound
as it comes; only what was taught by people at usual levels, the detectors of voice, is given the louder one. So nothing
pumps, and a noise that begins is no louder against what was before.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from voicecoach.listening.recognizer import Pcm

QUIET_FLOOR: Final = 3.0
"""Root mean square of the softest frames of a microphone that is set as usual, in a quiet room, in 16-bit samples."""
MOST: Final = 30.0
"""A factor, about 30 dB. Where people are 40 dB softer than usual it takes no more."""
SOFTEST: Final = 0.1
"""Of the last 3 s this share of frames is softer."""
_LOUDEST: Final = 20_000.0
"""Nothing is made louder than this, in 16-bit samples."""
_FRAMES: Final = 150
_RELEARN_FRAMES: Final = 10


class Gain:
    """Learns from the power of 20 ms frames. One thread."""

    def __init__(self) -> None:
        self.factor = 1.0
        """By how much samples should be larger."""
        self._powers: deque[float] = deque(maxlen=_FRAMES)
        self._seen = 0

    def hear(self, power: float, *, has_echo: bool = False) -> None:
        """Take the mean square of the next frame, and whether the coach's own sound may be in it.

        Then nothing is made louder: what is left of that is softer than anybody at any microphone.
        """
        if has_echo:
            self.factor = 1.0
            return
        self._powers.append(power)
        self._seen += 1
        if self._seen % _RELEARN_FRAMES == 0:
            softest = sorted(self._powers)[int(SOFTEST * len(self._powers))]
            self.factor = min(MOST, max(1.0, QUIET_FLOOR / max(softest, 1e-9) ** 0.5))

    def louder(self, frame: Pcm) -> Pcm:
        """Return a frame as loud as it should be, but for what would not fit into 16 bits."""
        if self.factor == 1.0:
            return frame
        factor = min(self.factor, _LOUDEST / max(1.0, float(np.abs(frame.astype(np.float32)).max())))
        return frame if factor <= 1.0 else (frame * np.float32(factor)).astype(np.int16)
