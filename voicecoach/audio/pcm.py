"""Sound as 16-bit samples, as microphones give it and recognizers take it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from voicecoach.audio.clip import Samples


def int16_from_float(samples: Samples) -> npt.NDArray[np.int16]:
    """Return 16-bit sound. What is outside of -1.0 to 1.0 is clipped."""
    if not samples.any():
        return np.zeros(len(samples), dtype=np.int16)
    scaled: Samples = samples * np.float32(32767.0)
    np.rint(scaled, out=scaled)
    np.clip(scaled, -32767, 32767, out=scaled)
    return scaled.astype(np.int16)
