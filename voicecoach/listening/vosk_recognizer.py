"""Vosk as a recognizer: any language with a small model, closed phrases, and unknown speech where the model has it.

Vosk reads its settings from the model, drops unknown words with a mere warning, and brings the process down for a
grammar or a model that it dislikes. So a model is checked before it is loaded, is loaded through a private folder with
settings of our own (the user's files are never touched), and every word is looked up before the first grammar is made.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs
import vosk

from voicecoach.errors import ModelError
from voicecoach.listening.decision import UNKNOWN
from voicecoach.listening.model_check import check_model
from voicecoach.listening.models import how_to_mend
from voicecoach.listening.recognizer import Hypothesis, Pcm, UnknownWordsError, Word
from voicecoach.units import INPUT_RATE_HZ

SETTINGS = {"lattice-beam": "6.0", "beam": "13.0"}
"""Ours instead of the model's. With a lattice beam of 2 too few rivals survive for confidences to mean much."""
CHUNK_FRAMES = INPUT_RATE_HZ // 10
"""Sound is handed over in pieces of 100 ms: Vosk works in larger ones anyway, and each call costs."""


class VoskRecognizer:
    """A `Recognizer` with a Vosk model. All recognizers of one process must have the same model, which they share."""

    name = "Vosk"

    def __init__(self, folder: Path, phrases: Sequence[str]) -> None:
        """Load the model in `folder` for these phrases. Raises `ModelError` if it is damaged or lacks a word."""
        self.folder = folder
        self._model = _model(folder.resolve())
        words = dict.fromkeys(word for phrase in phrases for word in phrase.lower().split())
        if unknown := [word for word in words if self._model.vosk_model_find_word(word) < 0]:
            raise UnknownWordsError(
                f"Speech model {folder} does not know the word '{unknown[0]}'; choose another phrase.", unknown
            )
        self._knows_unknown = self._model.vosk_model_find_word(UNKNOWN) >= 0
        self._recognizer: Any = None
        self._words: list[Word] = []
        self._waiting = bytearray()

    def start(self, phrases: Sequence[str]) -> None:
        """Begin an utterance in which these phrases are open: at least one."""
        if not phrases:
            raise ValueError("without phrases there is nothing to recognise")
        options = [phrase.lower() for phrase in phrases] + [UNKNOWN] * self._knows_unknown
        grammar = json.dumps(options, ensure_ascii=False)
        self._words = []
        self._waiting.clear()
        # A grammar cannot be changed once sound has been fed, and times count from a recognizer's first sample.
        self._recognizer = vosk.KaldiRecognizer(self._model, INPUT_RATE_HZ, grammar)
        self._recognizer.SetWords(True)

    def feed(self, block: Pcm) -> None:
        """Take the next sound of the utterance."""
        self._waiting += block.tobytes()
        while len(self._waiting) >= 2 * CHUNK_FRAMES:
            self._accept(bytes(self._waiting[: 2 * CHUNK_FRAMES]))
            del self._waiting[: 2 * CHUNK_FRAMES]

    def finish(self) -> Hypothesis:
        """End the utterance and return the words of all its parts."""
        if self._recognizer is None:
            return Hypothesis(())
        if self._waiting:
            self._accept(bytes(self._waiting))
            self._waiting.clear()
        self._collect(self._recognizer.FinalResult())
        self._recognizer = None
        return Hypothesis(tuple(self._words))

    def _accept(self, sound: bytes) -> None:
        # True at a pause of Vosk's own judgement, which ends a part of the result and gives memory back.
        if self._recognizer.AcceptWaveform(sound):
            self._collect(self._recognizer.Result())

    def _collect(self, result: str) -> None:
        for word in json.loads(result).get("result", ()):
            start_ms, end_ms = round(word["start"] * 1000), round(word["end"] * 1000)
            self._words.append(Word(word["word"], start_ms, end_ms, float(word["conf"])))


@lru_cache(maxsize=1)
def _model(folder: Path) -> Any:
    check_model(folder)
    vosk.SetLogLevel(-1)
    with _view(folder) as name:
        try:
            return vosk.Model(name)
        except Exception as error:  # Vosk raises nothing more special
            raise ModelError(f"Vosk cannot load {folder}; {how_to_mend(folder)}.") from error


def _view(folder: Path) -> tempfile.TemporaryDirectory[str]:
    """Return a folder that shows a model with our settings."""
    try:
        # A process that is killed while it loads the model leaves it behind: best in our own folder.
        return _view_in(platformdirs.user_cache_path("voicecoach"), folder)
    except OSError:
        return _view_in(None, folder)


def _view_in(place: Path | None, folder: Path) -> tempfile.TemporaryDirectory[str]:
    if place is not None:
        place.mkdir(parents=True, exist_ok=True)
    view = tempfile.TemporaryDirectory(prefix="voicecoach-model-", dir=place)
    try:
        private = Path(view.name)
        for part in folder.iterdir():
            if part.name != "conf":
                (private / part.name).symlink_to(part)
        (private / "conf").mkdir()
        for part in (folder / "conf").iterdir():
            if part.name != "model.conf":
                (private / "conf" / part.name).symlink_to(part)
        settings = _with_our_settings((folder / "conf" / "model.conf").read_text("utf-8"))
        (private / "conf" / "model.conf").write_text(settings, encoding="utf-8")
    except BaseException:
        view.cleanup()
        raise
    return view


def _with_our_settings(settings: str) -> str:
    kept = [line for line in settings.splitlines() if line.partition("=")[0].strip().removeprefix("--") not in SETTINGS]
    return "\n".join([*kept, *(f"--{name}={value}" for name, value in SETTINGS.items())]) + "\n"
