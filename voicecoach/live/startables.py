"""The routines that can be asked for between sessions: a person's own folder, and those that come along.

The coach and the hearing process each look for themselves, and find the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from voicecoach.errors import VoicecoachError
from voicecoach.language.pack import LanguagePack
from voicecoach.routine.compiler import compile_plan
from voicecoach.routine.library import load_routine
from voicecoach.routine.plan import Plan
from voicecoach.standby.routines import Startable

MOST_OWN: Final = 50
"""Each name that can be called makes it a little likelier that something else is taken for one."""
_WORDS: Final = re.compile(r"[^\W\d_]+( [^\W\d_]+){0,4}")


def spoken_names(pack: LanguagePack, folder: Path) -> dict[str, tuple[str, ...]]:
    """Return what each routine is called in the pack's language, by its shipped name or the path of its file.

    A file is called as it is named: `my-feet.yaml` is "my feet". A name that comes along means a person's own file
    where there is one of that name. A file whose name is no words is not among them.
    """
    own = {str(path): _spoken(path) for path in _files(folder)}
    named = {path: (spoken,) for path, spoken in own.items() if _WORDS.fullmatch(spoken)}
    taken = {spoken for names in named.values() for spoken in names}
    shipped = {
        name: tuple(spoken for spoken in names if spoken not in taken) for name, names in pack.calls.routines.items()
    }
    return named | {name: names for name, names in shipped.items() if names}


def without_words(names: Mapping[str, tuple[str, ...]], words: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Return the names but for those with one of these words, in lower case."""
    kept = {
        name: tuple(one for one in spoken if not words & set(one.casefold().split())) for name, spoken in names.items()
    }
    return {name: spoken for name, spoken in kept.items() if spoken}


def find_startables(
    pack: LanguagePack, folder: Path, tell: Callable[[str], None]
) -> tuple[list[Startable], dict[str, Plan]]:
    """Read every routine, and return what can be asked for with the plans of what can be led, by its name.

    `tell` is given what is wrong with the others.
    """
    found: list[Startable] = []
    plans: dict[str, Plan] = {}
    forbidden = sorted(pack.urgent_phrases)
    for name, spoken in spoken_names(pack, folder).items():
        try:
            routine = load_routine(name, forbidden)
            plans[name] = compile_plan(routine)
        except VoicecoachError as error:
            tell(str(error))
            found.append(Startable(name, spoken[0], spoken, is_sound=False))
        else:
            found.append(Startable(name, routine.title, spoken))
    for path in _files(folder):
        if str(path) not in {one.name for one in found}:
            tell(f"{path} cannot be called by its name; rename it to a few words of letters, as my-feet.yaml.")
    return found, plans


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".yaml" and path.is_file())[:MOST_OWN]
    except OSError:
        return []


def _spoken(path: Path) -> str:
    return " ".join(re.split(r"[-_ ]+", path.stem)).casefold()
