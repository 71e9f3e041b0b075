"""The one error tree. Each class has one documented exit code.

A message is one line that says what happened, why, and what to do next; it is shown to a person as it stands.
Anything that is not a `VoicecoachError` is our own bug and ends with `EXIT_BUG`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

EXIT_DONE = 0
EXIT_USAGE = 2
EXIT_DOCUMENT = 3
EXIT_NO_DEVICE = 4
EXIT_NO_MODEL = 5
EXIT_NO_VOICE = 6
EXIT_BUG = 70
EXIT_INTERRUPTED = 130
"""Ended by Ctrl-C: what shells expect of a command that a person interrupted (128 + SIGINT)."""


_CONTROLS: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What steers a terminal, turns the direction of writing, or is no character; not newline and tab."""


def plain(text: str) -> str:
    """Return a text, from wherever, as it may be printed: with its control characters replaced."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def escaped(text: str) -> str:
    """Return JSON as it may be printed: with the control characters in its strings escaped."""
    return _CONTROLS.sub(lambda found: json.dumps(found[0])[1:-1], text)


class VoicecoachError(Exception):
    """Base of everything that can go wrong for a reason outside the program."""

    exit_code: ClassVar[int] = EXIT_BUG

    def __str__(self) -> str:
        """Return the message, in one line whatever was put into it."""
        return plain(" ".join(super().__str__().splitlines()))


class UsageError(VoicecoachError):
    """The command line asks for something that cannot be done: a wrong option, name, time, file or path."""

    exit_code = EXIT_USAGE


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in an authored file, at a place that an editor can jump to. Lines and columns count from 1."""

    line: int
    column: int
    what: str
    """What is wrong, why, and what to write instead, in one line."""


class DocumentError(VoicecoachError):
    """An authored file (routine, settings, language pack) is not usable. All its faults are carried at once.

    `str()` gives one line a fault: `file:line:column: what`.
    """

    exit_code = EXIT_DOCUMENT

    def __init__(self, source: str, faults: Sequence[Fault]) -> None:
        self.source = source
        self.faults = tuple(faults)
        super().__init__(source, self.faults)

    def __str__(self) -> str:
        """Return a line for each fault."""
        lines = (f"{self.source}:{f.line}:{f.column}: {f.what}" for f in self.faults)
        return "\n".join(plain(" ".join(line.splitlines())) for line in lines)


class DeviceError(VoicecoachError):
    """There is no usable loudspeaker or microphone."""

    exit_code = EXIT_NO_DEVICE


class ModelError(VoicecoachError):
    """There is no usable speech model, or the one named is damaged."""

    exit_code = EXIT_NO_MODEL


class VoiceError(VoicecoachError):
    """The coach has no voice: no synthesizer works here."""

    exit_code = EXIT_NO_VOICE
