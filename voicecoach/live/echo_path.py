"""The way from the microphone to the ears: to 16 kHz, and without what the loudspeaker adds.

What was played waits until as much has been heard (`live/reference.py`); where the clocks of loudspeaker and microphone
differ, it is taken at the microphone's pace.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import soxr

from voicecoach.audio.clip import Samples
from voicecoach.audio.echo import DELAY_FRAMES, is_installed
from voicecoach.audio.echo_delay import EchoDelay
from voicecoach.audio.echo_removal import Block, EchoRemoval, Pcm
from voicecoach.audio.pcm import int16_from_float
from voicecoach.audio.resample import Downsampler
from voicecoach.live.reference import Reference
from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ, OUTPUT_FRAMES_PER_MS, OUTPUT_RATE_HZ

BLOCK_FRAMES: Final = 20 * INPUT_FRAMES_PER_MS
"""What the ears take at a time, at 16 kHz."""
DELAY_MS: Final = DELAY_FRAMES // INPUT_FRAMES_PER_MS
_MOVED_FRAMES: Final = INPUT_FRAMES_PER_MS
"""In one block: clocks that differ never do that."""


class EchoPath:
    """Pairs what is played with what is heard. One thread uses it."""

    def __init__(self, input_rate_hz: int, delay: EchoDelay | None = None) -> None:
        """Expect the microphone at this rate. `delay` follows the echo; none for the usual."""
        self._to_16k: Downsampler | Any = (
            Downsampler()
            if input_rate_hz == OUTPUT_RATE_HZ
            # The medium quality holds back a few milliseconds only, and ears at 16 kHz need no better.
            else soxr.ResampleStream(input_rate_hz, INPUT_RATE_HZ, 1, dtype="float32", quality="MQ")
        )
        self._reference_to_16k = Downsampler()
        self._removal = EchoRemoval() if is_installed() else None
        self._played_rest = np.zeros(0, np.float32)
        self._heard_rest = np.zeros(0, np.float32)
        self._reference = Reference(BLOCK_FRAMES)
        self._delay = EchoDelay() if delay is None else delay
        self._microphone = np.zeros(0, np.float32)

    @property
    def cancels_echo(self) -> bool:
        """Whether there is an echo canceller; without one the microphone passes as it is."""
        return self._removal is not None

    def play(self, samples: Samples) -> None:
        """Take what the loudspeaker was given: any number of frames at 48 kHz."""
        if self._removal is None:
            return
        whole, self._played_rest = _whole_ms(self._played_rest, samples)
        self._reference.add(self._reference_to_16k.process(whole))

    def rest(self) -> None:
        """Take that the loudspeaker is closed. When it is opened again, what it plays is paired anew."""
        self._played_rest = np.zeros(0, np.float32)
        self._reference.begin_anew()
        self._delay.begin_anew()

    def hear(self, samples: Samples) -> list[Block]:
        """Take what the microphone gave: any number of frames at its rate. Return blocks for the ears."""
        if isinstance(self._to_16k, Downsampler):
            whole, self._heard_rest = _whole_ms(self._heard_rest, samples)
            at_16k = self._to_16k.process(whole)
        else:
            at_16k = self._to_16k.resample_chunk(samples)
        self._microphone = np.concatenate((self._microphone, at_16k))
        blocks = []
        while len(self._microphone) >= BLOCK_FRAMES:
            block, self._microphone = self._microphone[:BLOCK_FRAMES], self._microphone[BLOCK_FRAMES:]
            heard = int16_from_float(block)
            if self._removal is None:
                blocks.append(Block(heard, 0.0))
            else:
                blocks.append(self._without_echo(heard, self._removal))
        return blocks

    def _without_echo(self, heard: Pcm, removal: EchoRemoval) -> Block:
        before = self._reference.ahead
        self._reference.move(self._delay.misplaced)
        played = int16_from_float(self._reference.take())
        if abs(self._reference.ahead - before) > _MOVED_FRAMES:
            removal.echo_has_moved(was_early=self._delay.misplaced > 0)
            self._delay.reference_has_moved()
        self._delay.hear(played, heard, self._reference.ahead)
        self._reference.ratio = self._delay.ratio
        if self._delay.is_known:
            self._reference.stay(self._delay.room)
        return removal.process(heard, played)


def _whole_ms(rest: Samples, samples: Samples) -> tuple[Samples, Samples]:
    together = np.concatenate((rest, samples))
    whole = len(together) - len(together) % OUTPUT_FRAMES_PER_MS
    return together[:whole], together[whole:]
