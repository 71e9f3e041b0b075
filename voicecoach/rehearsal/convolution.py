"""Convolution with a room's impulse response: block by block as sound happens, or a whole recording in one go."""

from __future__ import annotations

import numpy as np

from voicecoach.audio.clip import Samples

_OFFLINE_FFT = 65_536
"""For whole recordings: longer transforms gain little for responses of up to 1.5 s at 16 kHz, and cost memory."""


class StreamingConvolver:
    """Uniformly partitioned overlap-save convolution: what comes out for a block is complete, with no added delay.

    One stream, one thread. The response is cut into partitions of one block each, whose spectra are multiplied with
    those of the blocks heard so far. Leading silence in the response (a delay) costs nothing but memory, and a block
    costs next to nothing once input and tail have both been silent.
    """

    def __init__(self, response: Samples, block_frames: int) -> None:
        """Take an impulse response of at least one frame, shape (frames,), and the size that all blocks will have."""
        if not response.size or block_frames < 1:
            raise ValueError("a convolution needs a response and blocks of at least one frame")
        count = -(-len(response) // block_frames)
        padded = np.zeros(count * block_frames, dtype=np.float32)
        padded[: len(response)] = response
        partitions = padded.reshape(count, block_frames)
        sounding = np.flatnonzero(partitions.any(axis=1))
        first = int(sounding[0]) if sounding.size else 0
        self._block = block_frames
        self._count = count
        self._responses = np.fft.rfft(partitions[first:], 2 * block_frames).astype(np.complex64)
        self._first = first
        # Each spectrum is kept twice, `count` rows apart, so that the last `count` of them always lie in one piece.
        self._spectra = np.zeros((2 * count, block_frames + 1), dtype=np.complex64)
        self._products = np.empty_like(self._responses)
        self._newest = 0
        self._window = np.zeros(2 * block_frames, dtype=np.float32)
        self._silent_blocks = count + 1
        self._silence = np.zeros(block_frames, dtype=np.float32)
        self._silence.flags.writeable = False

    @property
    def silent(self) -> bool:
        """Whether the last block that came out was exactly silent because nothing was left to sound."""
        return self._silent_blocks > self._count

    def process(self, block: Samples) -> Samples:
        """Return the next block of the convolved sound, float32; not to be written to.

        Raises `ValueError` for a block of another size.
        """
        if block.shape != (self._block,):
            raise ValueError(f"a block of shape {block.shape}; all blocks must be of shape ({self._block},)")
        self._silent_blocks = 0 if block.any() else self._silent_blocks + 1
        if self.silent:
            # All that is remembered has faded into zeros by now.
            return self._silence
        return self._convolved(block)

    def _convolved(self, block: Samples) -> Samples:
        size, count = self._block, self._count
        self._window[:size] = self._window[size:]
        self._window[size:] = block
        self._newest = (self._newest - 1) % count
        # The window also holds the block before, so it is silent only from the second silent block on.
        spectrum = np.fft.rfft(self._window) if self._silent_blocks < 2 else 0.0
        self._spectra[self._newest] = spectrum
        self._spectra[self._newest + count] = spectrum
        heard = self._spectra[self._newest + self._first : self._newest + count]
        np.multiply(heard, self._responses, out=self._products)
        return np.fft.irfft(self._products.sum(axis=0), 2 * size)[size:].astype(np.float32, copy=False)


def convolved(samples: Samples, response: Samples) -> Samples:
    """Return the whole convolution, `len(samples) + len(response) - 1` frames; nothing for an empty recording."""
    if not samples.size:
        return np.zeros(0, dtype=np.float32)
    size = max(_OFFLINE_FFT, 1 << (2 * len(response)).bit_length())
    hop = size - len(response) + 1
    spectrum = np.fft.rfft(response, size)
    whole = np.zeros(len(samples) + len(response) - 1, dtype=np.float32)
    for start in range(0, len(samples), hop):
        piece = np.fft.irfft(np.fft.rfft(samples[start : start + hop], size) * spectrum, size)
        end = min(start + size, len(whole))
        whole[start:end] += piece[: end - start]
    return whole
