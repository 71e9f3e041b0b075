"""Renders a sentence as a session would, in a process of its own: `python -m voicecoach.doctor.voice_probe PARENT`."""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

from voicecoach.doctor.answering import answer_requests
from voicecoach.errors import VoiceError
from voicecoach.speech.pyttsx3_synthesizer import Pyttsx3Engine, Voice


def _render(request: dict[str, Any]) -> dict[str, object]:
    engine = Pyttsx3Engine(Voice(request["voice"], request["words_per_minute"]))
    begun = time.monotonic()
    try:
        identity = engine.identity()
        with engine.open() as synthesizer:
            clip = synthesizer.render(request["text"])
    except VoiceError as error:
        return {"trouble": str(error)}
    return {
        "trouble": None,
        "engine": identity,
        "length_ms": clip.timing.length_ms,
        "took_ms": round(1000 * (time.monotonic() - begun)),
        "peak": float(np.abs(clip.samples).max()),
    }


if __name__ == "__main__":
    answer_requests(int(sys.argv[1]), _render)
