"""Damage a history in some way, and open it with everything that reads one.

A case is the same for the same seed. The first cases flip one bit of a small history each, from the
first bit to the last. Later ones overwrite, cut and edit it.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.coaching.stage import one_exercise_plan
from tests.history.keeping import KeptStage, log_of
from voicecoach.coaching.states import Working
from voicecoach.history import StoreError, past_sessions, store
from voicecoach.history.records import checksum
from voicecoach.history.store import NAME, TABLES

WITH_CHECKSUM = ("performance", "progress", "session", "outcome", "ledger")


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Give a folder where a sync costs nothing, if this machine has one."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory, prefix="vc-history-") as folder:
        yield Path(folder)


@cache
def small_history() -> bytes:
    """Return a history with a session that was done and one that was broken off in a hold."""
    with folder_in_memory() as folder, patch.object(store, "PAGE_BYTES", 512):
        for ends in (True, False):
            stage = KeptStage(folder, one_exercise_plan())
            stage.begin()
            stage.until_state(Working)
            stage.until(stage.now + (600_000 if ends else 10_000))
            stage.close()
        return folder.joinpath(NAME).read_bytes()


def open_with_all_that_read_it(folder: Path) -> None:
    """Open a history as `history`, `run` and `standby` do; twice, since damage is told once."""
    with suppress(StoreError):
        past_sessions(folder)
    told = []
    for _ in range(2):
        stage = KeptStage(folder, one_exercise_plan())
        told.append(stage.told)
        stage.history.last_routine()
        stage.begin()
        stage.until(stage.now + 3_000)
        stage.close()
        newer = any("a newer voicecoach has written it" in line for line in stage.told)
        assert newer or not any("cannot be used" in line for line in stage.told), stage.told
        if not newer:
            past_sessions(folder)
    assert len(told[0]) <= 2, told
    assert newer or not told[1], told


def try_bit(number: int) -> None:
    """Flip one bit."""
    data = bytearray(small_history())
    data[number // 8] ^= 1 << number % 8
    try_file(bytes(data))


def try_file(data: bytes) -> None:
    """Open these bytes as a history."""
    with folder_in_memory() as folder:
        folder.joinpath(NAME).write_bytes(data)
        open_with_all_that_read_it(folder)


def try_one(seed: int) -> None:
    """Try one case."""
    if seed <= 8 * len(small_history()):
        try_bit(seed - 1)
        return
    chance = random.Random(seed)
    with folder_in_memory() as folder:
        folder.joinpath(NAME).write_bytes(small_history())
        chance.choice((_overwrite, _cut, _edit, _edit, _edit, _change_schema, _damage_log))(folder, chance)
        open_with_all_that_read_it(folder)


def _overwrite(folder: Path, chance: random.Random) -> None:
    data = bytearray(small_history())
    for _ in range(chance.randint(1, 20)):
        at = chance.randrange(len(data))
        length = min(chance.choice((1, 2, 8, 512)), len(data) - at)
        data[at : at + length] = chance.choice((bytes(length), b"\xff" * length, chance.randbytes(length)))
    folder.joinpath(NAME).write_bytes(data)


def _cut(folder: Path, chance: random.Random) -> None:
    os.truncate(folder / NAME, chance.randrange(len(small_history()) + 1))


def _value(chance: random.Random) -> Any:
    some = (None, 0, -1, 1 << 62, -(1 << 63), 0.5, float("inf"), "", "x" * 10_000, "\x1b[31m", b"", b"\xff\xfe")
    json = ('["time"]', "[" * 5_000, '{"timing": {}}', '["heard", "dance"]', '["came_back", 1]', "Infinity", "1e999")
    return chance.choice((*some, *json, chance.randrange(1 << 40), str(chance.random())))


def _edit(folder: Path, chance: random.Random) -> None:
    """Put any value into any column, and the right checksum beside it."""
    with closing(sqlite3.connect(folder / NAME)) as connection, connection, suppress(sqlite3.Error, OverflowError):
        for _ in range(chance.randint(1, 4)):
            table = chance.choice(TABLES)
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            rows = connection.execute(f"SELECT * FROM {table}").fetchall()
            if not rows:
                continue
            row = list(chance.choice(rows))
            at = chance.randrange(len(row))
            row[at] = _value(chance)
            if table in WITH_CHECKSUM and at < len(row) - 1:
                with suppress(TypeError):
                    row[-1] = checksum(row[:-1])
            marks = ", ".join("?" * len(columns))
            connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", row)


def _change_schema(folder: Path, chance: random.Random) -> None:
    table = chance.choice(TABLES)
    change = chance.choice(
        (
            f"DROP TABLE {table}",
            f"ALTER TABLE {table} ADD COLUMN more TEXT",
            f"ALTER TABLE {table} RENAME TO other",
            "CREATE VIEW more AS SELECT * FROM session",
            f"CREATE TRIGGER more AFTER INSERT ON {table} BEGIN DELETE FROM session; END",
            f"CREATE TRIGGER more BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END",
            "CREATE TABLE more (id INTEGER)",
            f"PRAGMA user_version = {chance.choice((0, -1, 2, 1_000_000))}",
            "PRAGMA journal_mode = DELETE",
            "PRAGMA application_id = 7",
        )
    )
    with closing(sqlite3.connect(folder / NAME)) as connection, connection:
        connection.execute(change)


def _damage_log(folder: Path, chance: random.Random) -> None:
    """Leave a log and its index as a kill would, and then not quite so."""
    with folder_in_memory() as other:
        shutil.copy(folder / NAME, other / NAME)
        stage = KeptStage(other, one_exercise_plan())
        stage.begin()
        stage.until(stage.now + 2_000)
        shutil.rmtree(folder)
        stage.killed(folder)
        stage.close()
    for path in (log_of(folder), folder / f"{NAME}-shm"):
        data = bytearray(path.read_bytes())
        for _ in range(chance.randint(0, 4)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data[: chance.choice((len(data), chance.randrange(len(data))))])
    if chance.random() < 0.2:
        os.truncate(folder / NAME, 0)
