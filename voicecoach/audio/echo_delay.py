"""How much later than the reference the echo comes, and how fast that changes: told from the echo itself.

A canceller can only take away an echo that comes after its reference, and its filter has to learn each delay. But a
device is silent about how much sound waits in it, two crystals differ by up to a hundred parts in a million, and a
sound server that passes sound from one clock to another keeps adjusting its pace by more. So the reference is taken
at the place and at the pace that this tells (`live/reference.py`).
"""

from __future__ import annotations

from collections import deque
from itertools import combinations
from statistics import median
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ

EARLIEST_FRAMES: Final = 100 * INPUT_FRAMES_PER_MS
LATEST_FRAMES: Final = 380 * INPUT_FRAMES_PER_MS
"""The echo is looked for from so much earlier than the reference to so much later."""
COMPARED_FRAMES: Final = 500 * INPUT_FRAMES_PER_MS
EVERY_FRAMES: Final = 240 * INPUT_FRAMES_PER_MS
"""So much of the microphone is compared, so often."""
SOONEST_FRAMES: Final = 3 * INPUT_FRAMES_PER_MS
"""An echo that comes sooner than this is not taken away as a whole, ..."""
LAST_FRAMES: Final = 110 * INPUT_FRAMES_PER_MS
"""... and one that comes later leaves the linear canceller too little of its length for what the room adds."""
GOOD_FRAMES: Final = 20 * INPUT_FRAMES_PER_MS
"""Where the echo is put that came too soon or too late."""
SAME_PACE: Final = 15e-6
"""Clocks that differ by less need nothing: the filters follow that, and what is measured in a room that rings varies by
some parts in a million."""
MOST: Final = 1e-3
"""Clocks that seem to differ by more are a mistake."""

_LOUD: Final = 60.0**2
"""Mean square of a reference that is a voice or a tone, as 16-bit values."""
_BAND_HZ: Final = (300, 5000)
_WHITENING: Final = 0.8
"""Of the spectrum that both have in common, by an exponent: the first way of the echo stands out of the room's."""
_SIZE: Final = 1 << 14
_FINER: Final = 2
_STANDS_OUT: Final = 8.0
"""An echo's place is known where its peak is so many times what is usual (the root of the mean square), ..."""
_ALONE: Final = 1.25
"""... and so many times any peak elsewhere: a tone has many."""
_PEAK_FRAMES: Final = 6
"""What is nearer than this belongs to the same peak."""
_NEAR_FRAMES: Final = 3.0
"""A delay that is further from where it should be is a jump, or a mistake."""
_AGREE: Final = 3
"""So many in a row that agree are no mistake."""
_KEPT: Final = 14
_KEPT_FRAMES: Final = 12 * INPUT_RATE_HZ
"""The pace is told from so many delays, of so long a time at most: a sound server changes it every ten seconds."""
_NEEDED: Final = 6
_NEEDED_FRAMES: Final = 5 * INPUT_RATE_HZ // 4
"""... and from no fewer, over no shorter a time."""
_BACK_FRAMES: Final = 3 * INPUT_RATE_HZ
"""A delay that is not what it was is brought back in about this time: what the cancellers have learned holds then."""
_BACK_MOST: Final = 1e-4
_FORGIVEN_FRAMES: Final = 8.0
"""It is left as it is where it differs by more."""

Sound = npt.NDArray[Any]


class EchoDelay:
    """Follows the echo of one loudspeaker in one microphone. One stream, one thread."""

    def __init__(self) -> None:
        self._played: npt.NDArray[np.float32] = np.zeros(EARLIEST_FRAMES + COMPARED_FRAMES + LATEST_FRAMES, np.float32)
        self._heard: npt.NDArray[np.float32] = np.zeros(EARLIEST_FRAMES + COMPARED_FRAMES, np.float32)
        self._now = 0
        self._since = 0
        self._delays: deque[tuple[int, float]] = deque(maxlen=_KEPT)
        """When each was measured, and what it would be, had the reference been taken frame by frame."""
        self._strays: list[tuple[int, float]] = []
        self._ahead = 0.0
        self._slope = 0.0
        self._wanted: float | None = None
        self.misplaced = 0
        """By how many frames the reference should be taken sooner (or later, where negative) from now on: found out
        with the last block, and 0 again with the next."""
        self.ratio = 1.0
        """How many frames of reference to take for each of the microphone; exactly 1 until the clocks differ."""

    @property
    def is_known(self) -> bool:
        """Whether there is an echo, and the delay is what it was."""
        return len(self._delays) >= _AGREE

    @property
    def room(self) -> int:
        """How many frames later the reference could be taken, and the echo still come after it."""
        return max(0, int(self._delays[-1][1] + self._ahead) - SOONEST_FRAMES) if self.is_known else 0

    def hear(self, reference: Sound, microphone: Sound, ahead: float) -> None:
        """Take a block of the reference as the cancellers get it, and of the microphone: 16-bit values, equally long.

        `ahead` is how many frames of reference have been taken or left out so far, less those of the microphone.
        """
        self._now += len(microphone)
        self._since += len(microphone)
        self.misplaced = 0
        self._ahead = ahead
        self._played = np.concatenate((self._played[len(reference) :], reference.astype(np.float32)))
        self._heard = np.concatenate((self._heard[len(microphone) :], microphone.astype(np.float32)))
        if self._since < EVERY_FRAMES:
            return
        self._since = 0
        delay = self._delay()
        if delay is not None:
            self._take(delay - ahead)
            self._place()
        self._follow()

    def reference_has_moved(self) -> None:
        """Take that the reference is taken elsewhere from the next block on: what was compared so far is of no use."""
        self._played[:] = 0.0

    def begin_anew(self) -> None:
        """Take that reference and microphone are paired anew: the pace is known, the delay is not."""
        self.reference_has_moved()
        self._delays.clear()
        self._strays.clear()
        self._wanted = None
        self.misplaced = 0

    def _delay(self) -> float | None:
        """Return how much later than the reference the echo was lately, in frames; none where that cannot be told."""
        around = self._played[LATEST_FRAMES // 2 : LATEST_FRAMES // 2 + COMPARED_FRAMES]
        if float(around.dot(around)) < _LOUD * len(around):
            return None
        common = np.fft.rfft(self._played, _SIZE) * np.conj(np.fft.rfft(self._heard[:COMPARED_FRAMES], _SIZE))
        hertz = np.fft.rfftfreq(_SIZE, 1 / INPUT_RATE_HZ)
        size = np.abs(common)
        common *= (size + 1e-4 * size.max() + 1e-9) ** -_WHITENING
        common[(hertz < _BAND_HZ[0]) | (hertz > _BAND_HZ[1])] = 0.0
        alike = np.fft.irfft(common, _FINER * _SIZE)[: _FINER * (LATEST_FRAMES + EARLIEST_FRAMES)]
        peak = int(np.argmax(alike))
        if not 0 < peak < len(alike) - 1 or alike[peak] < _STANDS_OUT * alike.std():
            return None
        reach = _FINER * _PEAK_FRAMES
        elsewhere = np.concatenate((alike[: max(0, peak - reach)], alike[peak + reach :]))
        if alike[peak] < _ALONE * float(elsewhere.max()):
            return None
        before, top, after = (float(alike[peak + step]) for step in (-1, 0, 1))
        between = (before - after) / (2 * (before - 2 * top + after))
        return LATEST_FRAMES - (peak + between) / _FINER

    def _take(self, delay: float) -> None:
        if self._delays:
            last_at, last = self._delays[-1]
            expected = last + self._slope * (self._now - last_at)
            if abs(delay - expected) > _NEAR_FRAMES:
                self._go_astray(delay)
                return
        self._strays.clear()
        self._delays.append((self._now, delay))
        while self._delays[0][0] < self._now - _KEPT_FRAMES:
            self._delays.popleft()

    def _go_astray(self, delay: float) -> None:
        """Begin with what differs from all before, where it does so again and again."""
        self._strays = [*self._strays[1 - _AGREE :], (self._now, delay)]
        strays = [delay for _, delay in self._strays]
        if len(strays) == _AGREE and max(strays) - min(strays) < _NEAR_FRAMES:
            self._delays.clear()
            self._delays.extend(self._strays)
            self._strays = []
            self._wanted = None

    def _place(self) -> None:
        if self._strays or not self.is_known:
            return
        delay = self._delays[-1][1] + self._ahead
        if not SOONEST_FRAMES <= delay <= LAST_FRAMES:
            self.misplaced = GOOD_FRAMES - round(delay)
            self._wanted = None

    def _follow(self) -> None:
        if len(self._delays) < _NEEDED or self._delays[-1][0] - self._delays[0][0] < _NEEDED_FRAMES:
            return
        slope = median((d - c) / (u - t) for (t, c), (u, d) in combinations(self._delays, 2))
        if abs(slope) > MOST or (self.ratio == 1.0 and abs(slope) < SAME_PACE):
            return
        self._slope = slope
        level = median(delay - slope * at for at, delay in self._delays)
        now = level + slope * self._now + self._ahead + self.misplaced
        if self._wanted is None or abs(now - self._wanted) > _FORGIVEN_FRAMES:
            self._wanted = now
        back = (now - self._wanted) / _BACK_FRAMES
        self.ratio = 1.0 - slope - max(-_BACK_MOST, min(_BACK_MOST, back))
