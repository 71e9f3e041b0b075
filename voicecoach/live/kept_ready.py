"""What the device has been given and does not sound yet, where more is kept ready than usual.

The echo canceller pairs what is played with what is heard, and finds delays of a few tenths of a second. A long buffer
would use them up, so what waits in it is held back as long.
"""

from __future__ import annotations

import numpy as np

from voicecoach.audio.clip import Samples
from voicecoach.live.overload import USUAL_BUFFER_MS
from voicecoach.units import OUTPUT_FRAMES_PER_MS


class KeptReady:
    """Sound at 48 kHz on its way to the loudspeaker. One thread uses it."""

    def __init__(self) -> None:
        """Hold back nothing."""
        self._frames = 0
        self._waiting: Samples = np.zeros(0, np.float32)

    def begin(self, buffer_ms: int) -> None:
        """Take that a stream has been opened with so long a buffer, in milliseconds: nothing waits in it."""
        self._frames = max(0, buffer_ms - USUAL_BUFFER_MS) * OUTPUT_FRAMES_PER_MS
        self._waiting = np.zeros(0, np.float32)

    def pass_on(self, sound: Samples) -> Samples:
        """Take what the device was given next, and return what it has come to sound."""
        together: Samples = np.concatenate((self._waiting, sound))
        passed = max(0, len(together) - self._frames)
        self._waiting = together[passed:]
        return together[:passed]
