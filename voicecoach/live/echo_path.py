"""The way from the microphone to the ears: to 16 kHz, and without what the loudspeaker adds.

The loudspeaker and the microphone may be different devices with different clocks. What was played waits here until as
much has been heard; where the clocks drift apart, it is put right while the loudspeaker is silent, when that harms
nothing.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import soxr

from voicecoach.audio.clip import Samples
from voicecoach.audio.echo import DELAY_FRAMES, is_installed
from voicecoach.audio.echo_removal import Block, EchoRemoval
from voicecoach.audio.pcm import int16_from_float
from voicecoach.audio.resample import Downsampler
from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ, OUTPUT_FRAMES_PER_MS, OUTPUT_RATE_HZ

BLOCK_FRAMES: Final = 20 * INPUT_FRAMES_PER_MS
"""What the ears take at a time, at 16 kHz."""
DELAY_MS: Final = DELAY_FRAMES // INPUT_FRAMES_PER_MS
_AHEAD_FRAMES: Final = 40 * INPUT_FRAMES_PER_MS
"""The reference may wait for the microphone by this much: the canceller finds the rest of the delay itself."""
_FAR_AHEAD_FRAMES: Final = 300 * INPUT_FRAMES_PER_MS
"""More than this is beyond the canceller, and is put right at once."""
_WINDOW_BLOCKS: Final = 100
"""The devices ask and give in bursts: how far ahead the reference is shows only over some time."""
_FIRST_WINDOW_BLOCKS: Final = 10
"""The same before anything has been played: put right then, it never disturbs the canceller."""


class EchoPath:
    """Pairs what is played with what is heard. One thread uses it."""

    def __init__(self, input_rate_hz: int) -> None:
        """Expect the microphone at this rate."""
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
        self._reference = np.zeros(0, np.float32)
        self._microphone = np.zeros(0, np.float32)
        self._least_ahead = _FAR_AHEAD_FRAMES
        self._blocks = 0
        self._has_played = False

    @property
    def cancels_echo(self) -> bool:
        """Whether there is an echo canceller; without one the microphone passes as it is."""
        return self._removal is not None

    def play(self, samples: Samples) -> None:
        """Take what the loudspeaker was given: any number of frames at 48 kHz."""
        if self._removal is None:
            return
        whole, self._played_rest = _whole_ms(self._played_rest, samples)
        self._has_played = self._has_played or bool(samples.any())
        self._reference = np.concatenate((self._reference, self._reference_to_16k.process(whole)))

    def rest(self) -> None:
        """Take that the loudspeaker is closed. When it is opened again, what it plays is paired anew."""
        self._played_rest = np.zeros(0, np.float32)
        self._reference = np.zeros(0, np.float32)
        self._least_ahead, self._blocks, self._has_played = _FAR_AHEAD_FRAMES, 0, False

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
                blocks.append(self._removal.process(heard, int16_from_float(self._take_reference())))
        return blocks

    def _take_reference(self) -> Samples:
        self._put_right()
        block = self._reference[:BLOCK_FRAMES]
        self._reference = self._reference[BLOCK_FRAMES:]
        return np.pad(block, (0, BLOCK_FRAMES - len(block)))

    def _put_right(self) -> None:
        """Drop what is too far ahead: where it is silent, or where it is of no use any more."""
        self._least_ahead = min(self._least_ahead, len(self._reference) - BLOCK_FRAMES)
        self._blocks += 1
        excess = len(self._reference) - BLOCK_FRAMES - _AHEAD_FRAMES
        if excess > _FAR_AHEAD_FRAMES:
            self._reference = self._reference[excess:]
        elif self._blocks >= (_WINDOW_BLOCKS if self._has_played else _FIRST_WINDOW_BLOCKS):
            drop = self._least_ahead - _AHEAD_FRAMES
            if drop <= 0:
                self._blocks, self._least_ahead = 0, _FAR_AHEAD_FRAMES
            elif not self._reference[: drop + BLOCK_FRAMES].any():
                self._reference = self._reference[drop:]
                self._blocks, self._least_ahead = 0, _FAR_AHEAD_FRAMES


def _whole_ms(rest: Samples, samples: Samples) -> tuple[Samples, Samples]:
    together = np.concatenate((rest, samples))
    whole = len(together) - len(together) % OUTPUT_FRAMES_PER_MS
    return together[:whole], together[whole:]
