"""How English words are pronounced: by the dictionary that comes with PocketSphinx, or as `hama` would read them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

Phonemes = tuple[str, ...]
"""One pronunciation of a word in ARPABET without stress: `("K", "R", "AE", "M", "P")`."""

PHONEMES: Final = frozenset(
    (
        *("AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH", "IH", "IY", "JH"),
        *("K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH"),
    )
)
"""All phonemes of the dictionary."""

SYMBOLS: Final[Mapping[str, str]] = {
    "AA": "ɑ ɔ ɒ", "AE": "æ", "AH": "ʌ ə ɐ", "AO": "ɔ ɑ ɒ", "AW": "aʊ", "AY": "aɪ", "B": "b", "CH": "t͡ʃ",
    "D": "d", "DH": "ð", "EH": "ɛ e", "ER": "ɝ ɚ ɜ", "EY": "eɪ e", "F": "f", "G": "ɡ g", "HH": "h", "IH": "ɪ",
    "IY": "i ɪ", "JH": "d͡ʒ", "K": "k", "L": "l ɫ", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ o", "OY": "ɔɪ",
    "P": "p", "R": "ɹ r", "S": "s", "SH": "ʃ", "T": "t ɾ", "TH": "θ", "UH": "ʊ u", "UW": "u ʊ ʉ", "V": "v",
    "W": "w", "Y": "j ʝ", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
"""What the phoneme recognizer may write for a phoneme of the dictionary. Any of these will do."""

_LEAST_PHONEMES: Final = 0.4
"""Of a letter. No word of five letters or more has fewer, of 2,000 of the dictionary; what `hama` leaves out it could
not read."""


def model_folder() -> Path:
    """Return the folder of the US English model inside of the installed PocketSphinx."""
    # `pocketsphinx` keeps its model beside its code; finding it so does not load the native library.
    return Path(str(resources.files("pocketsphinx"))) / "model" / "en-us"


def pronunciations(words: Iterable[str], more: Mapping[str, Sequence[str]] | None = None) -> dict[str, list[Phonemes]]:
    """Return how each lower-case word is pronounced: by the dictionary, then by `more`; else a `guess`; or nothing.

    `more` gives pronunciations as strings of phonemes: `{"arnica": ["AA R N IH K AH"]}`.
    """
    found: dict[str, list[str]] = {word: [] for word in words}
    dictionary = "\n" + (model_folder() / "cmudict-en-us.dict").read_text(encoding="utf-8")
    listed_as = re.compile(rf"\n({'|'.join(map(re.escape, found))})(?:\(\d+\))? ([^\n]+)")
    for word, phonemes in listed_as.findall(dictionary):
        found[word].append(phonemes)
    for word, listed in found.items():
        listed.extend((more or {}).get(word, ()))
    known = {word: [tuple(line.split()) for line in dict.fromkeys(lines)] for word, lines in found.items()}
    return {word: ways or [way for way in [guess(word)] if way is not None] for word, ways in known.items()}


def dictionary() -> dict[str, Phonemes]:
    """Return the first pronunciation of each of the dictionary's 126,000 words."""
    lines = (model_folder() / "cmudict-en-us.dict").read_text(encoding="utf-8").splitlines()
    return {word: tuple(phonemes) for word, *phonemes in map(str.split, lines) if not word.endswith(")")}


def guess(word: str) -> Phonemes | None:
    """Return how an English word would be read aloud that is in no dictionary; none where nobody could tell.

    That is so for words of other scripts, and wherever `hama` is not installed.
    """
    if not re.fullmatch(r"[a-z']+", _without_accents(word)):
        return None
    phonemes: list[str] = []
    for sign in _SIGN.findall(unicodedata.normalize("NFD", read_aloud(word) or "")):
        if sign in _PHONEME_OF:
            phonemes.append(_PHONEME_OF[sign])
        elif not sign.isspace() and unicodedata.category(sign) not in ("Mn", "Lm"):
            return None
    return tuple(phonemes) if phonemes and len(phonemes) >= _LEAST_PHONEMES * len(word) else None


def read_aloud(text: str) -> str | None:
    """Return how words of any language would be read aloud, in phonetic symbols; none where `hama` is not installed."""
    reader = _reader()
    # It writes words that it takes for foreign character by character, so that only together they make symbols.
    return None if reader is None else "".join(step.phoneme for step in reader.predict(text).alignments)


def _by_symbol() -> dict[str, str]:
    first = {symbols.split()[0]: phoneme for phoneme, symbols in SYMBOLS.items()}
    others = {symbol: phoneme for phoneme, symbols in SYMBOLS.items() for symbol in symbols.split()[1:]}
    foreign = (
        "a AA, c K, x K, χ K, y UW, ʏ UH, ø ER, œ ER, ɾ R, ɨ IH, ɯ UH, β B, ɣ G, ʁ R, ɲ N, ʎ L, ɕ SH, ʂ SH, ʑ ZH, ɦ HH"
    )
    return others | dict(pair.split(" ") for pair in foreign.split(", ")) | first


_PHONEME_OF: Final = _by_symbol()
"""The phoneme of the dictionary for each symbol; what English does not have as its speakers say it."""
_SIGN: Final = re.compile("|".join([*map(re.escape, sorted(_PHONEME_OF, key=len, reverse=True)), "."]), re.DOTALL)


def _without_accents(word: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", word) if not unicodedata.combining(sign))


@cache
def _reader() -> Any:
    """Return what reads words aloud; none where it is not installed or does not work."""
    try:
        from hama import G2PModel

        return G2PModel()
    except (ImportError, OSError, RuntimeError):
        return None
