"""The history of this machine's sessions: what was broken off, what is written down now, and what was done before."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import platformdirs

from voicecoach.coaching.messages import SpeechTable
from voicecoach.coaching.script import Script
from voicecoach.coaching.session import Session
from voicecoach.coaching.timing import Timing
from voicecoach.history.journal import Journal, Numbers
from voicecoach.history.moment import Moment, moment_now, seconds_between
from voicecoach.history.recorded_session import RecordedSession
from voicecoach.history.records import Progress, Setup, Statement, checksum
from voicecoach.history.restoring import Call, fingerprint, replayed
from voicecoach.history.steps import decoded, packed, unpacked
from voicecoach.history.store import Store, StoreError
from voicecoach.routine.plan import Plan

HISTORY_VARIABLE: Final = "VOICECOACH_HISTORY"
"""Environment variable that names another folder for the history."""
TAKEN_UP_S: Final = 4 * 60 * 60
"""A session that was broken off longer ago is not taken up any more: whoever comes back in the evening begins anew."""
KEPT_SESSIONS: Final = 2_000
"""The oldest beyond this are forgotten: five years of a session a day, in six megabytes."""


def history_folder() -> Path:
    """Return the folder that the history is kept in."""
    named = os.environ.get(HISTORY_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_data_dir("voicecoach")) / "history"


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """A session whose process ended in the middle."""

    performance: int
    routine: str
    """As it was named: a shipped name, or the path of a file."""
    title: str
    fingerprint: str
    setup: Setup
    progress: Progress


@dataclass(frozen=True, slots=True)
class TakenUp:
    """A session that was brought to where it was, and can come back."""

    session: Session
    setup: Setup
    numbers: Numbers


class History:
    """Open for one session. One thread uses it. Nothing here fails for want of a disk: it is told, and done without."""

    def __init__(self, folder: Path, tell: Callable[[str], None], moment: Callable[[], Moment] = moment_now) -> None:
        """Open the history in a folder. `tell` is given lines for people."""
        self._tell = tell
        self._moment = moment
        self._store: Store | None = None
        try:
            self._store = Store(folder)
        except StoreError as error:
            tell(
                f"The history in {folder} cannot be used: {error}. The session goes on all the same, but nothing of it"
                f" is kept; see to the folder, or name another one with {HISTORY_VARIABLE}."
            )
            return
        if self._store.moved_aside is not None:
            tell(
                "The history was damaged, and a new one begins with what could be read of it; the old one is kept as"
                f" {self._store.moved_aside}."
            )

    def broken_off(self) -> BrokenOff | None:
        """Return the last session, if it was broken off, not too long ago, and can be taken up."""
        try:
            return self._broken_off()
        except (StoreError, ValueError):
            return None

    def last_routine(self) -> str | None:
        """Return how the routine of the last session is named; none where there was none, or it cannot be read."""
        try:
            rows = (
                [] if self._store is None else self._store.read("SELECT routine FROM session ORDER BY id DESC LIMIT 1")
            )
        except StoreError:
            return None
        return rows[0][0] if rows else None

    def take_up(self, broken: BrokenOff, plan: Plan, script: Script) -> TakenUp | None:
        """Bring a new session of this plan to where it was; none where that cannot be, which is told."""
        since = datetime.fromtimestamp(broken.progress.at.wall_s, UTC).astimezone()
        what = f"The session of '{broken.title}' that was broken off at {since:%H:%M}"
        if broken.fingerprint != fingerprint(plan, script):
            self._tell(f"{what} was of another routine, language or version; a new one begins.")
            return None
        try:
            return self._replayed(broken, plan, script)
        except StoreError as error:
            self._tell(f"{what} cannot be read any more: {error}; a new one begins.")
        except Exception:  # noqa: BLE001 - what was written down by another hand may lead anywhere, and nothing may hang on it
            self._tell(f"{what} cannot be taken up: what is written down of it is damaged. A new one begins.")
        return None

    def recorded(
        self, session: Session, plan: Plan, script: Script, *, setup: Setup, table: SpeechTable, routine: str
    ) -> RecordedSession:
        """Return a session that has not begun as one that is written down. `routine`: how it is named to take it up."""
        numbers = self._numbers()
        journal = self._journal(numbers, routine, plan.title)
        journal.begin(fingerprint(plan, script), setup.as_text(), table, _tidied(numbers.session))
        return RecordedSession(session, journal)

    def recorded_again(self, taken: TakenUp, plan: Plan, table: SpeechTable, routine: str) -> RecordedSession:
        """Return a session that was taken up as one that is written down further."""
        return RecordedSession(taken.session, self._journal(taken.numbers, routine, plan.title), comes_back=table)

    def close(self) -> None:
        """Bring everything to the disk."""
        if self._store is not None:
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _journal(self, numbers: Numbers, routine: str, title: str) -> Journal:
        return Journal(self._store, numbers, routine=routine, title=title, moment=self._moment, tell=self._tell)

    def _broken_off(self) -> BrokenOff | None:
        if self._store is None:
            return None
        rows = self._store.read("SELECT * FROM performance ORDER BY id DESC LIMIT 1")
        if not rows:
            return None
        [(performance, mark, routine, setup, _)] = rows
        [(_, *row, _)] = self._store.read("SELECT * FROM progress WHERE performance = ?", (performance,))
        progress = Progress.from_row(row)
        gone_s = seconds_between(progress.at, self._moment())
        if not progress.can_be_taken_up or (gone_s is not None and gone_s > TAKEN_UP_S):
            return None
        [(title,)] = self._store.read("SELECT title FROM session WHERE performance = ? LIMIT 1", (performance,))
        return BrokenOff(performance, routine, title, mark, Setup.from_text(setup), progress)

    def _replayed(self, broken: BrokenOff, plan: Plan, script: Script) -> TakenUp:
        assert self._store is not None
        performance, progress = broken.performance, broken.progress
        calls, chain = [], 0
        query = "SELECT number, now_ms, step, crc FROM step WHERE performance = ? ORDER BY number"
        for count, (number, now_ms, step, crc) in enumerate(self._store.read(query, (performance,)), 1):
            chain = checksum((performance, number, now_ms, step), chain)
            if number != count or crc != chain:
                raise ValueError("a step is missing or damaged")
            calls.append(Call(now_ms, decoded(step, self._table)))
        if len(calls) != progress.steps:
            raise ValueError("the last steps are missing")
        table = self._table(broken.setup.speech)
        session, ledger = replayed(plan, script, broken.setup, table, calls=calls, reached_ms=progress.reached_ms)
        [(number,)] = self._store.read("SELECT max(id) FROM session WHERE performance = ?", (performance,))
        if ledger != self._ledger(number) or not session.can_be_taken_up:
            raise ValueError("it leads to another place than was written down")
        return TakenUp(session, broken.setup, Numbers(performance, number, progress.steps, chain))

    def _ledger(self, session: int) -> dict[tuple[str, str], tuple[int, int]]:
        assert self._store is not None
        rows = self._store.read("SELECT * FROM ledger WHERE session = ?", (session,))
        return {(exercise, side): (done_ms, owed_ms) for _, exercise, side, done_ms, owed_ms, _ in rows}

    def _table(self, name: str) -> SpeechTable:
        assert self._store is not None
        rows = self._store.read("SELECT data FROM speech WHERE name = ?", (name,))
        if not rows:
            raise ValueError("a table of speech is missing")
        return unpacked(name, rows[0][0])

    def _numbers(self) -> Numbers:
        """Return the numbers of a new performance."""
        if self._store is None:
            return Numbers(1, 1)
        try:
            [(performance,)] = self._store.read("SELECT coalesce(max(id), 0) FROM performance")
            query = "SELECT coalesce(max(id), 0), coalesce(max(performance), 0) FROM session"
            [(session, its_performance)] = self._store.read(query)
        except StoreError as error:
            self._tell(f"The history cannot be read: {error}. The session goes on, but nothing of it is kept.")
            self._store.close()
            self._store = None
            return Numbers(1, 1)
        return Numbers(max(performance, its_performance) + 1, session + 1)


def setup_of(timing: Timing, words_per_minute: int, volume_db: int, table: SpeechTable) -> Setup:
    """Return what a session is built with, for `History.recorded`."""
    return Setup(timing, words_per_minute, volume_db, packed(table)[0])


def _tidied(next_session: int) -> list[Statement]:
    """Return the changes that leave what people may want to know later, and nothing of what only served to go on."""
    changes: list[Statement] = [(f"DELETE FROM {table}", ()) for table in ("performance", "progress", "step", "speech")]
    oldest = next_session - KEPT_SESSIONS
    for table, key in (("session", "id"), ("outcome", "session"), ("ledger", "session"), ("going_on", "session")):
        changes.append((f"DELETE FROM {table} WHERE {key} < ?", (oldest,)))
    return changes
