"""How English words are pronounced, by the dictionary that comes with PocketSphinx."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Final

from voicecoach.errors import ModelError

Phonemes = tuple[str, ...]
"""One pronunciation of a word in ARPABET without stress: `("K", "R", "AE", "M", "P")`."""

PHONEMES: Final = frozenset(
    (
        *("AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH", "IH", "IY", "JH"),
        *("K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH"),
    )
)
"""All phonemes of the dictionary."""


def model_folder() -> Path:
    """Return the folder of the US English model inside of the installed PocketSphinx.

    Raises `ModelError` where that is not installed.
    """
    # `pocketsphinx` keeps its model beside its code; finding it so does not load the native library.
    try:
        return Path(str(resources.files("pocketsphinx"))) / "model" / "en-us"
    except ModuleNotFoundError:
        raise ModelError("PocketSphinx is not installed; type: pip install 'voicecoach[pocketsphinx]'") from None


def pronunciations(words: Iterable[str], more: Mapping[str, Sequence[str]] | None = None) -> dict[str, list[Phonemes]]:
    """Return how each lower-case word is pronounced: by the dictionary, then by `more`; or nothing.

    `more` gives pronunciations as strings of phonemes: `{"arnica": ["AA R N IH K AH"]}`.
    """
    found: dict[str, list[str]] = {word: [] for word in words}
    dictionary = "\n" + (model_folder() / "cmudict-en-us.dict").read_text(encoding="utf-8")
    listed_as = re.compile(rf"\n({'|'.join(map(re.escape, found))})(?:\(\d+\))? ([^\n]+)")
    for word, phonemes in listed_as.findall(dictionary):
        found[word].append(phonemes)
    for word, listed in found.items():
        listed.extend((more or {}).get(word, ()))
    return {word: [tuple(line.split()) for line in dict.fromkeys(lines)] for word, lines in found.items()}


def dictionary() -> dict[str, Phonemes]:
    """Return the first pronunciation of each of the dictionary's 126,000 words."""
    lines = (model_folder() / "cmudict-en-us.dict").read_text(encoding="utf-8").splitlines()
    return {word: tuple(phonemes) for word, *phonemes in map(str.split, lines) if not word.endswith(")")}
