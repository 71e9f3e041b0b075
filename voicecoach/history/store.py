"""The file of the history: an SQLite database that survives kills, power cuts, damage and full disks.

How it is kept
--------------
Every write is one transaction in the write-ahead log, without waiting for the disk: that costs a fraction of a
millisecond, and whoever kills the process loses nothing. Bringing it to the disk can take a memory card half a second,
which no tone may wait for, so a thread does that: soon after what matters, and at the end of each hold the coach waits
for it, but not for long. A power cut leaves whole transactions, in their order, up to the last that reached the disk or
a later one: each frame of the log has a checksum that counts in all before it.

The log is folded into the database when the file is opened and closed, and in very long sessions at the end of a hold.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

FORMAT: Final = 1
"""The version of the tables that this program writes."""
NAME: Final = "history.sqlite"
_LOCK_NAME: Final = "history.lock"
PAGE_BYTES: Final = 1024
"""A transaction writes one to three pages to the log, so small ones wear a card less."""
LARGEST_BYTES: Final = 32 * 1024 * 1024
"""The database and, apart from it, its log grow to about this; more is refused as by a full disk."""
FOLD_BYTES: Final = 8 * 1024 * 1024
"""The log is folded into the database at the end of a hold when it is longer than this: after about two hours."""
KEPT_DAMAGED: Final = 2
"""So many damaged files are kept for whoever wants to look."""
BUSY_S: Final = 0.5
"""So long the file may be in use by whoever lists it."""

Statement = tuple[str, Sequence[Any]]
"""One change, with its values."""

SCHEMA: Final = (
    """CREATE TABLE performance (
        id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, routine TEXT NOT NULL, setup TEXT NOT NULL,
        crc INTEGER NOT NULL)""",
    """CREATE TABLE progress (
        performance INTEGER PRIMARY KEY, steps INTEGER NOT NULL, reached_ms INTEGER NOT NULL,
        can_be_taken_up INTEGER NOT NULL, wall_s INTEGER NOT NULL, boot TEXT NOT NULL, uptime_ms INTEGER NOT NULL,
        crc INTEGER NOT NULL)""",
    """CREATE TABLE step (
        performance INTEGER NOT NULL, number INTEGER NOT NULL, now_ms INTEGER NOT NULL, step TEXT NOT NULL,
        crc INTEGER NOT NULL, PRIMARY KEY (performance, number)) WITHOUT ROWID""",
    """CREATE TABLE speech (name TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE session (
        id INTEGER PRIMARY KEY, performance INTEGER NOT NULL, routine TEXT NOT NULL, title TEXT NOT NULL,
        began_s INTEGER NOT NULL, crc INTEGER NOT NULL)""",
    """CREATE TABLE outcome (
        session INTEGER PRIMARY KEY, reason TEXT NOT NULL, ended_s INTEGER NOT NULL, crc INTEGER NOT NULL)""",
    """CREATE TABLE going_on (session INTEGER NOT NULL, at_s INTEGER NOT NULL, PRIMARY KEY (session, at_s))""",
    """CREATE TABLE ledger (
        session INTEGER NOT NULL, exercise TEXT NOT NULL, side TEXT NOT NULL, done_ms INTEGER NOT NULL,
        owed_ms INTEGER NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (session, exercise, side)) WITHOUT ROWID""",
)


class StoreError(Exception):
    """The file cannot be used; the text says why, as the end of a sentence."""


class Store:
    """The open database. One thread uses it, and one process writes it at a time."""

    def __init__(self, folder: Path) -> None:
        """Open the database in a folder, and make both where they are missing. A damaged one is moved aside.

        Raises `StoreError` where it cannot be written, was written by a newer version, or is written by another
        process.
        """
        self.path = folder / NAME
        self.moved_aside: Path | None = None
        """Where a damaged database was moved to just now, if there was one."""
        self._lock: int | None = None
        self._connection: sqlite3.Connection | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(folder / _LOCK_NAME)
            self._connection = self._opened()
        except (OSError, sqlite3.Error) as error:
            self._release()
            raise StoreError(why(error)) from error
        except BaseException:
            self._release()
            raise
        self._syncer = _Syncer(self.path.with_name(f"{NAME}-wal"))

    def write(self, statements: Iterable[Statement]) -> None:
        """Carry out changes, all or none; a killed process keeps them. Raises `StoreError`, and has changed nothing."""
        if self._syncer.failed is not None:
            raise StoreError(why(self._syncer.failed))
        try:
            self._write(statements)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(why(error)) from error

    def read(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query. Raises `StoreError`."""
        assert self._connection is not None
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(why(error)) from error

    def sync_soon(self) -> None:
        """Have what was written brought to the disk."""
        self._syncer.ask()

    def sync(self, limit_s: float) -> bool:
        """Wait until what was written is on the disk, but no longer than that. Return whether it is."""
        return self._syncer.ask().wait(limit_s)

    def fold_long_log(self) -> None:
        """Fold the log into the database if it has become long. May take as long as the disk likes."""
        with suppress(OSError, sqlite3.Error):
            if self.path.with_name(f"{NAME}-wal").stat().st_size > FOLD_BYTES:
                assert self._connection is not None
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Bring everything to the disk, and fold the log into the database."""
        if self._connection is None:
            return
        self._syncer.close()
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _opened(self) -> sqlite3.Connection:
        """Return a connection to a sound database. One that is damaged is moved aside, once."""
        try:
            return _connected(self.path)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
        self.moved_aside = _move_aside(self.path)
        return _connected(self.path)

    def _write(self, statements: Iterable[Statement]) -> None:
        connection = self._connection
        assert connection is not None
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement, values in statements:
                connection.execute(statement, values)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
            raise

    def _release(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class _Syncer:
    """Brings the log to the disk, in a thread. Several wishes at once are one."""

    def __init__(self, log: Path) -> None:
        self.failed: OSError | None = None
        self._log = log
        self._descriptor: int | None = None
        self._wake = threading.Condition()
        self._wanted: threading.Event | None = None
        self._closed = False
        self._thread: threading.Thread | None = None

    def ask(self) -> threading.Event:
        """Have everything written before now brought to the disk; the event is set when it is there."""
        with self._wake:
            if self._wanted is None:
                self._wanted = threading.Event()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="history to disk", daemon=True)
                self._thread.start()
            self._wake.notify()
            return self._wanted

    def close(self, limit_s: float = 2.0) -> None:
        """End the thread. What was asked for is done first, unless the disk does not answer."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(limit_s)

    def _work(self) -> None:
        while True:
            with self._wake:
                while self._wanted is None and not self._closed:
                    self._wake.wait()
                done, self._wanted = self._wanted, None
            if done is None:
                break
            try:
                self._sync()
            except OSError as error:
                self.failed = error
                break
            done.set()
        if self._descriptor is not None:
            os.close(self._descriptor)

    def _sync(self) -> None:
        if self._descriptor is None:
            self._descriptor = os.open(self._log, os.O_RDONLY)
            folder = os.open(self._log.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        os.fdatasync(self._descriptor)


def read_only(folder: Path) -> sqlite3.Connection | None:
    """Return a connection for reading, also while a session is being written; none where there is no history yet.

    Raises `StoreError` where it cannot be read.
    """
    path = folder / NAME
    if not path.exists():
        return None
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)
        _check(connection)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(why(error)) from error
    return connection


def why(error: Exception) -> str:
    """Return why something cannot be used, as the end of a sentence."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error)


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        _check(connection)
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise StoreError("its file system cannot keep a write-ahead log")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute(f"PRAGMA max_page_count = {LARGEST_BYTES // PAGE_BYTES}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _make_tables(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection) -> None:
    """See whether it is sound, and ours to read."""
    [(first,), *_] = connection.execute("PRAGMA quick_check(1)").fetchall()
    if first != "ok":
        raise sqlite3.DatabaseError("malformed")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > FORMAT:
        raise StoreError(f"a newer voicecoach has written it (format {version}, and this one reads {FORMAT})")
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    wanted = {statement.split()[2] for statement in SCHEMA}
    if (version or found) and not (version == FORMAT and wanted <= found):
        raise sqlite3.DatabaseError("malformed")


def _make_tables(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == FORMAT:
        return
    # In one transaction, and on the disk: so a database has either no table or all of them.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    for statement in SCHEMA:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.execute("COMMIT")
    connection.execute("PRAGMA synchronous = NORMAL")


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is None or code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _move_aside(path: Path) -> Path:
    """Move a damaged database and its log out of the way, and return where to."""
    stem = path.with_name(f"history-damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.sqlite")
    # The log first: without its database it would only be deleted, and the database alone is damaged still.
    for ending in ("-wal", ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(stem.with_name(stem.name + ending))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    damaged = sorted(path.parent.glob("history-damaged-*.sqlite"))
    for old in damaged[:-KEPT_DAMAGED]:
        for ending in ("-wal", ""):
            old.with_name(old.name + ending).unlink(missing_ok=True)
    return stem


def _locked(path: Path) -> int:
    """Return a descriptor of a file that this process alone has locked; a killed process leaves no lock."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise StoreError("another session is going on, and is written down there") from None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
