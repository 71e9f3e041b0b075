"""What one check found, in words for a person who reads, for one who only listens, and for a script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from voicecoach.errors import EXIT_DOCUMENT, EXIT_DONE, EXIT_NO_DEVICE, EXIT_NO_MODEL, EXIT_NO_VOICE

Fact = str | int | float | bool | None | list[str] | list[float]


class Standing(StrEnum):
    """How things are."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    SKIPPED = "skipped"
    """It could not be looked at, or there is nothing to look at here."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    check: str
    """The check's name, one word or two."""
    standing: Standing
    code: str
    """What was found, as a word that does not change: for scripts, and for other languages."""
    found: str
    """What was found, with the numbers."""
    advice: str = ""
    """What to do about it. Empty where there is nothing to do."""
    spoken: str = ""
    """The same as a sentence or two for somebody without a screen: plain words, no names of files or commands.

    At most 300 characters, so that it can be spoken; empty where it is not worth a sentence."""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    """The numbers it was judged by."""
    exit_code: int = EXIT_DONE
    """What `voicecoach run` ends with because of this; 0 where it would run."""


SEVEREST_FIRST: Final = (EXIT_NO_DEVICE, EXIT_NO_MODEL, EXIT_NO_VOICE, EXIT_DOCUMENT)
"""Of several reasons why no session could run, the exit code is that of the first in this order."""


def exit_code(findings: Iterable[Finding]) -> int:
    """Return 0 where a session could run, else the code of the worst reason why not."""
    codes = {finding.exit_code for finding in findings}
    return next((code for code in SEVEREST_FIRST if code in codes), EXIT_DONE)


def skipped(check: str, why: str, **facts: Fact) -> Finding:
    """Return that a check could not be made."""
    return Finding(check, Standing.SKIPPED, "skipped", f"skipped: {why}", facts=facts)


def decibels(value: float) -> str:
    """Write decibels for people."""
    return f"{value:.0f} dB"
