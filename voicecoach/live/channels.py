"""Which channel of a microphone is listened to.

A card has more channels than microphones: an I2S microphone gives left or right as it is strapped, an interface has two
inputs and one cable. The sum of two that differ would have notches where they cancel each other, so one channel is
taken: the one from which what happens in the room stands out most. That is learned while somebody speaks, and kept.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from voicecoach.audio.clip import Samples
from voicecoach.listening.background import SILENT_POWER

MOST_CHANNELS: Final = 8
"""More are not opened: every one costs time in every block, and what has more is mostly a converter that claims it."""
STANDS_OUT_DB: Final = 6.0
"""What is so much louder than the background of a channel is a sound in the room: steady noise varies by 1 dB."""
_BETTER_DB: Final = 3.0
"""Another channel is taken where it was so much better: between two that are alike nothing is gained."""
_OWN_DB: Final = STANDS_OUT_DB
"""What the coach's own sound counts at most, and it never counts against a channel: it shows that one hears the room,
but the microphone that is nearest to the loudspeaker is not the best one for the person."""
_HALF_BAND_HZ: Final = 2_000
"""A voice is below this; differences of successive samples at twice the rate have neither hum nor a constant."""
_FAINT: Final = SILENT_POWER / 32_768**2
"""What the ears take for silence does not stand out, however silent the background is."""
_DEAD: Final = 1e-12
_EVERY_S: Final = 0.02
"""Of shorter blocks only some are looked at: it costs as much for each."""
_LEVEL_S: Final = 0.05
_LEARN_S: Final = 0.4
"""Of sound that stands out: a deaf channel is left after some 60 ms of a voice."""
_RISE_DB_PER_S: Final = 3.0
"""How fast the background may become louder; the gaps in speech bring it down again at once."""
_SETTLES_S: Final = 0.5
"""Devices begin with silence or a click: that is no background."""

_Powers = npt.NDArray[np.float64]


class BestChannel:
    """Follows one microphone. One thread uses it."""

    def __init__(self, channels: int, rate_hz: int) -> None:
        """Begin with the first channel, until there is sound in any."""
        self.channels = channels
        self.channel = 0
        """The one that is listened to, counted from 0."""
        self._rate_hz = rate_hz
        self._group = max(1, rate_hz // (2 * _HALF_BAND_HZ))
        self._passed_s = 0.0
        self._unseen_s = _EVERY_S
        self._level: _Powers = np.zeros(channels)
        self._floor: _Powers = np.zeros(channels)
        self._worth_db: _Powers = np.zeros(channels)
        """How much sounds in the room stood out."""

    def take(self, block: Samples, *, own: bool = False) -> Samples:
        """Return the channel to listen to, of a block of shape (frames, channels).

        `own`: whether the coach itself may be heard in it.
        """
        if self.channels == 1:
            return block[:, 0]
        before = self.channel
        self._learn(block, own=own)
        if before == self.channel or not len(block):
            return np.ascontiguousarray(block[:, self.channel])
        # From one to the other within the block: a step would click.
        share = np.linspace(0.0, 1.0, len(block), dtype=np.float32)
        faded: Samples = block[:, before] * (1 - share) + block[:, self.channel] * share
        return faded

    @property
    def dead(self) -> tuple[int, ...]:
        """The channels that give nothing, or one value all the time."""
        return tuple(int(number) for number in np.flatnonzero(self._level <= _DEAD))

    def _learn(self, block: Samples, *, own: bool) -> None:
        self._unseen_s += len(block) / self._rate_hz
        whole = len(block) - len(block) % self._group
        if whole < 2 * self._group or self._unseen_s < _EVERY_S:
            return
        slow = block[:whole].reshape(-1, self._group, self.channels).mean(axis=1, dtype=np.float64)
        power = (np.diff(slow, axis=0) ** 2).mean(axis=0)
        if not np.isfinite(power).all():
            return
        seconds, self._unseen_s = self._unseen_s, 0.0
        self._level += (power - self._level) * (min(1.0, seconds / _LEVEL_S) if self._passed_s else 1.0)
        self._passed_s += seconds
        if self._passed_s < _SETTLES_S:
            self._floor = self._level.copy()
        else:
            self._floor = np.minimum(self._level, self._floor * 10 ** (_RISE_DB_PER_S * seconds / 10) + _DEAD)
        above_db = 10 * np.log10((self._level + _FAINT) / (self._floor + _FAINT))
        if above_db.max() >= STANDS_OUT_DB:
            if own:
                above_db = np.maximum(self._worth_db, np.minimum(above_db, _OWN_DB))
            self._worth_db += (above_db - self._worth_db) * min(1.0, seconds / _LEARN_S)
        self._choose()

    def _choose(self) -> None:
        best = int(self._worth_db.argmax())
        if self._worth_db[best] > self._worth_db[self.channel] + _BETTER_DB:
            self.channel = best
        elif self._worth_db[self.channel] < _BETTER_DB:
            # Nobody has been heard by it: at least it is one that gives sound.
            loudest = int(self._level.argmax())
            is_new = self._passed_s < _SETTLES_S and self._level[loudest] > 2 * self._level[self.channel]
            if is_new or self._level[self.channel] <= _DEAD < self._level[loudest]:
                self.channel = loudest
