"""A program of its own: load a Vosk model and decode some noise with it. If that crashes, nothing else does.

Run as `python -m voicecoach.listening.vosk_trial FOLDER`; ends with 0 if the model works.
"""

from __future__ import annotations

import sys

import numpy as np
import vosk

from voicecoach.units import INPUT_RATE_HZ


def main(folder: str) -> int:
    """Try the model in `folder`."""
    vosk.SetLogLevel(-1)
    model = vosk.Model(folder)
    noise = np.random.default_rng(0).normal(0.0, 3000.0, 2 * INPUT_RATE_HZ).astype(np.int16)
    # Without a grammar both graphs are searched.
    recognizer = vosk.KaldiRecognizer(model, INPUT_RATE_HZ)
    recognizer.AcceptWaveform(noise.tobytes())
    recognizer.FinalResult()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
