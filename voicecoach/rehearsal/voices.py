"""The recorded voices that rehearsals speak commands with: which there are, and where a phrase's recording is."""

from __future__ import annotations

import difflib
import json
from functools import cache
from pathlib import Path

import numpy as np

from voicecoach.audio.clip import Samples
from voicecoach.audio.files import read_audio
from voicecoach.errors import UsageError
from voicecoach.language.pack import load_pack

FOLDER = Path(__file__).with_name("voices")
"""`<language>/<voice>/*.flac`, 16 kHz mono, and `<language>/index.json`, which names the file of each phrase."""


def voices_of(language: str) -> tuple[str, ...]:
    """Return the names of the recorded voices of a language, in alphabetical order; none for a language without any."""
    folder = FOLDER / language
    return tuple(sorted(path.name for path in folder.iterdir() if path.is_dir())) if folder.is_dir() else ()


def known_phrases(language: str) -> tuple[str, ...]:
    """Return the phrases that every voice of a language has been recorded with, in the order of the language pack.

    The address, and the calls that begin with it, have been recorded as well.
    """
    if not (index := _index(language)):
        return ()
    address = load_pack(language).address
    return tuple(said for said in index if said != address and not said.startswith(f"{address} "))


def recording(language: str, voice: str, phrase: str) -> Path:
    """Return the recording of a phrase, however its letters are capitalised; commas and full stops are not said.

    Raises `UsageError` for a voice or phrase that there is no recording of, with those that there are, the nearest
    first.
    """
    voices = voices_of(language)
    if voice not in voices:
        raise UsageError(
            f"There is no recorded voice '{voice}' for '{language}'; there are: {', '.join(voices) or 'none'}."
        )
    said = " ".join(phrase.replace(",", " ").replace(".", " ").casefold().split())
    stems = {known.casefold(): stem for known, stem in _index(language).items()}
    if said not in stems:
        raise UsageError(
            f"No recording says '{phrase}'; the nearest first, there are: {_nearest_first(language, said)}."
        )
    return FOLDER / language / voice / f"{stems[said]}.flac"


def spoken(language: str, voice: str, phrase: str) -> Samples:
    """Return a phrase as the voice says it, mono at 16 kHz; the address may come before it: "coach, next".

    Raises `UsageError` as `recording`.
    """
    words = " ".join(phrase.replace(",", " ").split())
    if words.casefold() in map(str.casefold, _index(language)):
        return read_audio(recording(language, voice, words))
    address = load_pack(language).address.casefold()
    called = words.casefold().startswith(f"{address} ")
    parts = [words[: len(address)], words[len(address) :]] if called else [words]
    return np.concatenate([read_audio(recording(language, voice, part)) for part in parts])


def _nearest_first(language: str, said: str) -> str:
    def distance(known: str) -> float:
        return -difflib.SequenceMatcher(None, said, known.casefold(), autojunk=False).ratio()

    return ", ".join(sorted(_index(language), key=distance))


@cache
def _index(language: str) -> dict[str, str]:
    file = FOLDER / language / "index.json"
    if not file.is_file():
        return {}
    index: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return index
