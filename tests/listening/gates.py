from __future__ import annotations

from collections.abc import Sequence

from voicecoach.listening.detector import SPEECH
from voicecoach.listening.recognizer import Pcm


class AskedGate:
    """Never opens, and keeps how much it was asked for."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    def opens(self, frames: Sequence[Pcm], *, voiced: bool, least: float = SPEECH) -> bool:
        del frames, voiced
        self.asked.append(least)
        return False

    def rest(self) -> None:
        pass
