"""What this machine was found to be able to do by each loudspeaker, kept from session to session in a small file."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import platformdirs

from voicecoach.atomic_file import PRIVATE, AtomicFile, bring_to_disk, private_folder, read_ordinary, sweep
from voicecoach.errors import UsageError
from voicecoach.live.overload import STEPS, Effort

_LARGEST_BYTES: Final = 16_384
_LONGEST_NAME: Final = 200
"""As in the settings."""
_MOST: Final = 20
"""Loudspeakers: of more, those that were found out about first are forgotten."""


def machine_file() -> Path:
    """Return where it is kept: `~/.local/share/voicecoach/machine.json`, or `/var/lib/voicecoach`."""
    return platformdirs.user_data_path("voicecoach") / "machine.json"


def known_efforts(path: Path) -> dict[str, Effort]:
    """Return what is asked of the machine by each loudspeaker by which it did not keep up; "" is the usual one.

    A file that is missing or damaged is as good as an empty one.
    """
    try:
        found = json.loads(read_ordinary(path, _LARGEST_BYTES, narrow=True))
    except (OSError, ValueError, RecursionError):
        return {}
    kept = found.get("efforts") if isinstance(found, dict) else None
    efforts = {name: _effort(value) for name, value in kept.items()} if isinstance(kept, dict) else {}
    return {name: effort for name, effort in efforts.items() if effort is not None and _is_name(name)}


def known_effort(loudspeaker: str) -> Effort:
    """Return what is asked of the machine by this loudspeaker."""
    return known_efforts(machine_file()).get(loudspeaker, STEPS[0])


def keep_effort(loudspeaker: str, effort: Effort) -> None:
    """Keep what is asked of the machine by this loudspeaker.

    Does not wait for the disk, because a session is going on: a thread brings it there. Raises `UsageError` where that
    is not possible; what was there is then still there.
    """
    path = machine_file()
    efforts = {name: known for name, known in known_efforts(path).items() if name != loudspeaker} | {
        loudspeaker: effort
    }
    _write(path, dict(list(efforts.items())[-_MOST:]))


def _write(path: Path, efforts: Mapping[str, Effort]) -> None:
    try:
        private_folder(path.parent)
    except OSError as error:
        raise UsageError(f"cannot keep in {path.parent} what this machine can do: {error.strerror}") from None
    sweep(path)
    text = json.dumps({"efforts": {name: asdict(effort) for name, effort in efforts.items()}}, indent=2)
    with AtomicFile(path, durable=False, mode=PRIVATE) as file:
        file.write(f"{text}\n".encode())
    threading.Thread(target=bring_to_disk, args=(path,), name="machine to the disk", daemon=True).start()


def _effort(value: Any) -> Effort | None:
    with suppress(TypeError):
        effort = Effort(**value)
        return effort if effort in STEPS else None
    return None


def _is_name(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and text.isprintable()
