"""Taking the coach's own sound out of what the microphone hears: WebRTC's echo canceller (AEC3).

Measured at 16 kHz: 30 to 40 dB of echo taken away 2 s into the first speech, delays up to 400 ms found by itself. It
costs more than all other handling of sound together, so it rests while the loudspeaker has long been silent. Resting is
not audible: the canceller delays the microphone by 128 frames and takes away what is below 100 Hz or so; a resting one
does just these two.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import pywebrtc_audio

from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ

DELAY_FRAMES: Final = 128
"""How much later sound comes out than it went in, at 16 kHz: 8 ms."""
BLOCK_FRAMES: Final = 10 * INPUT_FRAMES_PER_MS
"""Sound is taken in multiples of this."""
TAIL_MS: Final = 1000
"""After the loudspeaker has been digitally silent for so long, no echo of it is left: the delay of a device (at most
400 ms) and the room."""

_WARM_UP: Final = 100 * INPUT_FRAMES_PER_MS
"""The sound that a filter that rested must hear again, unheard, before it goes on as if it had never rested."""

Sound = TypeVar("Sound", npt.NDArray[np.int16], npt.NDArray[np.float32])


class EchoCanceller:
    """Removes the echo of a reference from a microphone, mono at 16 kHz. One stream, one thread; one kind of samples.

    Set `rests` to false to have it work all the time.
    """

    def __init__(self, *, rests: bool = True) -> None:
        self._rests = rests
        self._canceller = pywebrtc_audio.EchoCanceller(INPUT_RATE_HZ, 1)
        self._high_pass = pywebrtc_audio.AudioProcessor(INPUT_RATE_HZ, 1, high_pass_filter=True)
        # A fresh canceller has heard nothing that could echo.
        self._silent_frames = TAIL_MS * INPUT_FRAMES_PER_MS
        self._resting = False
        self._recent: npt.NDArray[Any] | None = None
        self._late: npt.NDArray[Any] | None = None

    @property
    def resting(self) -> bool:
        """Whether the last block was only delayed and high-passed, because nothing had been played for a second."""
        return self._resting

    def process(self, microphone: Sound, reference: Sound) -> Sound:
        """Return the microphone's sound without the echo of the reference, `DELAY_FRAMES` late.

        Both are int16, or both float32 within -1.0 to 1.0; of the same length, a multiple of 160 frames; the reference
        is what the loudspeaker was given at that time or, better, a little earlier.

        Raises `ValueError` for other lengths.
        """
        if len(microphone) != len(reference) or len(microphone) % BLOCK_FRAMES:
            raise ValueError(
                f"{len(microphone)} frames of microphone and {len(reference)} of reference:"
                f" give equally many, a multiple of {BLOCK_FRAMES}"
            )
        self._silent_frames = 0 if reference.any() else self._silent_frames + len(reference)
        tail = TAIL_MS * INPUT_FRAMES_PER_MS
        rest = self._rests and self._silent_frames > tail
        if rest and not self._resting:
            self._fall_asleep(microphone)
        elif self._resting and not rest:
            self._wake_up(microphone)
        self._resting = rest
        cleaned = self._delayed(microphone) if rest else self._canceller.process(microphone, reference)
        self._remember(microphone)
        return cleaned

    def _fall_asleep(self, like: Sound) -> None:
        self._late = np.zeros(DELAY_FRAMES, dtype=like.dtype)
        if self._recent is not None:
            self._late = self._high_pass.process(self._recent)[-DELAY_FRAMES:]

    def _wake_up(self, like: Sound) -> None:
        if self._recent is not None:
            self._canceller.process(self._recent, np.zeros(len(self._recent), dtype=like.dtype))

    def _delayed(self, microphone: Sound) -> Sound:
        assert self._late is not None
        sound = np.concatenate((self._late, self._high_pass.process(microphone)))
        self._late = sound[len(microphone) :]
        return sound[: len(microphone)]

    def _remember(self, microphone: Sound) -> None:
        """Keep the last of the microphone's sound for whichever filter is woken next."""
        if len(microphone) >= _WARM_UP:
            self._recent = microphone[-_WARM_UP:].copy()
        elif self._recent is None:
            self._recent = microphone.copy()
        else:
            self._recent = np.concatenate((self._recent, microphone))[-_WARM_UP:]
