"""What was done before: the sessions of the history, for people and for scripts. Reads only, also while one goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from voicecoach.history.records import sound
from voicecoach.history.store import StoreError, read_only, why


@dataclass(frozen=True, slots=True)
class PastSession:
    """One session that was begun."""

    began_s: int
    """When, in seconds since 1970."""
    routine: str
    """The shipped name, or the path of the file."""
    title: str
    outcome: str
    """`done`, `finished` (asked for), `abandoned` (nobody answered) or `broken_off`; so is one that goes on."""
    continued: int
    """How often it was gone on with after the machine had stopped."""
    left_ms: int
    right_ms: int
    both_ms: int
    owed_ms: int


def past_sessions(folder: Path) -> list[PastSession]:
    """Return the sessions that are kept in a folder, the latest first; none where there is no history.

    Rows that are damaged are left out. Raises `StoreError` where it cannot be read.
    """
    connection = read_only(folder)
    if connection is None:
        return []
    with closing(connection):
        try:
            sessions = sound(connection.execute("SELECT * FROM session ORDER BY id DESC").fetchall())
            outcomes = {row[0]: row[1] for row in sound(connection.execute("SELECT * FROM outcome").fetchall())}
            ledger = sound(connection.execute("SELECT * FROM ledger").fetchall())
            continued = dict(connection.execute("SELECT session, count(*) FROM going_on GROUP BY session").fetchall())
        except sqlite3.Error as error:
            raise StoreError(why(error)) from error
    done: dict[tuple[int, str], int] = {}
    for session, _, side, done_ms, owed_ms in ledger:
        done[session, side] = done.get((session, side), 0) + done_ms
        done[session, "owed"] = done.get((session, "owed"), 0) + owed_ms
    return [
        PastSession(
            began_s,
            routine,
            title,
            outcomes.get(number, "broken_off"),
            continued.get(number, 0),
            *(done.get((number, what), 0) for what in ("left", "right", "both", "owed")),
        )
        for number, _, routine, title, began_s in sessions
    ]
