"""Integer time inside, floats of seconds only at the edge, and one rounding function for all of it.

Session time is an integer count of milliseconds that never goes backwards. One millisecond is exactly 48 frames at the
loudspeaker and 16 frames at the microphone, so nothing is ever rounded between the session and the sound.
"""

from __future__ import annotations

import math

OUTPUT_RATE_HZ = 48_000
INPUT_RATE_HZ = 16_000
OUTPUT_FRAMES_PER_MS = OUTPUT_RATE_HZ // 1000
INPUT_FRAMES_PER_MS = INPUT_RATE_HZ // 1000


def ms_from_seconds(seconds: float) -> int:
    """Round seconds to whole milliseconds, halves up. The only rounding of time in the program."""
    return math.floor(seconds * 1000 + 0.5)


def ms_from_frames(frames: int, rate_hz: int) -> int:
    """Return the whole milliseconds that `frames` frames fill, rounded up: a sound that long fits in them."""
    return -(-frames * 1000 // rate_hz)


def clock(ms: int) -> str:
    """Write session time for people: `M:SS`, or `H:MM:SS` from an hour on. Fractions are cut off."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
