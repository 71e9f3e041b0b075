"""One performance as it is written down while it goes on: every call of the session, before its effect is heard.

Where the file cannot be written the changes stay in memory, and are written when that is possible again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from voicecoach.coaching.messages import Action, ReportEnd, ReportLedger, SpeechTable
from voicecoach.history.moment import Moment
from voicecoach.history.records import Progress, Statement, insertion
from voicecoach.history.steps import Step, encoded, packed
from voicecoach.history.store import Store, StoreError

AGAIN_MS: Final = 10_000
"""A file that could not be written is tried again after this much session time."""
MOST_UNWRITTEN: Final = 20_000
"""So many changes are kept in memory, a few megabytes; then the session is not written down any more."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Where a performance stands in the tables."""

    performance: int
    session: int
    """The first session of it that is not there yet, or the one that goes on."""
    steps: int = 0
    chain: int = 0
    """The checksum over all its steps so far."""


class Journal:
    """Writes down one performance. One thread uses it."""

    def __init__(
        self,
        store: Store | None,
        numbers: Numbers,
        *,
        routine: str,
        title: str,
        moment: Callable[[], Moment],
        tell: Callable[[str], None],
    ) -> None:
        """Write to a store; none where nothing can be kept, which is known and was told already."""
        self._store = store
        self._numbers = numbers
        # A file's name may have bytes that are no text; such a routine is not found again.
        self._routine = routine.encode(errors="replace").decode()
        self._title = title
        self._moment = moment
        self._tell = tell
        self._steps = numbers.steps
        self._chain = numbers.chain
        self._session = numbers.session
        self._unwritten: list[Statement] = []
        self._again_ms = 0
        self.is_kept = store is not None
        """Whether everything so far can be read by whoever comes after a kill."""

    def begin(self, fingerprint: str, setup: str, table: SpeechTable, before: Iterable[Statement]) -> None:
        """Write down, with the first step, what the session was built with; `before` that, make these changes."""
        values = (self._numbers.performance, fingerprint, self._routine, setup)
        self._unwritten += [*before, insertion("performance", values), self._speech(table)]
        self.begin_session(self._session)

    def begin_session(self, session: int | None = None) -> None:
        """Write down, with the next step, that a session begins: the first, or anew."""
        if session is None:
            self.end_session("broken_off")
            # It came back, but was not gone on with.
            last = "SELECT max(at_s) FROM going_on WHERE session = ?"
            forget = f"DELETE FROM going_on WHERE session = ? AND at_s = ({last})"
            self._unwritten.append((forget, (self._session, self._session)))
            self._session += 1
        at_s = self._moment().wall_s
        values = (self._session, self._numbers.performance, self._routine, self._title, at_s)
        self._unwritten.append(insertion("session", values))

    def end_session(self, reason: str) -> None:
        """Write down, with the next step, how the session ended."""
        self._unwritten.append(insertion("outcome", (self._session, reason, self._moment().wall_s)))

    def go_on(self) -> None:
        """Write down, with the next step, that the session was broken off and goes on."""
        self._unwritten.append(("INSERT OR IGNORE INTO going_on VALUES (?, ?)", (self._session, self._moment().wall_s)))

    def step(self, step: Step, now_ms: int, actions: Sequence[Action], *, can_be_taken_up: bool) -> bool:
        """Write down a call and what came of it. Return whether it is kept where a kill cannot reach it."""
        self._steps += 1
        text = encoded(step, self._keep_table)
        values = (self._numbers.performance, self._steps, now_ms, text)
        row = insertion("step", values, self._chain)
        self._chain = row[1][-1]
        self._unwritten.append(row)
        for action in actions:
            if isinstance(action, ReportLedger):
                entry = (self._session, action.exercise, action.side, action.done_ms, action.owed_ms)
                self._unwritten.append(insertion("ledger", entry))
            elif isinstance(action, ReportEnd):
                self.end_session(action.reason)
        return self.progress(now_ms, can_be_taken_up=can_be_taken_up)

    def progress(self, now_ms: int, *, can_be_taken_up: bool) -> bool:
        """Write down how far the session has come. Return whether all is kept."""
        if self._store is None or now_ms < self._again_ms:
            self._forget_too_much()
            return False
        progress = Progress(self._steps, now_ms, can_be_taken_up, self._moment())
        try:
            self._store.write([*self._unwritten, progress.insertion(self._numbers.performance)])
        except StoreError as error:
            if self.is_kept:
                self._tell(f"What happens cannot be written down any more: {error}. The session goes on all the same.")
            self.is_kept = False
            self._again_ms = now_ms + AGAIN_MS
            return False
        if not self.is_kept:
            self._tell("What happens is written down again.")
        self._unwritten.clear()
        self.is_kept = True
        return True

    def sync_soon(self) -> None:
        """Have it brought to the disk, without waiting."""
        if self._store is not None and self.is_kept:
            self._store.sync_soon()

    def sync(self, limit_s: float) -> None:
        """Wait until it is on the disk, but no longer than that."""
        if self._store is not None and self.is_kept:
            self._store.sync(limit_s)
            self._store.fold_long_log()

    def _forget_too_much(self) -> None:
        if len(self._unwritten) > MOST_UNWRITTEN:
            self._store = None
        if self._store is None:
            self._unwritten.clear()

    def _keep_table(self, table: SpeechTable) -> str:
        self._unwritten.append(self._speech(table))
        return packed(table)[0]

    @staticmethod
    def _speech(table: SpeechTable) -> Statement:
        return "INSERT OR IGNORE INTO speech VALUES (?, ?)", packed(table)
