"""Find routines: the shipped ones by name, anybody's by file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from voicecoach.errors import UsageError
from voicecoach.routine.compiler import compile_plan, plan_total_ms
from voicecoach.routine.model import Routine
from voicecoach.routine.reader import read_routine
from voicecoach.strict_yaml import read_file

DEFAULT_ROUTINE = "feet"
"""What is done when nobody says what."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One line of the list of routines."""

    name: str
    title: str
    about: str
    minutes: int
    """About how long it takes, rounded."""


def shipped_names() -> tuple[str, ...]:
    """Return the names of the routines that come with the program, in alphabetical order."""
    names = (entry.name for entry in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def load_routine(name_or_path: str, forbidden_phrases: Sequence[str] = ()) -> Routine:
    """Return a shipped routine by its name, or else the one in a file.

    `forbidden_phrases`: what no text of it may say, see `reader.read_routine`. Raises `UsageError` where there is
    neither, or the file cannot be read, and `DocumentError` where the file has faults.
    """
    if name_or_path in shipped_names():
        entry = _folder() / f"{name_or_path}.yaml"
        return read_routine(entry.read_bytes(), entry.name, forbidden_phrases)
    if _looks_like_a_name(name_or_path):
        raise UsageError(_no_such_routine(name_or_path))
    return load_file(Path(name_or_path), forbidden_phrases)


def load_file(path: Path, forbidden_phrases: Sequence[str] = ()) -> Routine:
    """Return the routine in a file, as `check FILE` does. Raises as `load_routine`."""
    return read_routine(read_file(path), str(path), forbidden_phrases)


def shipped_listing() -> list[Listing]:
    """Return one line for each shipped routine, the shortest first."""
    return sorted((listing(load_routine(name)) for name in shipped_names()), key=lambda line: (line.minutes, line.name))


def listing(routine: Routine) -> Listing:
    """Return the line of the list for one routine."""
    minutes = max(1, round(plan_total_ms(compile_plan(routine)) / 60_000))
    return Listing(routine.name, routine.title, routine.about, minutes)


def _folder() -> Traversable:
    return files("voicecoach.routine") / "routines"


def _looks_like_a_name(text: str) -> bool:
    """Tell whether a text that names no shipped routine was meant to: no folder, no ending, and no such file."""
    if "/" in text or "." in text:
        return False
    try:
        return not Path(text).exists()
    except (OSError, ValueError):
        return False


def _no_such_routine(name: str) -> str:
    names = shipped_names()
    near = get_close_matches(name[:60], names, n=2, cutoff=0.5)
    meant = " or ".join(f"`{one}`" for one in near)
    hint = f"did you mean {meant}?" if near else f"there are {', '.join(f'`{one}`' for one in names)}."
    return f"There is no routine {name[:60]!r}; {hint} Or give a file, such as ./my-routine.yaml."
