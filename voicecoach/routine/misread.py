"""What a voice reads otherwise than its author meant it: "30s", "1/2", "Warrior II". Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from voicecoach.routine.model import Routine, Station
from voicecoach.strict_yaml import Document

_UNITS: Final = {
    **dict.fromkeys(("s", "sec", "secs"), "seconds"),
    **dict.fromkeys(("m", "min", "mins"), "minutes"),
    **dict.fromkeys(("h", "hr", "hrs"), "hours"),
    **dict.fromkeys(("x",), "times"),
    **dict.fromkeys(("kg", "lb", "lbs", "cm", "mm", "km", "ft", "in"), "the unit in full"),
}
_SIGNS: Final = {
    "&": "and", "%": "per cent", "°": "degrees", "+": "plus", "=": "is", "@": "at", "#": "number",
    "×": "times", "→": "then", "€": "euros", "$": "dollars", "*": "nothing", "_": "a space", "~": "about",
}  # fmt: skip
_SHORT: Final = {
    "w/": "with", "w/o": "without", "b/c": "because", "e.g.": "for example", "i.e.": "that is",
    "etc.": "and so on", "approx.": "about", "incl.": "with", "vs.": "against", "no.": "number",
    "reps": "times", "rep": "time", "l/r": "left, then right", "r/l": "right, then left",
}  # fmt: skip
_ROMAN: Final = {"II": "two", "III": "three", "IV": "four", "VI": "six", "VII": "seven", "VIII": "eight", "IX": "nine"}
_PATTERNS: Final = (
    (re.compile(r"(?:https?://|www\.)\S+"), "no address; nobody can follow it by ear"),
    (re.compile(r"\b\d+\s*[x×]\s*\d+\b"), 'words, as in "three times ten"'),
    (re.compile(r"\b\d+\s*/\s*\d+\b"), 'words, as in "half"'),
    (re.compile(r"\b\d+\s*[-–—]\s*\d+\b"), 'words, as in "two to three"'),
    (re.compile(r"\b\d+:\d{2}\b"), 'words, as in "one and a half minutes"'),
)


def misread(routine: Routine) -> Iterator[tuple[str, str]]:
    """Yield each text of a routine in which a voice misreads something, with what, and what to write."""
    for text in dict.fromkeys(_texts(routine)):
        for what, instead in _found(text):
            yield text, f"a voice misreads “{what}”; write {instead}."


def _found(text: str) -> Iterator[tuple[str, str]]:
    rest = text
    for pattern, instead in _PATTERNS:
        for match in pattern.finditer(rest):
            yield match[0], instead
        rest = pattern.sub(" ", rest)
    for match in re.finditer(r"\b(\d+)\s?([A-Za-z]+)\b", rest):
        if (unit := _UNITS.get(match[2].casefold())) is not None:
            yield match[0], f"“{match[1]} {unit}”" if unit != "the unit in full" else unit
    words = rest.split()
    for word in words:
        bare = word.strip(",;:!?\"'“”‘’()")
        low = bare.casefold()
        if low in _SHORT or (f"{low}." in _SHORT and word.endswith(".")):
            yield bare, f"“{_SHORT.get(low) or _SHORT[f'{low}.']}”"
            continue
        letters = bare.strip(".")
        if letters in _ROMAN:
            yield letters, f"“{_ROMAN[letters]}”"
        elif re.fullmatch(r"[A-Z]{2,}", letters):
            yield letters, "small letters, or what it stands for; a voice may spell it"
    for character in dict.fromkeys(rest):
        if character in _SIGNS:
            yield character, f"“{_SIGNS[character]}”" if _SIGNS[character] not in ("nothing", "a space") else "it out"
        elif unicodedata.category(character) in ("So", "Sk", "Sm", "Mn", "Me") and character not in "+=~×→":
            yield character, "words; a voice leaves it out, or reads its name"


def _texts(part: object) -> Iterator[str]:
    """Yield all that is spoken of a part of a routine."""
    if isinstance(part, list | tuple):
        for item in part:
            yield from _texts(item)
        return
    for name in type(part).model_fields if isinstance(part, Document) else ():
        value = getattr(part, name)
        if isinstance(value, str):
            if name in ("full", "short", "title"):
                yield value
        else:
            yield from _texts(value)
    if isinstance(part, Station):
        yield part.name
