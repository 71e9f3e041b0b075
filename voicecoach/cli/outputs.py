"""Outputs that would overwrite something that is still needed: refused before anything is done."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voicecoach.errors import UsageError, VoicecoachError

_OUTPUTS: Final = ("out", "timeline", "picture", "json")
_ENDINGS: Final = {
    "out": (".wav", ".wave"),
    "timeline": (".jsonl", ".ndjson", ".json", ".txt"),
    "picture": (".svg",),
    "json": (".json", ".txt"),
}
"""What the names of outputs may end in, if in anything."""
_INPUTS: Final = ("routine", "config", "noise", "source")
_RESULTS: Final = tuple(f"hearing.{kind}" for kind in ("md", "json", "svg"))
"""What `bench --out` writes into its folder."""

Identity = tuple[int, int, str]
"""The device and the number of a file; of its folder, with its name, where it is not there yet."""


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder in which some files are needed."""

    what: str
    path: Path
    is_needed: Callable[[str], bool] = lambda _name: True


def check_outputs(arguments: argparse.Namespace) -> None:
    """Raise `UsageError` where an output is another output, an input or a file of the program's."""
    outputs = list(_outputs(arguments))
    if not outputs:
        return
    taken = {identity: what for what, path in _files(arguments) if (identity := _identity(path)) is not None}
    folders = [(folder, where) for folder in _folders(arguments) if (where := _identity(folder.path)) is not None]
    written: dict[Identity, str] = {}
    for option, path in outputs:
        identity = _identity(path)
        if identity is None:
            # It cannot be written, which is told when it is tried.
            continue
        if identity in written:
            both = f"{written[identity]} and {option}" if option != written[identity] else option
            raise UsageError(f"{both} name the same file, {path}; give each its own.")
        written[identity] = option
        what = taken.get(identity) or _needed_in(path, folders)
        if what is not None:
            raise UsageError(f"{option} {path} would overwrite {what}; give another name.")
    for option, path in outputs:
        endings = _ENDINGS[option.removeprefix("--")]
        if path.suffix and path.suffix.lower() not in endings and arguments.module != "bench":
            raise UsageError(f"{option} writes no {path.suffix} files; name it {path.stem}{endings[0]}.")


def _outputs(arguments: argparse.Namespace) -> Iterator[tuple[str, Path]]:
    for name in _OUTPUTS:
        value = getattr(arguments, name, None)
        if not isinstance(value, str) or not value:
            continue
        if name == "out" and arguments.module == "bench":
            yield from ((f"--{name}", Path(value) / result) for result in _RESULTS)
        else:
            yield f"--{name}", Path(value)


def _files(arguments: argparse.Namespace) -> Iterator[tuple[str, Path]]:
    """Yield the files that are read, and what to call each."""
    from voicecoach.preferences import preferences_file
    from voicecoach.settings import SYSTEM_FILE, find_file, user_file

    for name in _INPUTS:
        if isinstance(value := getattr(arguments, name, None), str):
            what = "the routine" if name == "routine" else f"what --{'from' if name == 'source' else name} reads"
            yield what, Path(value)
            if name == "routine":
                yield what, Path(f"{value}.yaml")
    for played in getattr(arguments, "play", ()):
        yield "what --play plays", Path(played.strip().partition(" ")[2].strip())
    yield "what is wished by voice", preferences_file()
    with suppress(VoicecoachError):
        if (found := find_file(getattr(arguments, "config", None))) is not None:
            yield "the settings", found
    yield "the settings", user_file()
    yield "the settings", SYSTEM_FILE


def _folders(arguments: argparse.Namespace) -> Iterator[_Folder]:
    """Yield the folders of what is read, and those of the program's own files."""
    import platformdirs

    from voicecoach.history import history_folder
    from voicecoach.listening.models import models_folder
    from voicecoach.settings import SYSTEM_FILE, load_configuration, user_file

    yield _Folder("the history", history_folder(), lambda name: name.startswith("history"))
    yield _Folder("a speech model", models_folder())
    yield _Folder("a sentence that is kept", platformdirs.user_cache_path("voicecoach"))
    for settings in (user_file(), SYSTEM_FILE):
        yield _Folder("settings or a routine", settings.parent, lambda name: name.endswith((".yaml", ".yml")))
    if getattr(arguments, "recordings", None):
        yield _Folder("a recording", Path(arguments.recordings), lambda name: name not in _RESULTS)
    if getattr(arguments, "folder", None):
        yield _Folder("a recording or its label", Path(arguments.folder))
    if getattr(arguments, "model", None):
        yield _Folder("a speech model", Path(arguments.model))
    with suppress(VoicecoachError):
        configuration = load_configuration(getattr(arguments, "config", None))
        if (model := configuration.model_folder()) is not None:
            yield _Folder("a speech model", model)


def _needed_in(path: Path, folders: list[tuple[_Folder, Identity]]) -> str | None:
    """Return what in a folder it would overwrite, if anything."""
    real = Path(os.path.realpath(path))
    for parent in real.parents:
        identity = _identity(parent)
        for folder, where in folders:
            if where == identity and folder.is_needed(real.name):
                return folder.what
    return None


def _identity(path: Path) -> Identity | None:
    """Return what is the same for every name of a file; none where there can be no such file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        pass
    else:
        return status.st_dev, status.st_ino, ""
    try:
        real = Path(os.path.realpath(path))
        status = real.parent.stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino, real.name
