"""What every synthesizer does."""

from __future__ import annotations

from typing import Protocol

from voicecoach.audio.clip import Clip


class Synthesizer(Protocol):
    """Renders sentences to sound. Never plays them."""

    def render(self, text: str) -> Clip:
        """Return the sound of `text`: plain words, 1 to 300 characters, no control characters, never markup.

        Raises `ValueError` for a text outside of that and `VoiceError` where there is no voice, or none that answers in
        time.
        """
        ...
