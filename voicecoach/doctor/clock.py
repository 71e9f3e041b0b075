"""The machine's clock. Sessions do not need it, but history and reminders do."""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from voicecoach.doctor.finding import Fact, Finding, Standing

CHECK: Final = "clock"
EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""This program is younger than that."""
_TIMEX_BYTES: Final = 256
"""Room for the kernel's `struct timex`, which has 208 bytes on 64-bit machines and fewer on others."""
_TIME_ERROR: Final = 5
"""What `adjtimex` returns where nothing keeps the clock right."""


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """What the machine believes."""

    now_s: float
    """Seconds since 1970."""
    synchronised: bool | None
    """Whether the kernel knows of somebody who keeps it right; None where it does not say."""
    has_own_clock: bool
    """Whether there is a clock that runs on while the machine is off."""


def probe() -> ClockFacts:
    """Ask the kernel."""
    return ClockFacts(time.time(), _synchronised(), any(Path("/dev").glob("rtc*")))


def judge(facts: ClockFacts) -> Finding:
    """Say whether the time can be right."""
    shown = datetime.fromtimestamp(min(max(facts.now_s, 0.0), 253e9), UTC)
    numbers: dict[str, Fact] = {
        "now_s": int(facts.now_s),
        "synchronised": facts.synchronised,
        "has_own_clock": facts.has_own_clock,
    }
    if shown < EARLIEST:
        return Finding(
            CHECK,
            Standing.WARNING,
            "not_set",
            f"It says {shown:%Y-%m-%d %H:%M} UTC, which is long over.",
            "Holds and tones stay exact, but history gets wrong dates: connect to the network once after the start, "
            "run `sudo timedatectl set-ntp true`, or add a battery-backed clock.",
            "I do not know what day it is. The exercises are not affected, but my diary is.",
            numbers,
        )
    found = f"It says {shown:%Y-%m-%d %H:%M} UTC"
    if facts.synchronised is False:
        kept = "a clock of its own keeps it meanwhile" if facts.has_own_clock else "it stands still while it is off"
        return Finding(
            CHECK,
            Standing.OK if facts.has_own_clock else Standing.WARNING,
            "not_synchronised",
            f"{found}; nothing on the network keeps it right, and {kept}.",
            ""
            if facts.has_own_clock
            else "Holds and tones stay exact, but history may get wrong dates: `sudo timedatectl set-ntp true`, with "
            "a network now and then.",
            "" if facts.has_own_clock else "My clock may be wrong. The exercises are not affected, but my diary is.",
            numbers,
        )
    sure = ", kept right from the network" if facts.synchronised else ""
    return Finding(CHECK, Standing.OK, "right", f"{found}{sure}.", facts=numbers)


def _synchronised() -> bool | None:
    if Path("/run/systemd/timesync/synchronized").exists():
        return True
    try:
        library = ctypes.CDLL(None, use_errno=True)
        # All zero asks without changing anything.
        state = library.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR
