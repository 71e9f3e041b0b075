"""Taking the coach's own sound out by a linear filter alone, which makes nothing weaker: Speex's canceller.

WebRTC's takes 20 dB more of the echo away, and with it the first tenths of a second of a person who begins to speak:
what its filter leaves and what a person says look alike to it. A filter alone leaves the person as they are. It only
works where loudspeaker and microphone have the same clock, nearly, and the echo comes within its length.
"""

from __future__ import annotations

import ctypes
import weakref
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from voicecoach.units import INPUT_FRAMES_PER_MS, INPUT_RATE_HZ

BLOCK_FRAMES: Final = 10 * INPUT_FRAMES_PER_MS
"""Sound is taken in multiples of this. With blocks twice as long it takes 8 to 15 dB less of the echo away."""
LENGTH_FRAMES: Final = 200 * INPUT_FRAMES_PER_MS
"""The echo may come so much later. With 128 ms it takes 22 to 24 dB of the bench's echoes away, with 200 ms 25 to
32."""

_CUTS_AT: Final = 0.9
"""Speex takes away what is below the voice, by a filter with its poles at this radius. It is meant for half of this
rate, and the package cannot tell Speex another: at 100 Hz it takes 22 dB away, at 200 Hz 10, at 300 Hz 5."""
_REMEMBERED_FRAMES: Final = 160
"""In so many frames what that filter remembers fades by 100 dB."""

Pcm = npt.NDArray[np.int16]
_SAMPLES: Final = ctypes.POINTER(ctypes.c_int16)


class LinearCanceller:
    """Removes the echo of a reference from a microphone, both 16-bit mono at 16 kHz. One stream, one thread."""

    def __init__(self) -> None:
        """Begin with nothing learned. Raises `ImportError` where `pyaec` is not installed."""
        self._library = _library()
        self._canceller = self._library.AecNew(BLOCK_FRAMES, LENGTH_FRAMES, INPUT_RATE_HZ, False)
        weakref.finalize(self, self._library.AecDestroy, self._canceller)

    def process(self, microphone: Pcm, reference: Pcm) -> Pcm:
        """Return the microphone's sound without the echo of the reference and without its bass, with no delay.

        Both are equally long, a multiple of 160 frames. `Bass` gives back the bass of a sound that has less echo there.
        """
        heard, played = (np.ascontiguousarray(sound, np.int16) for sound in (microphone, reference))
        left = np.empty_like(heard)
        # The package's own way makes a Python number of each sample, which takes longer than the filter.
        for block in (slice(at, at + BLOCK_FRAMES) for at in range(0, len(heard), BLOCK_FRAMES)):
            sounds = (sound[block].ctypes.data_as(_SAMPLES) for sound in (heard, played, left))
            self._library.AecCancelEcho(self._canceller, *sounds, BLOCK_FRAMES)
        return left


class Bass:
    """What a linear canceller takes away below the voice, of another sound: the two together are whole."""

    def __init__(self) -> None:
        self._before = np.zeros(_REMEMBERED_FRAMES - 1)

    def of(self, sound: Pcm) -> npt.NDArray[np.float64]:
        """Return the bass of the next sound, as far as the canceller would not let it pass."""
        together = np.concatenate((self._before, sound.astype(np.float64)))
        self._before = together[len(sound) :]
        return np.convolve(together, _bass(), mode="valid")


@cache
def _library() -> Any:
    try:
        import pyaec
    except AttributeError:
        # What it does where its library cannot be loaded.
        raise ImportError("pyaec has no library for this machine") from None
    return pyaec.lib


@cache
def _bass() -> npt.NDArray[np.float64]:
    """Return the impulse response of all that Speex's high-pass filter takes away."""
    passes = np.zeros(_REMEMBERED_FRAMES)
    passes[:3] = _CUTS_AT, -2 * _CUTS_AT, _CUTS_AT
    inertia = _CUTS_AT**2 + 0.7 * (1 - _CUTS_AT) ** 2
    for frame in range(1, _REMEMBERED_FRAMES):
        passes[frame] += 2 * _CUTS_AT * passes[frame - 1]
        passes[frame] -= inertia * passes[frame - 2] if frame > 1 else 0.0
    takes = -passes
    takes[0] += 1.0
    return takes
