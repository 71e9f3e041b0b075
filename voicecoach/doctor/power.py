"""What a Raspberry Pi says about its power and heat. A weak supply makes USB sound fail first."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicecoach.doctor.finding import Fact, Finding, Standing, skipped

CHECK: Final = "power"
_LIMIT_S: Final = 3.0
_FIRMWARE: Final = Path("/sys/devices/platform/soc/soc:firmware/get_throttled")
_SENSORS: Final = Path("/sys/class/hwmon")
_LATER: Final = 16
"""The same things have two bits each: this many places higher it is what has been since the start."""
_UNDER_VOLTAGE, _SLOWED, _THROTTLED, _HOT = 1 << 0, 1 << 1, 1 << 2, 1 << 3


@dataclass(frozen=True, slots=True)
class PowerFacts:
    """What there is to read."""

    flags: tuple[int, ...]
    """The bits of `get_throttled`, from every source that has them: they do not always agree."""
    low_voltage_alarm: bool | None
    """What the kernel's own sensor says; None where there is none."""


def probe() -> PowerFacts:
    """Ask the firmware, by its tool and by the kernel, and the kernel's sensor."""
    flags = [parse_throttled(text) for text in (_vcgencmd(), _text(_FIRMWARE))]
    return PowerFacts(tuple(one for one in flags if one is not None), _alarm())


def parse_throttled(text: str) -> int | None:
    """Return the bits of `throttled=0x50005` or `50005`; None for anything else."""
    found = re.fullmatch(r"(?:throttled=)?(?:0x)?([0-9a-fA-F]{1,8})", text.strip())
    return int(found[1], 16) if found else None


def judge(facts: PowerFacts) -> Finding:
    """Say whether the supply holds. Where two sources differ, the worse is believed."""
    if not facts.flags and facts.low_voltage_alarm is None:
        return skipped(CHECK, "this machine does not tell; a Raspberry Pi does")
    bits = 0
    for flags in facts.flags:
        bits |= flags
    if facts.low_voltage_alarm:
        bits |= _UNDER_VOLTAGE
    numbers: dict[str, Fact] = {"throttled": f"0x{bits:x}"}
    if bits & (_UNDER_VOLTAGE | _UNDER_VOLTAGE << _LATER):
        now = bool(bits & _UNDER_VOLTAGE)
        return Finding(
            CHECK,
            Standing.WARNING,
            "under_voltage" if now else "under_voltage_before",
            f"The voltage {'is too low now' if now else 'has been too low since the start'} (throttled 0x{bits:x}).",
            "USB sound devices drop out and SD cards get damaged by this: use the official supply and a short, thick "
            "cable, and give hungry USB devices a hub with a supply of its own.",
            "My power supply is too weak. Please use a better one, or a shorter cable.",
            numbers,
        )
    hot = _SLOWED | _THROTTLED | _HOT
    if bits & (hot | hot << _LATER):
        now = bool(bits & hot)
        return Finding(
            CHECK,
            Standing.WARNING,
            "hot" if now else "hot_before",
            f"The processor {'is' if now else 'has been'} slowed down by heat (throttled 0x{bits:x}).",
            "Give it air, or a heat sink; hearing is the first thing to be late.",
            "I am too hot. Please give me some air.",
            numbers,
        )
    return Finding(CHECK, Standing.OK, "steady", f"Steady since the start (throttled 0x{bits:x}).", facts=numbers)


def _vcgencmd() -> str:
    command: Sequence[str] = ("vcgencmd", "get_throttled")
    if shutil.which(command[0]) is None:
        return ""
    with suppress(OSError, subprocess.TimeoutExpired):
        asked = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
        return asked.stdout
    return ""


def _alarm() -> bool | None:
    for folder in sorted(_SENSORS.glob("hwmon*")):
        if _text(folder / "name").strip() == "rpi_volt":
            return _text(folder / "in0_lcrit_alarm").strip() == "1"
    return None


def _text(file: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return file.read_text(encoding="ascii")
    return ""
