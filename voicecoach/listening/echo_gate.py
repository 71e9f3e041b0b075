"""Whose voice it is that the ears noticed: a coach does not fall silent for its own.

What the echo canceller leaves of the coach's voice is speech, so the ears take it for speech. With each block comes how
loud that can be. A voice that is no louder makes the coach neither fall silent nor answer that it has not understood; a
command in it is obeyed where there is little doubt of it.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from voicecoach.listening.recognizer import Pcm

ABOVE_ECHO: Final = 10 ** (6 / 10)
"""A person's voice is taken for one where it is 6 dB louder than the coach's own can be."""
SURE_IN_ECHO: Final = 0.8
"""Confidence from which a command is obeyed in a voice that is no louder than the coach's own can be. In what was
left of its own voice over loopbacks of 0 dB, "ready" was heard with 0.39, "wait" with 0.48 and "go" with 0.67."""
_RECENT_FRAMES: Final = 4
"""A voice is reported when 3 of the last 4 frames were like speech, so these hold it."""
_LOUD_FRAMES: Final = 2
"""Of them: where the coach's own voice has just begun, one frame may still be from before."""


class EchoGate:
    """Watches the frames that the ears hear. One thread."""

    def __init__(self) -> None:
        self._loud: deque[bool] = deque(maxlen=_RECENT_FRAMES)

    def hear(self, frame: Pcm, echo_power: float) -> None:
        """Take the next 20 ms, and how much power (mean square) of the coach's own sound they may hold."""
        if echo_power <= 0.0:
            self._loud.append(True)
            return
        samples = frame.astype(np.float32)
        self._loud.append(float(samples.dot(samples)) > ABOVE_ECHO * echo_power * len(samples))

    @property
    def hears_more_than_echo(self) -> bool:
        """Whether what was heard last is louder than the coach's own sound can be there."""
        return sum(self._loud) >= _LOUD_FRAMES
