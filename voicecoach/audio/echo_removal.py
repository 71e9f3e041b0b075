"""What the ears are given where a loudspeaker sounds: the microphone without its echo, and how much may be left of it.

The rehearsal, the bench and the live session all hear by this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from voicecoach.audio.echo import DELAY_FRAMES, EchoCanceller
from voicecoach.audio.likeness import Likeness
from voicecoach.audio.linear_canceller import Bass, LinearCanceller
from voicecoach.audio.residual import ResidualEcho

Pcm = npt.NDArray[np.int16]

_WORTH_COMPARING: Final = 50.0**2
"""Mean square from which a block is loud enough to be a voice."""
TRUSTED: Final = 10 ** (-20 / 10)
"""The linear filter is believed where no more than this is left of the loudest echo. In the bench's room it takes 25 to
32 dB away, with clocks that differ by 20 parts in a million 17, by 80 only 10. With -15 dB here it was believed for
moments with the latter, and the coach fell silent for itself."""
EVEN: Final = 10 ** (4 / 10)
"""Of what the linear filter leaves nearly all (`ResidualEcho`: 95 % of blocks) is at most so much more than what is
usual (80 %). In four of the bench's rooms it is 4.2 to 5.2 dB, with what a person's voice leaves in the room counted
in. In unsteady noise of a kitchen, which is there for some blocks only, the filter is believed by this where it was not
before: 188 of 204 commands over the coach are understood there, for 162, and 173 for 167 of those that are 10 dB weaker
than the echo in a silent room. With 3 dB the coach fell silent for its own voice three times an hour, for two. By what
is usual in half of the blocks, 8 dB more, it was 71 times."""
DISTRUSTED: Final = 10 ** (-16 / 10)
"""It is believed until more than this is left."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """20 ms for the ears."""

    sound: Pcm
    echo_power: float
    """How much power (mean square) of the coach's own sound it may hold, see `ResidualEcho`."""


class EchoRemoval:
    """Two echo cancellers, and the estimate of what the better one leaves. One stream, one thread.

    Where a linear filter does, the ears get what it leaves, because it leaves a person as they are; elsewhere, and
    until it has learned the room, what WebRTC's canceller leaves.
    """

    def __init__(self) -> None:
        self._canceller = EchoCanceller()
        self._residual = ResidualEcho()
        self._likeness = Likeness()
        self._linear = _linear_path()

    def process(self, microphone: Pcm, reference: Pcm) -> Block:
        """Take 20 ms (320 samples) of what was heard and of what was played; see `EchoCanceller.process`."""
        cleaned = self._canceller.process(microphone, reference)
        echo_power = self._residual.estimate(reference, microphone, cleaned)
        if self._linear is not None:
            linear = self._linear.process(microphone, reference, cleaned, resting=self._canceller.resting)
            if linear is not None:
                cleaned, echo_power = linear.sound, linear.echo_power
        self._likeness.hear(reference, cleaned)
        if echo_power > 0.0:
            power = _power(cleaned)
            if power > max(echo_power, _WORTH_COMPARING):
                echo_power = max(echo_power, self._likeness.share() * power)
        return Block(cleaned, echo_power)

    def echo_has_moved(self, *, was_early: bool) -> None:
        """Take that the echo comes at another time after its reference from now on: more of it may be left for a while.

        Where it came before its reference, the linear filter has learned what was not there, and does worse than one
        that knows nothing, for half a minute and more; it begins anew. WebRTC's canceller finds all that out.
        """
        self._residual.forget()
        if was_early:
            self._linear = _linear_path()
        elif self._linear is not None:
            self._linear.echo_has_moved()


class _LinearPath:
    """The linear filter, and whether it is to be believed."""

    def __init__(self, canceller: LinearCanceller) -> None:
        self._canceller = canceller
        self._bass = Bass()
        self._residual = ResidualEcho(EVEN)
        self._late: Pcm = np.zeros(DELAY_FRAMES, np.int16)
        self._is_trusted = False

    def echo_has_moved(self) -> None:
        self._residual.forget()

    def process(self, microphone: Pcm, reference: Pcm, cleaned: Pcm, *, resting: bool) -> Block | None:
        """Return what is left, as late as what the other canceller leaves (`cleaned`) and with its bass.

        None where the other one is the better.
        """
        bass = self._bass.of(cleaned)
        if resting:
            return None
        thin = np.concatenate((self._late, self._canceller.process(microphone, reference)))
        self._late = thin[len(microphone) :]
        left = np.clip(np.round(thin[: len(microphone)] + bass), -32_768, 32_767).astype(np.int16)
        echo_power = self._residual.estimate(reference, microphone, left)
        part = self._residual.part_left
        self._is_trusted = part <= (DISTRUSTED if self._is_trusted else TRUSTED)
        return Block(left, echo_power) if self._is_trusted else None


def _linear_path() -> _LinearPath | None:
    try:
        return _LinearPath(LinearCanceller())
    except ImportError:
        return None


def _power(block: Pcm) -> float:
    samples = block.astype(np.float32)
    return float(samples.dot(samples)) / len(samples)
