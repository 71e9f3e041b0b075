"""Whether this machine keeps up in sessions: what they found out, which holds until somebody says otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from voicecoach.doctor.finding import Fact, Finding, Standing
from voicecoach.live.known_machine import known_efforts, machine_file
from voicecoach.live.overload import STEPS, Effort, found_wanting

CHECK: Final = "pace"


@dataclass(frozen=True, slots=True)
class PaceFacts:
    """What sessions have found out."""

    path: str
    efforts: dict[str, Effort] = field(default_factory=dict)
    """What is asked of the machine by each loudspeaker by which it did not keep up; "" is the usual one."""


def probe() -> PaceFacts:
    """Read what is kept of them."""
    path = machine_file()
    return PaceFacts(str(path), known_efforts(path))


def judge(facts: PaceFacts) -> Finding:
    """Say by which loudspeakers sessions do with less than usual, and what is left out."""
    numbers: dict[str, Fact] = {
        f"{name or 'usual'} {what}": value
        for name, effort in facts.efforts.items()
        for what, value in (("buffer_ms", effort.buffer_ms), ("thrift", effort.thrift))
    }
    if not facts.efforts:
        found = f"No session has been too much for this machine; {STEPS[0].buffer_ms} ms of sound are kept ready."
        return Finding(CHECK, Standing.OK, "keeps_up", found)
    found = " ".join(
        f"Sessions by {named(name)} were too much for this machine: {found_wanting(effort)}"
        for name, effort in facts.efforts.items()
    )
    return Finding(
        CHECK,
        Standing.WARNING,
        "slow",
        found,
        f"Tones and sentences are in time so. See with `top` what else is running; to try again, delete {facts.path}.",
        "I have more to do than this machine can, so I answer a little later.",
        numbers,
    )


def named(loudspeaker: str) -> str:
    """Return how a loudspeaker is called in a sentence."""
    return f"'{loudspeaker}'" if loudspeaker else "the usual loudspeaker"
