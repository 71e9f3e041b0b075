"""Files that are there whole or not at all: written beside their place, and moved into it at the end."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from voicecoach.errors import UsageError


class AtomicFile:
    """A binary file in the making.

    It grows as `.NAME.xxxx.part` beside its target, so that what was written can be looked at after a power cut;
    `close()` brings it to the disk and moves it into place, over what was there. Leaving a `with` block by an exception
    discards it.

    With `durable=False` it does not wait for the disk: for what can be made again, and is checked when it is read.

    Raises `UsageError` in one line where the path cannot be written: when it is opened, not when an hour of work is
    done.
    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self.path = path
        self._durable = durable
        try:
            self._target = Path(os.path.realpath(path))
        except (OSError, ValueError) as error:
            raise self._error(error) from None
        if self._target.is_dir():
            raise UsageError(f"cannot write {path}: it is a directory; give the name of a file in it")
        if self._target.exists() and not self._target.is_file():
            raise UsageError(f"cannot write {path}: it is not an ordinary file; give another name")
        self._part = self._target.with_name(f".{self._target.name}.{secrets.token_hex(4)}.part")
        try:
            descriptor = os.open(self._part, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o666)
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
            self.file.close()
            self._part.replace(self._target)
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

    def _error(self, error: OSError | ValueError) -> UsageError:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return UsageError(
            f"cannot write {self.path}: {reason}; give a file in a directory that exists, can be written and has room"
        )


class AtomicTextFile:
    """The same for text in UTF-8, with lines ended by a newline."""

    def __init__(self, path: Path) -> None:
        self._file = AtomicFile(path)

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


def _sync_directory(directory: Path) -> None:
    """Bring the new name to the disk too. Some file systems cannot; the file itself is safe there."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
