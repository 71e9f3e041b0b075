"""Find routines: the shipped ones by name, anybody's by file."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import platformdirs

from voicecoach.errors import UsageError
from voicecoach.routine.model import Routine
from voicecoach.routine.reader import read_routine
from voicecoach.strict_yaml import read_file

DEFAULT_ROUTINE = "feet"
"""What is done when nobody says what."""


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
        return read_routine(read_shipped(name_or_path), f"{name_or_path}.yaml", forbidden_phrases)
    return load_file(Path(name_or_path), forbidden_phrases)


def read_shipped(name: str) -> bytes:
    """Return the file of a routine that comes with the program."""
    return (_folder() / f"{name}.yaml").read_bytes()


def own_folder() -> Path:
    """Return where a person's own routines are looked for: `~/.config/voicecoach/routines`, or `/etc/voicecoach`."""
    return platformdirs.user_config_path("voicecoach") / "routines"


def own_names(folder: Path) -> list[str]:
    """Return the names of a person's own routines, in alphabetical order."""
    try:
        return sorted(path.stem for path in folder.iterdir() if path.suffix == ".yaml" and path.is_file())
    except OSError:
        return []


def find_routine(name_or_path: str) -> str:
    """Return what `load_routine` finds a routine by: a shipped name, or the path of a file.

    A name is that of a person's own routine, else of one that comes along, else of a file in this folder. Raises
    `UsageError` where it is none of them.
    """
    if _looks_like_a_path(name_or_path):
        return name_or_path
    own = own_folder() / f"{name_or_path}.yaml"
    if is_file(own):
        return str(own)
    if name_or_path in shipped_names():
        return name_or_path
    for here in (Path(f"{name_or_path}.yaml"), Path(name_or_path)):
        if is_file(here):
            return str(here)
    raise UsageError(_no_such_routine(name_or_path))


def is_file(path: Path) -> bool:
    """Tell whether there is a file, whatever the path is."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def load_file(path: Path, forbidden_phrases: Sequence[str] = ()) -> Routine:
    """Return the routine in a file, as `check FILE` does. Raises as `load_routine`."""
    return read_routine(read_file(path), str(path), forbidden_phrases)


def _folder() -> Traversable:
    return files("voicecoach.routine") / "routines"


def _looks_like_a_path(text: str) -> bool:
    return "/" in text or "." in text or not text


def _no_such_routine(name: str) -> str:
    names = tuple(dict.fromkeys((*own_names(own_folder()), *shipped_names())))
    near = get_close_matches(name[:60], names, n=2, cutoff=0.5)
    meant = " or ".join(f"`{one}`" for one in near)
    hint = f"did you mean {meant}?" if near else f"there are {', '.join(f'`{one}`' for one in names)}."
    return f"There is no routine {name[:60]!r}; {hint} Or give a file, such as ./my-routine.yaml."
