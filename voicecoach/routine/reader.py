"""From the text of a routine file to a routine that can be performed, or to all of its faults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from voicecoach.errors import DocumentError
from voicecoach.routine.compiler import limit_faults
from voicecoach.routine.model import FORBIDDEN_PHRASES, Routine, words_of
from voicecoach.strict_yaml import Location, read

_WORK = ("hold", "repetitions", "stations")
_ONLY_WITH_WORK = ("sides", "when_ready", "sets", "set_cues", "reminders", "easier", "harder", "cramp")


def read_routine(content: str | bytes, source: str, forbidden_phrases: Sequence[str] = ()) -> Routine:
    """Return the routine that a file describes.

    `source` is what to call the file in messages. No text for the voice may contain one of `forbidden_phrases` as whole
    words: these are what the coach obeys in every state. Raises `DocumentError` with every fault, in order of position.
    """
    phrases = tuple(words_of(phrase) for phrase in forbidden_phrases)
    authored = read(content, source, Routine, check=_across_fields, context={FORBIDDEN_PHRASES: phrases})
    if too_large := limit_faults(authored.value):
        raise DocumentError(source, [authored.place(location).fault(what) for location, what in too_large])
    return authored.value


def _across_fields(plain: object) -> Iterator[tuple[Location, str]]:
    """Yield what is wrong between the fields of exercises, in a file of any shape."""
    ids: set[str] = set()
    for index, exercise in enumerate(_list(_mapping(plain).get("exercises"))):
        at: Location = ("exercises", index)
        fields = _mapping(exercise)
        name = fields.get("id")
        if isinstance(name, str) and name:
            if name in ids:
                yield (*at, "id"), f"Another exercise has the id `{name}` already; give this one a name of its own."
            ids.add(name)
        if not fields:
            continue
        if fields.get("tip") == "true":
            yield from _tip_faults(at, fields)
        else:
            yield from _work_faults(at, fields)


def _tip_faults(at: Location, fields: dict[str, object]) -> Iterator[tuple[Location, str]]:
    for key in (*_WORK, *_ONLY_WITH_WORK):
        if key in fields:
            yield (*at, key), f"A tip is only said, so `{key}` means nothing; take it out, or take out `tip`."


def _work_faults(at: Location, fields: dict[str, object]) -> Iterator[tuple[Location, str]]:
    if not any(key in fields for key in _WORK):
        what = "There is no work in this exercise; write `hold`, `repetitions` or `stations`, or `tip: true`."
        yield (*at, "work"), what
    if "hold" in fields and "repetitions" in fields:
        yield (*at, "repetitions"), "An exercise has either `hold` or `repetitions`; take out one of the two."
    if "sides" not in fields:
        what = "`sides` is missing; write `sides: each` for left then right, or `sides: both` for the two together."
        yield (*at, "sides"), what
    if fields.get("cramp") == "ease" and "easier" not in fields:
        yield (
            (*at, "cramp"),
            "`ease` goes on with the easier form, and there is none; write `easier: ...`, or `cramp: retry`.",
        )
    cues, sets = fields.get("set_cues"), fields.get("sets", "1")
    if isinstance(cues, list) and isinstance(sets, str) and sets.isdecimal() and len(cues) != int(sets[:3]):
        what = f"There are {len(cues)} set cues for `sets: {sets[:3]}`; write one for each set."
        yield (*at, "set_cues"), what
    for number, station in enumerate(_list(fields.get("stations"))):
        own = _mapping(station)
        here: Location = (*at, "stations", number)
        if "hold" in own and "repetitions" in own:
            yield (*here, "repetitions"), "A station has either `hold` or `repetitions`; take out one of the two."
        if own and not any(key in mapping for key in ("hold", "repetitions") for mapping in (own, fields)):
            yield (
                (*here, "work"),
                "Nothing says what to do at this station; write `hold` or `repetitions` here or for all.",
            )


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
