"""Which 20 ms of sound are voice: WebRTC's detector, behind a protocol so that others can be compared with it."""

from __future__ import annotations

from typing import Protocol

import webrtcvad

from voicecoach.listening.recognizer import Pcm
from voicecoach.units import INPUT_RATE_HZ

AGGRESSIVENESS = 2
"""Of WebRTC's detector, 0 to 3. From 1 to 3 each recorded command is one utterance in quiet; 3 cuts ends sooner."""


class VoiceDetector(Protocol):
    """Tells voice from other sound, frame by frame. Hears one stream; used by one thread."""

    def is_voice(self, frame: Pcm) -> bool:
        """Tell whether the next 20 ms (320 samples) are voice. Frames that are nearly silent may be left out."""
        ...


class WebRtcDetector:
    """WebRTC's voice detector: under 0.1 % of a core, and no model."""

    def __init__(self) -> None:
        self._detector = webrtcvad.Vad(AGGRESSIVENESS)

    def is_voice(self, frame: Pcm) -> bool:
        """Tell whether the next 20 ms are voice."""
        return bool(self._detector.is_speech(frame.tobytes(), INPUT_RATE_HZ))
