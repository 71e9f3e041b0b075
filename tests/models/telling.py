"""A report that remembers what it was told."""

from __future__ import annotations

from dataclasses import dataclass, field

from voicecoach.models.report import Step


@dataclass
class Told:
    notes: list[str] = field(default_factory=list)
    done: dict[Step, tuple[int, int]] = field(default_factory=dict)

    def progress(self, step: Step, done: int, total: int) -> None:
        assert 0 <= done <= total
        self.done[step] = (done, total)

    def note(self, text: str) -> None:
        self.notes.append(text)
