"""When something was, for telling how long ago it is: the wall's clock may be wrong, and a boot's own ends with it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
CLOCK_WAS_SET_S: Final = 1_735_689_600
"""The beginning of 2025, in seconds since 1970: a clock that shows less was never set. Small computers have none that
goes on without power."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment by every clock there is."""

    wall_s: int
    """Seconds since 1970, as the system believes."""
    boot: str
    """Which boot of the machine it was in; empty where that cannot be known."""
    uptime_ms: int
    """Milliseconds since that boot. No step of the system's clock changes it."""


def moment_now() -> Moment:
    """Return this moment."""
    try:
        boot = _BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        boot = ""
    return Moment(int(time.time()), boot, time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000)


def seconds_between(earlier: Moment, later: Moment) -> int | None:
    """Return how long one moment was before another; none where the clocks cannot tell."""
    if earlier.boot and earlier.boot == later.boot:
        return max(0, later.uptime_ms - earlier.uptime_ms) // 1000
    if earlier.wall_s < CLOCK_WAS_SET_S or later.wall_s < earlier.wall_s:
        return None
    return later.wall_s - earlier.wall_s
