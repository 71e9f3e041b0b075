"""From a language to its speech model on the disk. The older model stays until the new one has proved itself.

One after another: fetch the archive (or take one brought by hand), compare it with the checksum in the language pack,
unpack it beside its place, note the checksum of each file, look at each file and decode with the model in a process of
its own, and only then let it take the place of what was there.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import platformdirs

from voicecoach.atomic_file import open_ordinary, private_folder
from voicecoach.errors import ModelError, UsageError
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.model_check import MANIFEST, find_damage
from voicecoach.listening.models import setup_command
from voicecoach.models.archive import unpack, unpacked_bytes
from voicecoach.models.fetching import Patience, Pin, fetch, matches, part_of
from voicecoach.models.report import Report

UNPACKED_RATIO = 3
"""Room asked for before fetching, in sizes of the archive: the Korean model has this ratio, the English one 1.7."""
SPARE_BYTES = 16 * 1000**2
"""Left free on the disk."""


@dataclass(frozen=True, slots=True)
class Installed:
    """The model that is there now, and whether it is new."""

    folder: Path
    is_new: bool


def pin_of(pack: LanguagePack) -> Pin:
    """Return how the archive of a language is known. Raises `UsageError` where the pack does not say."""
    model = pack.recognition.vosk
    if model.bytes is None or model.sha256 is None:
        raise UsageError(
            f"voicecoach does not know the checksum of the speech model for {pack.name}, so it does not fetch it; get "
            f"{model.name} from {model.url}, unpack it, and give its folder with --model DIR."
        )
    return Pin(model.bytes, model.sha256)


def fetched_bytes(pack: LanguagePack, models: Path) -> int:
    """Return how much of a language's archive has arrived so far."""
    with suppress(OSError):
        return part_of(_archive(pack, models)).stat().st_size
    return 0


def install(
    pack: LanguagePack,
    models: Path,
    report: Report,
    *,
    source: str | None = None,
    force: bool = False,
    patience: Patience | None = None,
) -> Installed:
    """Put the model of a language into the folder `models`, unless a good one is there (`force`: even then).

    `source` is another address or a file to take the archive from; it must be the one that the pack describes. Raises
    `UsageError` where the pack does not describe any, or for a source that is none, and `ModelError` for all else; what
    was there before is there still, then. Runs a child process; takes seconds even where nothing is to be done.
    """
    pin_of(pack)
    name = pack.recognition.vosk.name
    target = models / name
    try:
        with _alone(models, pack):
            _tidy(models, name)
            if target.exists() and not force:
                report.note(f"There is {name} already; trying it.")
                damage = find_damage(target, anew=True)
                if damage is None:
                    return Installed(target, is_new=False)
                report.note(f"It is damaged ({damage}); it will be replaced.")
            with _opened_archive(pack, models, report, source=source, patience=patience) as archive:
                _unpack_and_switch(archive, name, models, report)
            _archive(pack, models).unlink(missing_ok=True)
            part_of(_archive(pack, models)).unlink(missing_ok=True)
    except OSError as error:
        raise ModelError(
            f"Cannot install the speech model in {models}: {error.strerror or error}; see that the folder can be "
            f"written and the disk has room, then run `{setup_command(pack.language)}` again."
        ) from error
    return Installed(target, is_new=True)


def _archive(pack: LanguagePack, models: Path) -> Path:
    return models / f"{pack.recognition.vosk.name}.zip"


@contextmanager
def _alone(models: Path, pack: LanguagePack) -> Iterator[None]:
    """Keep other processes from installing into the same folder. The lock dies with the process."""
    if models.is_relative_to(own := platformdirs.user_data_path("voicecoach")):
        private_folder(own)
    models.mkdir(parents=True, exist_ok=True)
    lock = open_ordinary(models / ".setup.lock", os.O_RDWR | os.O_CREAT)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ModelError(
                f"Another `{setup_command(pack.language)}` is at work in {models}; wait until it is done."
            ) from None
        yield
    finally:
        os.close(lock)


def _tidy(models: Path, name: str) -> None:
    """Remove what an installation left that was killed; undo a switch that was done by half."""
    _remove(_beside(models, name, "new"))
    old = _beside(models, name, "old")
    if old.exists() and not (models / name).exists():
        old.rename(models / name)
    _remove(old)


@contextmanager
def _opened_archive(
    pack: LanguagePack, models: Path, report: Report, *, source: str | None, patience: Patience | None
) -> Iterator[BinaryIO]:
    """Open the archive, which is the one that was published: it is read from the very file that was compared."""
    pin = pin_of(pack)
    if source is not None and "://" not in source:
        with _brought_by_hand(Path(source), pin, report) as file:
            _require_room(models, unpacked_bytes(file, pack.recognition.vosk.name))
            yield file
        return
    path = _archive(pack, models)
    if not _is_whole(path, pin, report):
        path.unlink(missing_ok=True)
        _require_room(models, pin.size_bytes - fetched_bytes(pack, models) + UNPACKED_RATIO * pin.size_bytes)
        url = source or pack.recognition.vosk.url
        fetch(url, path, pin, report, plain_http=source is not None, patience=patience)
    with path.open("rb") as file:
        _require_room(models, unpacked_bytes(file, pack.recognition.vosk.name))
        yield file


@contextmanager
def _brought_by_hand(path: Path, pin: Pin, report: Report) -> Iterator[BinaryIO]:
    try:
        file = os.fdopen(open_ordinary(path), "rb")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{path} cannot be read ({why}); give the model's archive, a .zip file.") from None
    with file:
        if not matches(file, pin, report):
            raise ModelError(
                f"{path} is not the archive that was published ({pin.size_bytes} bytes with the sha256 {pin.sha256}); "
                "fetch it again."
            )
        yield file


def _is_whole(path: Path, pin: Pin, report: Report) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return matches(file, pin, report)


def _unpack_and_switch(archive: BinaryIO, name: str, models: Path, report: Report) -> None:
    new, old, target = _beside(models, name, "new"), _beside(models, name, "old"), models / name
    try:
        new.mkdir()
        sums = unpack(archive, name, new, report)
        _write_sums(new, sums)
        report.note("Trying it: every file, and some decoding.")
        damage = find_damage(new)
        if damage is not None:
            raise ModelError(
                f"The speech model {name} does not work here: {damage}. Nothing was changed; see that there is memory "
                "and room on the disk, and try again."
            )
        if os.path.lexists(target):
            target.rename(old)
        try:
            new.rename(target)
        except OSError:
            if os.path.lexists(old):
                old.rename(target)
            raise
        _sync(models)
    finally:
        _remove(new)
    _remove(old)


def _write_sums(folder: Path, sums: dict[str, str]) -> None:
    with (folder / MANIFEST).open("x", encoding="utf-8") as file:
        file.writelines(f"{sha256}  {path}\n" for path, sha256 in sums.items())
        file.flush()
        os.fsync(file.fileno())
    for directory in {(folder / path).parent for path in sums} | {folder}:
        _sync(directory)


def _require_room(models: Path, needed: int) -> None:
    free = shutil.disk_usage(models).free
    if free < needed + SPARE_BYTES:
        raise ModelError(
            f"There is not enough room for the speech model in {models}: it needs {_mb(needed + SPARE_BYTES)}, and "
            f"{_mb(free)} are free; make room, or name another folder with VOICECOACH_MODELS."
        )


def _mb(count: int) -> str:
    return f"{-(-count // 10**6)} MB"


def _beside(models: Path, name: str, what: str) -> Path:
    return models / f".{name}.{what}"


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sync(directory: Path) -> None:
    """Bring the names in a directory to the disk. Some file systems cannot."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
