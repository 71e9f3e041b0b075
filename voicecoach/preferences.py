"""What a person has wished for by voice, for the next time: a small file that is there whole or not at all."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import platformdirs

from voicecoach.atomic_file import (
    PRIVATE,
    AtomicFile,
    bring_to_disk,
    private_folder,
    read_ordinary,
    sweep,
)
from voicecoach.errors import UsageError

_LARGEST_BYTES: Final = 4096
_LONGEST_NAME: Final = 200
"""As in the settings."""


def preferences_file() -> Path:
    """Return where they are kept: `~/.local/share/voicecoach/preferences.json`, or `/var/lib/voicecoach`."""
    return platformdirs.user_data_path("voicecoach") / "preferences.json"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What was wished, and from which setting it started: a setting that was changed since comes first."""

    volume_db: int | None = None
    volume_of_settings_db: int | None = None
    words_per_minute: int | None = None
    words_of_settings: int | None = None
    loudspeaker: str = ""
    """By which somebody has said that they hear the coach; empty for the usual one."""
    introduced: bool = False
    """Whether anybody has said so yet."""

    def volume(self, of_settings_db: int) -> int:
        """Return the volume that holds, where the settings say this one."""
        wished = self.volume_db if self.volume_of_settings_db == of_settings_db else None
        return of_settings_db if wished is None else wished

    def speed(self, of_settings: int) -> int:
        """Return the speed that holds, in words a minute, where the settings say this one."""
        wished = self.words_per_minute if self.words_of_settings == of_settings else None
        return of_settings if wished is None else wished

    def with_volume(self, volume_db: int, of_settings_db: int) -> Preferences:
        """Return them with a volume that was wished while the settings said this one."""
        return replace(self, volume_db=volume_db, volume_of_settings_db=of_settings_db)

    def with_speed(self, words_per_minute: int, of_settings: int) -> Preferences:
        """Return them with a speed that was wished while the settings said this one."""
        return replace(self, words_per_minute=words_per_minute, words_of_settings=of_settings)


def load_preferences(path: Path, volume_db: range, words_per_minute: range) -> Preferences:
    """Return what a file has, within these ranges. A file that is missing or damaged is as good as an empty one."""
    try:
        found = json.loads(read_ordinary(path, _LARGEST_BYTES, narrow=True))
    except (OSError, ValueError, RecursionError):
        return Preferences()
    allowed = {"volume_db": volume_db, "words_per_minute": words_per_minute}
    kinds: dict[str, type] = {"loudspeaker": str, "introduced": bool}
    known: dict[str, Any] = {
        field.name: found[field.name]
        for field in fields(Preferences)
        if isinstance(found, dict) and type(found.get(field.name)) is kinds.get(field.name, int)
    }
    sound = {name: value for name, value in known.items() if name not in allowed or value in allowed[name]}
    if not _is_name(sound.get("loudspeaker", "")):
        del sound["loudspeaker"]
    return Preferences(**sound)


def _is_name(text: str) -> bool:
    """Tell whether a text can be the name of a device: it is given to programs, and printed."""
    return len(text) <= _LONGEST_NAME and text.isprintable()


def save_preferences(path: Path, preferences: Preferences) -> None:
    """Write a file, so that whoever kills this process afterwards changes nothing.

    Does not wait for the disk, because a session may be going on: a thread brings it there. Only one process at a time
    may write. Raises `UsageError` where that is not possible; what was there is then still there.
    """
    try:
        private_folder(path.parent)
    except OSError as error:
        raise UsageError(
            f"cannot keep what was wished in {path.parent}: {error.strerror}; see who owns it, and whether it is full"
        ) from None
    sweep(path)
    with AtomicFile(path, durable=False, mode=PRIVATE) as file:
        file.write((json.dumps(asdict(preferences)) + "\n").encode())
    threading.Thread(target=bring_to_disk, args=(path,), name="wishes to the disk", daemon=True).start()
