"""Files that are there whole or not at all: written beside their place, and moved into it at the end.

Also, how files of a person's own are read and kept: only ordinary files, and for nobody else's
eyes.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import platformdirs

from voicecoach.errors import UsageError

PRIVATE: Final = 0o600
"""The mode of files that tell of a person."""


class NotOrdinaryError(OSError):
    """There is something in a file's place that is no file."""

    def __init__(self, path: Path) -> None:
        super().__init__(errno.EINVAL, "it is not an ordinary file", os.fspath(path))


def open_ordinary(path: Path, flags: int = os.O_RDONLY, *, narrow: bool = False) -> int:
    """Return a descriptor of an ordinary file, which waits for nobody.

    A file that is made is its owner's alone. With `narrow` one that is there becomes so, too. Raises
    `NotOrdinaryError` for a FIFO, a device, a socket or a directory, else what `os.open` raises.
    """
    try:
        descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY, PRIVATE)
    except OSError as error:
        # A directory that was to be written, a socket, a FIFO without a reader, a missing device.
        if error.errno in (errno.EISDIR, errno.ENXIO, errno.ENODEV):
            raise NotOrdinaryError(path) from None
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotOrdinaryError(path)
        # The umask may have taken away what the owner needs.
        mode = stat.S_IMODE(status.st_mode) & PRIVATE | (PRIVATE if flags & os.O_CREAT else 0)
        if narrow and mode != stat.S_IMODE(status.st_mode):
            with suppress(OSError):
                os.fchmod(descriptor, mode)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def read_ordinary(path: Path, largest: int, *, narrow: bool = False) -> bytes:
    """Return what an ordinary file has, up to so many bytes. Raises as `open_ordinary`."""
    with os.fdopen(open_ordinary(path, narrow=narrow), "rb") as file:
        return file.read(largest)


def private_folder(path: Path) -> None:
    """Make a folder that nobody else may enter, and the folders above it.

    One of ours that is there becomes so, too. One that somebody named for us is left as it is.
    Raises `OSError`.
    """
    for folder in reversed([path, *path.parents]):
        with suppress(FileExistsError):
            if not folder.is_dir():
                folder.mkdir(0o700)
                folder.chmod(0o700)
    if not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), os.fspath(path))
    if path.is_relative_to(platformdirs.user_data_path("voicecoach")) and stat.S_IMODE(path.stat().st_mode) & 0o077:
        with suppress(OSError):
            path.chmod(0o700)


class AtomicFile:
    """A binary file in the making.

    It grows as `.NAME.xxxx.part` beside its target, so that what was written can be looked at after a power cut;
    `close()` brings it to the disk and moves it into place, over what was there. Leaving a `with` block by an exception
    discards it. What a killed process left goes when the same file is written again.

    With `durable=False` it does not wait for the disk: for what can be made again, and is checked when it is read.
    With `over=False` it takes no other file's place. Its mode is `mode`; where that is none, that of the file whose
    place it takes, or what the umask leaves.

    Raises `UsageError` in one line where the path cannot be written: when it is opened, not when an hour of work is
    done.
    """

    def __init__(self, path: Path, *, durable: bool = True, over: bool = True, mode: int | None = None) -> None:
        self.path = path
        self._durable = durable
        self._over = over
        try:
            self._target = Path(os.path.realpath(path))
            before = _status(path)
            if before is not None and stat.S_ISDIR(before.st_mode):
                raise UsageError(f"cannot write {path}: it is a directory; give the name of a file in it")
            # Behind a descriptor, as /dev/stdout is one, there may be a file that has no name.
            if before is not None and not (stat.S_ISREG(before.st_mode) and _is_same(before, _status(self._target))):
                raise UsageError(f"cannot write {path}: it is not an ordinary file; give another name")
            if before is not None and any(_is_same(before, _status_of(number)) for number in (0, 1, 2)):
                raise UsageError(f"cannot write {path}: this command reads or prints there; give another name")
            if before is not None and not over:
                raise self._taken()
            if durable:
                sweep(self._target)
            self._part, descriptor = _begun(self._target)
            if mode is None and before is not None:
                mode = stat.S_IMODE(before.st_mode) & 0o777
            if mode is not None:
                with suppress(PermissionError):
                    # Some file systems have no modes.
                    os.fchmod(descriptor, mode)
        except (OSError, ValueError) as error:
            raise self._error(error) from None
        self.file: BinaryIO = os.fdopen(descriptor, "w+b")
        """Where to write, inside of `guarded()`."""

    def write(self, data: bytes) -> None:
        """Append bytes. Raises `UsageError` where the disk refuses them, and discards the file."""
        with self.guarded():
            self.file.write(data)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn what the disk refuses within the block into a `UsageError`, and discard the file."""
        try:
            yield
        except OSError as error:
            self.discard()
            raise self._error(error) from None

    def close(self) -> None:
        """Bring the file to the disk and move it into place. Nothing happens a second time."""
        if self.file.closed:
            return
        with self.guarded():
            self.file.flush()
            if self._durable:
                os.fsync(self.file.fileno())
            # Moved before it is closed: as long as it is open it is locked, and not swept away.
            self._move()
            self.file.close()
        if self._durable:
            _sync_directory(self._target.parent)

    def discard(self) -> None:
        """Forget the file; the target stays as it was. Nothing happens after `close()`."""
        with suppress(OSError):
            self.file.close()
        with suppress(OSError):
            self._part.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def _move(self) -> None:
        if self._over:
            self._part.replace(self._target)
            return
        try:
            os.link(self._part, self._target)
        except FileExistsError:
            self.discard()
            raise self._taken() from None
        except OSError:
            # A file system without links.
            if self._target.exists():
                self.discard()
                raise self._taken() from None
            self._part.replace(self._target)
        else:
            self._part.unlink()

    def _taken(self) -> UsageError:
        return UsageError(f"{self.path} exists already, and was left as it is; choose another name.")

    def _error(self, error: OSError | ValueError) -> UsageError:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return UsageError(
            f"cannot write {self.path}: {reason}; give a file in a directory that exists, can be written and has room"
        )


class AtomicTextFile:
    """The same for text in UTF-8, with lines ended by a newline."""

    def __init__(self, path: Path, *, private: bool = False, over: bool = True) -> None:
        """Begin it. `private`: where there was none, nobody else may read it."""
        mode = PRIVATE if private and _status(path) is None else None
        self._file = AtomicFile(path, over=over, mode=mode)

    def write(self, text: str) -> None:
        """Append text. Raises `UsageError` where the disk refuses it, and discards the file."""
        self._file.write(text.encode("utf-8", errors="replace"))

    def close(self) -> None:
        """Bring the file to the disk and move it into place. Nothing happens a second time."""
        self._file.close()

    def discard(self) -> None:
        """Forget the file; the target stays as it was."""
        self._file.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)


def bring_to_disk(path: Path) -> None:
    """Have a file that was written without waiting for the disk on it. Any thread; some file systems cannot."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    _sync_directory(path.parent)


def sweep(target: Path) -> None:
    """Remove what killed processes left of a file. What is being written is locked, and stays."""
    pattern = re.compile(re.escape(f".{target.name}.") + r"[0-9a-f]{8}\.part")
    with suppress(OSError):
        for part in target.parent.iterdir():
            if pattern.fullmatch(part.name):
                with suppress(OSError):
                    _remove_unless_locked(part)


def _remove_unless_locked(part: Path) -> None:
    descriptor = open_ordinary(part, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        part.unlink()
    finally:
        os.close(descriptor)


def _begun(target: Path) -> tuple[Path, int]:
    """Return the path and a locked descriptor of a new file beside a target. Raises `OSError`."""
    while True:
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o666)
        with suppress(OSError):
            # Some file systems have no locks; nobody can sweep there either.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return part, descriptor
        # It was swept away before it was locked.
        os.close(descriptor)


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (OSError, ValueError):
        # What hinders is told when it is opened.
        return None


def _status_of(descriptor: int) -> os.stat_result | None:
    try:
        return os.fstat(descriptor)
    except OSError:
        return None


def _is_same(one: os.stat_result, other: os.stat_result | None) -> bool:
    return other is not None and os.path.samestat(one, other)


def _sync_directory(directory: Path) -> None:
    """Bring the new name to the disk too. Some file systems cannot; the file itself is safe there."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
