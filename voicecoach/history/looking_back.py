"""What was done before: the sessions of the history, for people and for scripts. Reads only, also while one goes on."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from voicecoach.history.store import StoreError, read_only, sound_rows, why


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
            sessions, outcomes, going_on, ledger = (
                list(sound_rows(connection, table)) for table in ("session", "outcome", "going_on", "ledger")
            )
        except sqlite3.Error as error:
            raise StoreError(why(error)) from error
    ended = {session: reason for session, reason, _, _ in outcomes}
    continued = Counter(session for session, _ in going_on)
    done: Counter[tuple[int, str]] = Counter()
    for session, _, side, done_ms, owed_ms, _ in ledger:
        done[session, side] += done_ms
        done[session, "owed"] += owed_ms
    return [
        PastSession(
            began_s,
            routine,
            title,
            ended.get(number, "broken_off"),
            continued[number],
            *(done[number, what] for what in ("left", "right", "both", "owed")),
        )
        for number, _, routine, title, began_s, _ in sorted(sessions, reverse=True)
    ]
