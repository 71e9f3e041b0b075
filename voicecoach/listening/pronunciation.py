"""How English words are pronounced, from the dictionary that comes with PocketSphinx."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Final

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
    """Return the folder of the US English model inside of the installed PocketSphinx."""
    # `pocketsphinx` keeps its model beside its code; finding it so does not load the native library.
    return Path(str(resources.files("pocketsphinx"))) / "model" / "en-us"


def pronunciations(words: Iterable[str], more: Mapping[str, Sequence[str]] | None = None) -> dict[str, list[Phonemes]]:
    """Return the pronunciations of each lower-case word: the dictionary's, then those of `more`; or none.

    `more` gives pronunciations as strings of phonemes: `{"arnica": ["AA R N IH K AH"]}`.
    """
    found: dict[str, list[str]] = {word: [] for word in words}
    with (model_folder() / "cmudict-en-us.dict").open(encoding="utf-8") as dictionary:
        for line in dictionary:
            word, _, phonemes = line.rstrip().partition(" ")
            word = word.partition("(")[0]
            if word in found:
                found[word].append(phonemes)
    for word, listed in found.items():
        listed.extend((more or {}).get(word, ()))
    return {word: [tuple(line.split()) for line in dict.fromkeys(lines)] for word, lines in found.items()}
