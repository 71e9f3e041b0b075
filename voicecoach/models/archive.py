"""A model's archive, unpacked with suspicion: only files that a model has, only where they belong.

An archive that holds anything strange is refused as a whole, before the first byte is written: paths that lead
elsewhere, links, names that occur twice, encryption, far more content than its size makes plausible. Harmless files
that no model needs are left out.
"""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from voicecoach.errors import ModelError
from voicecoach.models.report import Report, Step

MEMBERS = frozenset(
    {
        "README",
        "am/final.mdl",
        "conf/mfcc.conf",
        "conf/model.conf",
        "graph/Gr.fst",
        "graph/HCLr.fst",
        "graph/disambig_tid.int",
        "graph/phones.txt",
        "graph/phones/word_boundary.int",
        "ivector/final.dubm",
        "ivector/final.ie",
        "ivector/final.mat",
        "ivector/global_cmvn.stats",
        "ivector/online_cmvn.conf",
        "ivector/splice.conf",
    }
)
"""All files that a small Vosk model has. Which of them it must have is for `voicecoach.listening.model_check`."""
MOST_MEMBERS = 200
LARGEST_RATIO = 20
"""How many times its own size an archive may unpack to. Models reach 4."""
LARGEST_BYTES = 2 * 1000**3
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_BAD_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, IndexError)
"""What `zipfile` raises for archives that are damaged or made to hurt."""


def unpack(archive: BinaryIO, name: str, into: Path, report: Report) -> dict[str, str]:
    """Unpack the files of the model `name` into the new folder `into`, and bring them to the disk.

    Returns each file's path in the folder with its sha256. Raises `ModelError` for an archive that is refused and
    `OSError` where the disk refuses a file; what is in the folder then is of no use.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            chosen = _chosen(opened, name, archive.seek(0, os.SEEK_END))
            total, done = sum(member.file_size for member in chosen.values()), 0
            sums = {}
            for path, member in sorted(chosen.items()):
                target = into / path
                target.parent.mkdir(parents=True, exist_ok=True)
                hashed = hashlib.sha256()
                with opened.open(member) as source, target.open("xb") as file:
                    while chunk := source.read(1024 * 1024):
                        file.write(chunk)
                        hashed.update(chunk)
                        done += len(chunk)
                        report.progress(Step.UNPACKING, done, total)
                    file.flush()
                    os.fsync(file.fileno())
                sums[path] = hashed.hexdigest()
    except _BAD_ARCHIVE as error:
        raise _refused(f"it cannot be read ({error or type(error).__name__})") from error
    return sums


def unpacked_bytes(archive: BinaryIO, name: str) -> int:
    """Return how much room `unpack` needs. Raises `ModelError` for an archive that is refused."""
    try:
        with zipfile.ZipFile(archive) as opened:
            chosen = _chosen(opened, name, archive.seek(0, os.SEEK_END))
            return sum(member.file_size for member in chosen.values())
    except _BAD_ARCHIVE as error:
        raise _refused(f"it cannot be read ({error or type(error).__name__})") from error


def _chosen(opened: zipfile.ZipFile, name: str, archive_bytes: int) -> dict[str, zipfile.ZipInfo]:
    members = opened.infolist()
    if len(members) > MOST_MEMBERS:
        raise _refused(f"it holds {len(members)} files where a model has {len(MEMBERS)}")
    seen: set[str] = set()
    chosen = {}
    for member in members:
        path = _path_in_model(member, name)
        # Some disks take names for the same that differ in capitals only.
        if path.casefold() in seen:
            raise _refused(f"{member.filename!r} is in it twice")
        seen.add(path.casefold())
        if path in MEMBERS and not member.is_dir():
            chosen[path] = member
    total = sum(member.file_size for member in chosen.values())
    if total > min(LARGEST_RATIO * archive_bytes, LARGEST_BYTES):
        raise _refused(f"it would unpack to {total} bytes from {archive_bytes}")
    return chosen


def _path_in_model(member: zipfile.ZipInfo, name: str) -> str:
    """Return a member's path in the model's folder, empty for that folder itself."""
    shown = repr(member.orig_filename[:100])
    # zipfile cuts a name at a zero byte.
    if member.filename != member.orig_filename or "\\" in member.filename or not member.filename.isprintable():
        raise _refused(f"{shown} is not a plain name")
    parts = member.filename.removesuffix("/").split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise _refused(f"{shown} leads out of its folder")
    if parts[0] != name or (len(parts) == 1 and not member.is_dir()):
        raise _refused(f"{shown} is not in the folder {name}")
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _refused(f"{shown} is a link or a device")
    if member.flag_bits & 0x1:
        raise _refused(f"{shown} is encrypted")
    if member.compress_type not in _METHODS:
        raise _refused(f"{shown} is compressed in a way that models are not")
    return "/".join(parts[1:])


def _refused(why: str) -> ModelError:
    return ModelError(
        f"The archive of the speech model is refused: {why}. Nothing was changed; look whether there is a newer "
        "voicecoach, or give the folder of a model with --model DIR."
    )
