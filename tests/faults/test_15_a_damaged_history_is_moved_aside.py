"""Whatever a damaged history raises, it is moved aside and told once, and the session starts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.coaching.stage import one_exercise_plan, plain_script, speech_of
from tests.fuzz.history import WITH_CHECKSUM, folder_in_memory, small_history, try_bit, try_file, try_one
from tests.history.keeping import KeptStage
from voicecoach.cli import main
from voicecoach.coaching.session import Session
from voicecoach.coaching.states import Ended
from voicecoach.coaching.timing import Timing
from voicecoach.errors import EXIT_DONE, EXIT_USAGE
from voicecoach.history import HISTORY_VARIABLE, History, past_sessions, setup_of
from voicecoach.history.records import checksum
from voicecoach.history.store import KEPT_DAMAGED, NAME


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with folder_in_memory() as folder:
        monkeypatch.setenv(HISTORY_VARIABLE, str(folder))
        folder.joinpath(NAME).write_bytes(small_history())
        yield folder


def edit(folder: Path, statement: str, *values: Any) -> None:
    with closing(sqlite3.connect(folder / NAME)) as connection, connection:
        connection.execute(statement, values)


def put(folder: Path, table: str, column: int, value: Any) -> None:
    """Put a value into the first row of a table, with the checksum that goes with it."""
    with closing(sqlite3.connect(folder / NAME)) as connection, connection:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        old = connection.execute(f"SELECT * FROM {table}").fetchone()
        row = list(old)
        row[column] = value
        if table in WITH_CHECKSUM and not isinstance(value, bytes):
            row[-1] = checksum(row[:-1])
        new = ", ".join(f"{name} = ?" for name in columns)
        which = " AND ".join(f"{name} IS ?" for name in columns)
        connection.execute(f"UPDATE {table} SET {new} WHERE {which}", (*row, *old))


def damaged(folder: Path) -> list[Path]:
    return sorted(folder.glob("history-damaged-*.sqlite"))


def starts_and_tells_once(folder: Path) -> list[str]:
    """Perform a whole session in spite of the damage, and open the history once more."""
    stage = KeptStage(folder, one_exercise_plan())
    stage.begin()
    stage.until_state(Ended)
    stage.close()
    assert stage.done(0) == {"left": 30_000, "right": 30_000}
    after = KeptStage(folder, one_exercise_plan())
    after.close()
    assert not after.told
    # A session that was broken off may be part of what is lost, which is told too.
    assert all("cannot be taken up" in line for line in stage.told[1:])
    return stage.told[:1]


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("session", 3, b"bytes"),
        ("session", 2, b"\xd9\xa0"),
        ("session", 4, "yesterday"),
        ("session", 4, 1 << 60),
        ("session", 4, -1),
        ("session", 4, 1.5),
        ("outcome", 1, 7),
        ("ledger", 2, "behind"),
        ("ledger", 3, -1),
        ("ledger", 3, 1 << 62),
        ("progress", 2, 1 << 50),
        ("progress", 3, 2),
        ("progress", 5, b"boot"),
        ("performance", 3, "[" * 5_000),
        ("performance", 3, '{"timing": Infinity}'),
        ("performance", 3, "null"),
        ("step", 3, '["heard", "dance"]'),
        ("step", 2, "soon"),
        ("speech", 1, b"no zlib"),
        ("speech", 1, "text"),
        ("going_on", 1, "often"),
    ],
)
def test_a_value_that_cannot_be_is_damage_though_its_checksum_is_right(
    folder: Path, table: str, column: int, value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    if table == "going_on":
        edit(folder, "INSERT INTO going_on VALUES (1, 1)")
    put(folder, table, column, value)
    assert main(["history"]) == EXIT_DONE
    assert "voicecoach failed" not in capsys.readouterr().err
    (told,) = starts_and_tells_once(folder)
    assert "was damaged, and a new one begins" in told
    assert len(damaged(folder)) == 1


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TRIGGER more AFTER INSERT ON step BEGIN DELETE FROM session; END",
        "CREATE TRIGGER more BEFORE INSERT ON step BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE VIEW more AS SELECT * FROM session",
        "ALTER TABLE ledger ADD COLUMN more TEXT",
        "DROP TABLE going_on",
        "CREATE TABLE more (id INTEGER)",
        "PRAGMA user_version = 1000000",
    ],
)
def test_tables_that_are_not_those_of_a_history_are_damage(folder: Path, change: str) -> None:
    edit(folder, change)
    assert main(["history"]) == EXIT_USAGE
    (told,) = starts_and_tells_once(folder)
    assert "was damaged" in told
    assert len(damaged(folder)) == 1


def test_text_that_is_none_is_damage_wherever_it_stands(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a name of SQLite's own, which then stands in its messages; and in a value."""
    for text in (b"sqlite_autoindex", b"outcome", b"routine TEXT", b"fee"):
        data = bytearray(small_history())
        at = data.find(text)
        while at >= 0:
            data[at + 1] ^= 0x80
            at = data.find(text, at + 1)
        folder.joinpath(NAME).write_bytes(data)
        assert main(["history"]) in (EXIT_DONE, EXIT_USAGE)
        assert "voicecoach failed" not in capsys.readouterr().err
        (told,) = starts_and_tells_once(folder)
        assert "was damaged" in told


@pytest.mark.parametrize("at", [18, 19, 47])
def test_a_header_that_forbids_to_write_or_read_is_damage(folder: Path, at: int) -> None:
    data = bytearray(small_history())
    data[at] ^= 0x14
    folder.joinpath(NAME).write_bytes(data)
    (told,) = starts_and_tells_once(folder)
    assert "was damaged" in told


def test_any_bit_may_be_flipped() -> None:
    """Some of the header's, and one in 593 of the rest. The fuzzer flips them all."""
    for bit in (*range(0, 8 * 28, 3), *range(8 * 28, 8 * len(small_history()), 593)):
        try_bit(bit)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(min_value=1_000_000, max_value=2_000_000))
def test_any_damage_leaves_a_session_that_starts(seed: int) -> None:
    try_one(seed)


def test_files_that_are_no_database_are_damage() -> None:
    for data in (
        b"",
        b"\0",
        b"SQLite format 3\0",
        b"This is no database. " * 200,
        bytes(5_000),
        small_history()[:1000],
    ):
        try_file(data)


def test_what_can_be_read_of_a_damaged_history_is_in_the_new_one(folder: Path) -> None:
    before = past_sessions(folder)
    assert [session.outcome for session in before] == ["broken_off", "done"]
    put(folder, "session", 3, b"no title")
    History(folder, lambda _line: None).close()
    assert past_sessions(folder) == before[:1]
    # What came of the session that is lost is counted with no other one.
    with closing(sqlite3.connect(folder / NAME)) as connection:
        assert connection.execute("SELECT count(*) FROM outcome WHERE session = 1").fetchone() == (0,)


def test_a_session_that_was_broken_off_is_gone_on_with_from_a_damaged_history(folder: Path) -> None:
    put(folder, "session", 3, b"no title")
    stage = KeptStage(folder, one_exercise_plan())
    assert stage.comes_back
    stage.close()


def test_damaged_files_get_names_of_their_own_also_where_the_clock_is_wrong(
    folder: Path,
) -> None:
    """The one of now is kept, though by its name it is older than others."""
    for name in ("history-damaged-2090.sqlite", "history-damaged-2091.sqlite"):
        folder.joinpath(name).write_text("older")
    for number in range(4):
        folder.joinpath(NAME).write_bytes(b"This is no database. %d" % number)
        stage = KeptStage(folder, one_exercise_plan())
        stage.close()
        (told,) = stage.told
        kept = [path for path in damaged(folder) if str(path) in told]
        assert [path.read_bytes() for path in kept] == [b"This is no database. %d" % number]
        assert len(damaged(folder)) == KEPT_DAMAGED


def test_a_routine_whose_path_is_no_text_is_written_down(tmp_path: Path) -> None:
    told: list[str] = []
    plan, script = one_exercise_plan(), plain_script()
    speech = speech_of(plan)
    with History(tmp_path, told.append) as history:
        session = Session(plan, script, speech)
        setup = setup_of(Timing(), 160, 0, speech)
        recorded = history.recorded(session, plan, script, setup=setup, table=speech, routine="/home/\udce4/mine.yaml")
        recorded.begin(0)
    assert not told
    assert [one.routine for one in past_sessions(tmp_path)] == ["/home/?/mine.yaml"]


def test_history_lists_what_is_sound_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder, "session", 4, 1 << 60)
    assert main(["history", "--json"]) == EXIT_DONE
    assert [session["outcome"] for session in json.loads(capsys.readouterr().out)] == ["broken_off"]
