"""What is told about an installation while it goes on."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Step(StrEnum):
    """What takes time, in order. The values are shown to a person."""

    FETCHING = "Fetching"
    VERIFYING = "Verifying"
    UNPACKING = "Unpacking"


class Report(Protocol):
    """Where it is told. Called from the thread that installs."""

    def progress(self, step: Step, done: int, total: int) -> None:
        """Take how many bytes of a step are done. Called often; the last call of a step has `done == total`."""

    def note(self, text: str) -> None:
        """Take one sentence for a person."""
