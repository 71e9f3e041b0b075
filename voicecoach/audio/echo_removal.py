"""What the ears are given where a loudspeaker sounds: the microphone without its echo, and how much may be left of it.

The rehearsal, the bench and the live session all hear by this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from voicecoach.audio.echo import EchoCanceller
from voicecoach.audio.likeness import Likeness
from voicecoach.audio.residual import ResidualEcho

Pcm = npt.NDArray[np.int16]

_WORTH_COMPARING: Final = 50.0**2
"""Mean square from which a block is loud enough to be a voice."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """20 ms for the ears."""

    sound: Pcm
    echo_power: float
    """How much power (mean square) of the coach's own sound it may hold, see `ResidualEcho`."""


class EchoRemoval:
    """An echo canceller, and the estimate of what it leaves. One stream, one thread."""

    def __init__(self) -> None:
        self._canceller = EchoCanceller()
        self._residual = ResidualEcho()
        self._likeness = Likeness()

    def process(self, microphone: Pcm, reference: Pcm) -> Block:
        """Take 20 ms (320 samples) of what was heard and of what was played; see `EchoCanceller.process`."""
        cleaned = self._canceller.process(microphone, reference)
        echo_power = self._residual.estimate(reference, microphone, cleaned)
        self._likeness.hear(reference, cleaned)
        if echo_power > 0.0:
            samples = cleaned.astype(np.float32)
            power = float(samples.dot(samples)) / len(samples)
            if power > max(echo_power, _WORTH_COMPARING):
                echo_power = max(echo_power, self._likeness.share() * power)
        return Block(cleaned, echo_power)
