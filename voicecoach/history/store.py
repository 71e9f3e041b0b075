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
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from voicecoach.atomic_file import open_ordinary, private_folder
from voicecoach.history.records import Statement, is_sound

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
_LAST_FORMAT: Final = 99
"""A later version than this was never written: some bit of the number is wrong."""
_MOST_ROWS: Final = 200_000
"""Of a table, five times what is kept: more are not read from a damaged file."""
_ENDINGS: Final = ("-wal", "-journal", "")
"""Of the files that belong to a database."""
_NOT_DAMAGE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
    }
)
"""What SQLite says of the machine, and not of the file."""

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
TABLES: Final = tuple(statement.split()[2] for statement in SCHEMA)


class StoreError(Exception):
    """The file cannot be used; the text says why, as the end of a sentence."""


class DamageError(StoreError):
    """The file is damaged, whatever it is that shows it."""


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
            private_folder(folder)
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
        except (sqlite3.Error, OSError, ValueError) as error:
            raise StoreError(why(error)) from error

    def read(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query. Raises `StoreError`."""
        assert self._connection is not None
        try:
            return self._connection.execute(query, values).fetchall()
        except (sqlite3.Error, ValueError) as error:
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
        except DamageError:
            self.moved_aside = _move_aside(self.path)
        connection = _connected(self.path)
        _take_over(self.moved_aside, connection)
        return connection

    def _write(self, statements: Iterable[Statement]) -> None:
        assert self._connection is not None
        _carry_out(self._connection, statements)

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

    Single rows may be damaged: `sound_rows` leaves them out. Raises `StoreError` where it cannot be
    read.
    """
    path = folder / NAME
    try:
        _refuse_others(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(why(error)) from error
    with _telling_damage(path):
        connection = _readable(path)
        try:
            _check(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def sound_rows(connection: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table that have what belongs there, whole."""
    for row in connection.execute(f"SELECT * FROM {table} LIMIT {_MOST_ROWS}"):
        if is_sound(table, row):
            yield row


def why(error: Exception) -> str:
    """Return why something cannot be used, as the end of a sentence."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error)


def _readable(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)
    _configure(connection)
    return connection


def _configure(connection: sqlite3.Connection) -> None:
    # What is no text shows by its checksum. Nothing else, as a message of SQLite's, may fail for it.
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")


def _connected(path: Path) -> sqlite3.Connection:
    """Return a connection to a database in which everything is sound.

    Raises `DamageError` where something is not, and `StoreError` or `OSError` for all else.
    """
    with suppress(FileNotFoundError):
        _refuse_others(path)
    # Made here, since SQLite would go by the umask; what belongs to it takes its mode.
    os.close(open_ordinary(path, os.O_RDWR | os.O_CREAT, narrow=True))
    with _telling_damage(path):
        if path.stat().st_size > 2 * LARGEST_BYTES or (not path.stat().st_size and _size(path, "-wal")):
            raise DamageError("its length cannot be")
        connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
        try:
            _configure(connection)
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
            # A wrong bit in the header forbids writing, which shows only here.
            connection.execute("BEGIN")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.execute("ROLLBACK")
            _check_rows(connection)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def _telling_damage(path: Path) -> Iterator[None]:
    """Turn whatever a damaged file raises within the block into a `DamageError`."""
    try:
        yield
    except (OSError, StoreError):
        raise
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        forbidden = code == sqlite3.SQLITE_READONLY and not os.access(path, os.W_OK)
        if forbidden or code in _NOT_DAMAGE:
            raise StoreError(why(error)) from error
        raise DamageError(why(error)) from error
    except Exception as error:
        raise DamageError("it is damaged") from error


def _check(connection: sqlite3.Connection) -> None:
    """See whether its form is sound, and ours to read."""
    [(first,), *_] = connection.execute("PRAGMA integrity_check(1)").fetchall()
    if first != "ok":
        raise DamageError("it is damaged")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if FORMAT < version <= _LAST_FORMAT:
        raise StoreError(f"a newer voicecoach has written it (format {version}, and this one reads {FORMAT})")
    found = _schema(connection)
    if (version or found) and not (version == FORMAT and found == _own_schema()):
        raise DamageError("its tables are not those of a history")


def _check_rows(connection: sqlite3.Connection) -> None:
    for table in TABLES:
        for row in connection.execute(f"SELECT * FROM {table}"):
            if not is_sound(table, row):
                raise DamageError("it has values that cannot be")


def _schema(connection: sqlite3.Connection) -> frozenset[tuple[Any, ...]]:
    return frozenset(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema"))


@cache
def _own_schema() -> frozenset[tuple[Any, ...]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in SCHEMA:
            connection.execute(statement)
        return _schema(connection)


def _take_over(damaged: Path, connection: sqlite3.Connection) -> None:
    """Put into an empty database what can still be read of a damaged one."""
    changes: list[Statement] = []
    with suppress(Exception), closing(_readable(damaged)) as old:
        for table in TABLES:
            with suppress(Exception):
                for row in sound_rows(old, table):
                    changes.append((f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(row))})", row))
    # What came of a session that is lost would be counted with another one.
    for table, of in (
        ("outcome", "session"),
        ("going_on", "session"),
        ("ledger", "session"),
        ("progress", "performance"),
        ("step", "performance"),
    ):
        changes.append((f"DELETE FROM {table} WHERE {of} NOT IN (SELECT id FROM {of})", ()))
    # Reading has made these, unless there was a log.
    damaged.with_name(f"{damaged.name}-shm").unlink(missing_ok=True)
    if not _size(damaged, "-wal"):
        damaged.with_name(f"{damaged.name}-wal").unlink(missing_ok=True)
    with suppress(sqlite3.Error):
        _carry_out(connection, changes)


def _carry_out(connection: sqlite3.Connection, changes: Iterable[Statement]) -> None:
    """Carry out changes in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement, values in changes:
            connection.execute(statement, values)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise


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


def _move_aside(path: Path) -> Path:
    """Move a damaged database and its log out of the way, over nothing, and return where to."""
    stem = path.with_name(f"history-damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.sqlite")
    while any(os.path.lexists(stem.with_name(stem.name + ending)) for ending in _ENDINGS):
        stem = stem.with_name(f"{stem.stem}-again.sqlite")
    # The log first: without its database it would only be deleted, and the database alone is damaged still.
    for ending in _ENDINGS:
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(stem.with_name(stem.name + ending))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    # Where the clock is wrong, the name of this one may come before those of older ones.
    older = sorted(one for one in path.parent.glob("history-damaged-*.sqlite") if one != stem)
    for old in older[: len(older) + 1 - KEPT_DAMAGED]:
        for ending in _ENDINGS:
            old.with_name(old.name + ending).unlink(missing_ok=True)
    return stem


def _refuse_others(path: Path) -> None:
    """Raise `OSError` where what is no file is in the place of one: SQLite might wait for it."""
    for ending in ("-shm", *_ENDINGS):
        with suppress(*([] if not ending else [FileNotFoundError])):
            os.close(open_ordinary(path.with_name(path.name + ending), os.O_RDONLY))


def _size(path: Path, ending: str) -> int:
    try:
        return path.with_name(path.name + ending).stat().st_size
    except FileNotFoundError:
        return 0


def _locked(path: Path) -> int:
    """Return a descriptor of a file that this process alone has locked; a killed process leaves no lock."""
    descriptor = open_ordinary(path, os.O_RDWR | os.O_CREAT, narrow=True)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise StoreError("another session is going on, and is written down there") from None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
