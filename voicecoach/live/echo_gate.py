"""Whose voice it is that the ears noticed: a coach does not fall silent for its own.

What the echo canceller leaves of the coach's voice is speech, so the ears take it for speech. The sound process says
with each block how loud that can be. A voice that is no louder makes the coach neither fall silent nor answer that it
has not understood; a command in it is obeyed where there is little doubt of it.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from voicecoach.listening.ears import Heard, Ignored, Sensation, VoiceBegan
from voicecoach.live.wire import Microphone

ABOVE_ECHO: Final = 10 ** (6 / 10)
"""A person's voice is taken for one where it is 6 dB louder than the coach's own can be."""
SURE_IN_ECHO: Final = 0.6
"""Confidence from which a command is obeyed in a voice that is no louder than the coach's own can be. A judgement,
which no bench has tried: over a loopback of 0 dB "wait" was once heard in the coach's own words with 0.48."""
_RECENT_BLOCKS: Final = 4
"""A voice is reported when 3 of the last 4 blocks were like speech, so these hold it."""
_LOUD_BLOCKS: Final = 2
"""Of them: where the coach's own voice has just begun, one block may still be from before."""


class EchoGate:
    """Watches the microphone beside the ears, and tells which of their sensations are a person's. One thread."""

    def __init__(self) -> None:
        self._loud: deque[bool] = deque(maxlen=_RECENT_BLOCKS)
        self._let_through = True
        """Whether the session was told of the voice that began last."""

    def hear(self, block: Microphone) -> None:
        """Take a block that the ears are given, too."""
        if block.echo_power <= 0.0:
            self._loud.append(True)
            return
        samples = np.frombuffer(block.data, np.int16).astype(np.float32)
        self._loud.append(float(samples.dot(samples)) > ABOVE_ECHO * block.echo_power * len(samples))

    def lets_through(self, sensation: Sensation) -> bool:
        """Tell whether the session is to know of it."""
        match sensation:
            case VoiceBegan():
                self._let_through = sum(self._loud) >= _LOUD_BLOCKS
                return self._let_through
            case Ignored():
                return self._let_through
            case Heard(confidence=confidence):
                return self._let_through or confidence >= SURE_IN_ECHO
