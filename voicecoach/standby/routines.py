"""The routines that can be asked for by voice: those that come along, and a person's own. The descriptions are pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Startable:
    """A routine that can be asked for."""

    name: str
    """By which it is found again: a shipped name, or the path of a file."""
    title: str
    """How the coach calls it."""
    spoken: tuple[str, ...]
    """What it can be asked for by; the first is the one that is taught."""
    is_sound: bool = True
    """Whether it can be led. One that cannot is known all the same, so that the person is told."""
