"""Taking the coach's own sound out of what the microphone hears: WebRTC's echo canceller (AEC3).

Measured at 16 kHz: 30 to 40 dB of echo taken away 2 s into the first speech, delays up to 400 ms found by itself. It
costs more than all other handling of sound together, so it rests while the loudspeaker has long been silent. Resting is
not audible: the canceller delays the microphone by 128 frames and takes away what is below 100 Hz or so; a resting one
does just these two.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ

DELAY_FRAMES: Final = 128
"""How much later sound comes out than it went in, at 16 kHz: 8 ms."""
BLOCK_FRAMES: Final = 10 * INPUT_FRAMES_PER_MS
"""Sound is taken in multiples of this."""
DEAF_TAIL_MS: Final = 400
"""Without a canceller, so long after the loudspeaker fell silent its sound may still arrive at the microphone."""
TAIL_MS: Final = 1000
"""After the loudspeaker has been digitally silent for so long, no echo of it is left: the delay of a device (at most
400 ms) and the room."""

_WARM_UP: Final = 100 * INPUT_FRAMES_PER_MS
"""The sound that a filter that rested must hear again, unheard, before it goes on as if it had never rested."""

Sound = TypeVar("Sound", npt.NDArray[np.int16], npt.NDArray[np.float32])


NOT_INSTALLED: Final = (
    "There is no echo canceller for this machine (the package pywebrtc-audio): while the coach sounds, it hears only"
    " urgent words, and may miss these."
)
"""What people are told where `is_installed` says no."""


def is_installed() -> bool:
    """Tell whether echoes can be cancelled on this machine: for a 32-bit one there is no such package."""
    # Not imported: whoever asks is not the process that needs it.
    return find_spec("pywebrtc_audio") is not None


class EchoCanceller:
    """Removes the echo of a reference from a microphone, mono at 16 kHz. One stream, one thread; one kind of samples.

    Set `rests` to false to have it work all the time. Where it is not installed, what is heard while the loudspeaker
    sounds is silenced: a coach that hears itself obeys itself.
    """

    def __init__(self, *, rests: bool = True) -> None:
        self._rests = rests
        library = _library()
        self._canceller = library.EchoCanceller(INPUT_RATE_HZ, 1) if library is not None else None
        self._high_pass = (
            library.AudioProcessor(INPUT_RATE_HZ, 1, high_pass_filter=True) if library is not None else _Unfiltered()
        )
        # Nothing has been heard yet that could echo.
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
        rest = self._canceller is None or (self._rests and self._silent_frames > tail)
        if rest and not self._resting:
            self._fall_asleep(microphone)
        elif self._resting and not rest:
            self._wake_up(microphone)
        self._resting = rest
        cleaned: Sound
        if rest or self._canceller is None:
            is_deaf = self._canceller is None and self._silent_frames <= DEAF_TAIL_MS * INPUT_FRAMES_PER_MS
            cleaned = self._delayed(np.zeros_like(microphone) if is_deaf else microphone)
        else:
            cleaned = self._canceller.process(microphone, reference)
        self._remember(microphone)
        return cleaned

    def _fall_asleep(self, like: Sound) -> None:
        self._late = np.zeros(DELAY_FRAMES, dtype=like.dtype)
        if self._recent is not None:
            self._late = self._high_pass.process(self._recent)[-DELAY_FRAMES:]

    def _wake_up(self, like: Sound) -> None:
        if self._recent is not None and self._canceller is not None:
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


class _Unfiltered:
    """Stands in for the high-pass filter, and leaves sound as it is."""

    def process(self, sound: Sound) -> Sound:
        """Return the sound."""
        return sound


@cache
def _library() -> Any:
    try:
        import pywebrtc_audio
    except ImportError:
        return None
    return pywebrtc_audio
