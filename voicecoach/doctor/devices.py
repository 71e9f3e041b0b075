"""Whether the loudspeaker and the microphone are there under the names that are set, and can be opened."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from voicecoach.doctor.finding import Fact, Finding, Standing
from voicecoach.doctor.sound import StreamFacts
from voicecoach.errors import EXIT_DONE, EXIT_NO_DEVICE
from voicecoach.live.devices import Direction

CHECKS: Final[Mapping[Direction, str]] = {Direction.OUTPUT: "loudspeaker", Direction.INPUT: "microphone"}
_OWNER: Final = re.compile(r"^owner_pid\s*:\s*(\d+)", re.MULTILINE)


def judge(facts: StreamFacts, direction: Direction, *, is_named: bool, holders: tuple[str, ...] = ()) -> Finding:
    """Say whether a device works. `holders` are the programs that have a sound card open.

    A session runs without a microphone, unless one is named that is not there; but nobody is heard.
    """
    check = CHECKS[direction]
    is_output = direction is Direction.OUTPUT
    numbers: dict[str, Fact] = {
        "name": facts.name or None,
        "native_hz": facts.native_hz,
        "opened_hz": facts.opened_hz,
        "channels": facts.channels,
    }
    what = "my loudspeaker" if is_output else "my microphone, so I cannot hear you"
    without = "" if is_output else " The coach goes through the exercises by itself then."
    if facts.trouble is not None and not facts.native_hz:
        # What follows is advice, and better given below; but not the names that there are.
        found = facts.trouble if is_named else f"{facts.trouble.partition(':')[0].rstrip('.')}."
        return Finding(
            check,
            Standing.FAILURE,
            "absent",
            found,
            f"Look with `voicecoach devices`, and name one of those with --{check} or in the settings.{without}"
            if is_named
            else f"Connect one, and look with `voicecoach devices`.{without}",
            f"I cannot find {what}. Please connect one.",
            numbers,
            EXIT_NO_DEVICE if is_output or is_named else EXIT_DONE,
        )
    if facts.trouble is not None:
        found, _, advice = facts.trouble.partition("; ")
        held = f" {', '.join(holders)} has a sound card open." if holders else ""
        return Finding(
            check,
            Standing.FAILURE,
            "closed",
            f"{found}.{held}",
            f"{advice[:1].upper()}{advice[1:]}{without}",
            f"I cannot open {what}. Please unplug it and plug it in again.",
            numbers,
            EXIT_NO_DEVICE if is_output else EXIT_DONE,
        )
    if not facts.callbacks:
        return Finding(
            check,
            Standing.FAILURE,
            "stands_still",
            f"'{facts.name}' opens, but {'takes' if is_output else 'gives'} no sound.",
            f"Restart the sound server, or unplug the device and plug it in again.{without}",
            f"My {check} does nothing. Please unplug it and plug it in again.",
            numbers,
            EXIT_NO_DEVICE if is_output else EXIT_DONE,
        )
    if facts.silenced:
        found, _, advice = facts.silenced.rpartition(": ")
        return Finding(
            check,
            Standing.FAILURE,
            "silenced",
            f"{found}.",
            f"{advice[:1].upper()}{advice[1:]}{without}",
            f"I find {what}, but it is muted, or turned down to nothing. Please turn it up.",
            numbers,
        )
    rate = f"{facts.opened_hz} Hz"
    if facts.native_hz != facts.opened_hz:
        rate += f" (natively {facts.native_hz} Hz)"
    return Finding(check, Standing.OK, "works", f"'{facts.name}' works at {rate}.", facts=numbers)


def stuck(check: str, why: str) -> Finding:
    """Return that opening the devices killed or stopped the process that did it."""
    return Finding(
        check,
        Standing.FAILURE,
        "hangs",
        f"The process that opens the devices {why}.",
        "Restart the sound server, or unplug sound devices one by one until this passes.",
        "The sound system does not answer. Please restart me.",
        exit_code=EXIT_NO_DEVICE,
    )


def holders() -> tuple[str, ...]:
    """Return which programs have a sound card of ALSA open, by their names and process ids."""
    found = set()
    for status in Path("/proc/asound").glob("card*/pcm*/sub*/status"):
        with suppress(OSError):
            for owner in _OWNER.findall(status.read_text()):
                name = Path("/proc", owner, "comm").read_text().strip()
                found.add(f"{name} ({owner})")
    return tuple(sorted(found))
