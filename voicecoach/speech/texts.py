"""Which texts may be spoken."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST_TEXT: Final = 300
_MARKUP: Final = frozenset("<>&")


def check_text(text: str) -> None:
    """Refuse what a synthesizer may not be given.

    Raises `ValueError` for a text that has no words, is longer than 300 characters, or has control characters
    (espeak-ng drops what follows a NUL) or markup (espeak-ng's reaches a shell).
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"a sentence of {len(text)} characters is too long to be spoken; write at most {LONGEST_TEXT}")
    for character in text:
        if character in _MARKUP:
            raise ValueError(f"'{character}' cannot be spoken: markup is not allowed; write plain words")
        if unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}:
            raise ValueError(f"the invisible character U+{ord(character):04X} cannot be spoken; take it out")
    if not any(character.isalnum() for character in text):
        raise ValueError("there is no word to be spoken; write at least one")
