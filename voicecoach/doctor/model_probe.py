"""Opens the ears as a session would, and has them hear recordings.

`python -m voicecoach.doctor.model_probe PARENT SETTINGS LANGUAGE MODEL`. Loading takes seconds, and a bad model
crashes.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from voicecoach.audio.files import read_audio
from voicecoach.audio.pcm import int16_from_float
from voicecoach.commands import Command
from voicecoach.doctor.answering import answer_requests
from voicecoach.doctor.model import NO_SETTINGS
from voicecoach.errors import VoicecoachError
from voicecoach.language.pack import LanguagePack, load_pack
from voicecoach.listening.ears import Ears, hear
from voicecoach.listening.factory import open_ears
from voicecoach.listening.sensations import Heard
from voicecoach.live.hearing import open_configured_ears
from voicecoach.rehearsal.voices import known_phrases, recording, voices_of
from voicecoach.settings import load_configuration
from voicecoach.units import INPUT_FRAMES_PER_MS

TRIED = (Command.PREVIOUS, Command.STOP, Command.CRAMP)
"""Commands whose recordings every engine hears, in both languages."""
_QUIET_FRAMES = 700 * INPUT_FRAMES_PER_MS


def _open(settings: str, language: str, model: str) -> dict[str, object]:
    begun = time.monotonic()
    try:
        if settings == NO_SETTINGS:
            pack = load_pack(language)
            ears = open_ears(pack, Path(model) if model else None)
        else:
            pack = load_configuration(settings or None).pack(language)
            # What sounds alike is no fault of the model; `config` and every session say it.
            ears = open_configured_ears(settings, language, model, lambda _: None)
    except VoicecoachError as error:
        return {"trouble": str(error), "exit_code": error.exit_code}
    has_second_opinion = ears.engine.second_opinion() is not None
    loaded = time.monotonic()
    understood, tried, sound_ms = _try(ears, pack)
    return {
        "trouble": None,
        "engine": ears.engine.name,
        "has_scorer": ears.engine.scorer is not None,
        "has_second_opinion": has_second_opinion,
        "load_ms": round(1000 * (loaded - begun)),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "understood": understood,
        "tried": tried,
        "load": round(1000 * (time.monotonic() - loaded) / max(1, sound_ms), 3),
    }


def _try(ears: Ears, pack: LanguagePack) -> tuple[int, int, int]:
    """Return how many recorded commands were understood, of how many, and how long they are together."""
    known = known_phrases(pack.language)
    if pack.must_be_addressed:
        # Nobody in the recordings does that, and the urgent ones need it not.
        known = tuple(phrase for phrase in known if phrase in pack.urgent_phrases)
    understood = tried = sound_ms = 0
    for voice in voices_of(pack.language)[-1:]:
        for command in TRIED:
            phrase = _first(pack.phrases[command], known)
            if phrase is None:
                continue
            sound = int16_from_float(read_audio(recording(pack.language, voice, phrase)))
            # Not digital silence: no microphone gives that.
            quiet = np.random.default_rng(0).normal(0.0, 4.0, _QUIET_FRAMES).astype(np.int16)
            heard = list(hear(ears, np.concatenate((quiet, sound, quiet)), pack.all_phrases))
            understood += any(isinstance(one, Heard) and one.command is command for one in heard)
            tried += 1
            sound_ms += (len(sound) + 2 * len(quiet)) // INPUT_FRAMES_PER_MS
    return understood, tried, sound_ms


def _first(phrases: Sequence[str], known: Sequence[str]) -> str | None:
    return next((phrase for phrase in phrases if phrase in known), None)


def main() -> None:
    """Answer one request."""
    parent, settings, language, model = sys.argv[1:]

    def answer(_request: dict[str, Any]) -> dict[str, object]:
        return _open(settings, language, model)

    answer_requests(int(parent), answer)


if __name__ == "__main__":
    main()
