"""A stage whose session is written down, and what a kill leaves of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.coaching.stage import Stage, plain_script, speech_of
from tests.fakes.loudspeaker import Loudspeaker
from voicecoach.coaching.agenda import Piece, Visit
from voicecoach.coaching.session import Session
from voicecoach.coaching.timing import Timing
from voicecoach.history import History, RecordedSession, setup_of
from voicecoach.history.moment import Moment
from voicecoach.history.store import NAME
from voicecoach.routine.plan import Plan


class Clock:
    """Every clock of a machine, as a test sets them."""

    def __init__(self) -> None:
        self.now = Moment(1_800_000_000, "first boot", 50_000)

    def __call__(self) -> Moment:
        return self.now

    def pass_s(self, seconds: int, boot: str | None = None) -> None:
        now = self.now
        boot = now.boot if boot is None else boot
        uptime_ms = now.uptime_ms + seconds * 1000 if boot == now.boot else 20_000
        self.now = Moment(now.wall_s + seconds, boot, uptime_ms)


class KeptStage(Stage):
    """Drives a session through its record. Made anew in the same folder, it is the process after a kill."""

    def __init__(self, folder: Path, plan: Plan, clock: Callable[[], Moment] | None = None) -> None:
        self.plan, self.timing = plan, None
        self.script, self.speech = plain_script(), speech_of(plan)
        self.loudspeaker = Loudspeaker(self.speech)
        self.lines, self.actions = [], []
        self.told: list[str] = []
        self.history = History(folder, self.told.append, clock or Clock())
        self.broken_off = self.history.broken_off()
        taken = None if self.broken_off is None else self.history.take_up(self.broken_off, plan, self.script)
        self.comes_back = taken is not None
        if taken is None:
            self.session = Session(plan, self.script, self.speech)
            setup = setup_of(Timing(), 160, 0, self.speech)
            self.recorded: RecordedSession = self.history.recorded(
                self.session, plan, self.script, setup=setup, table=self.speech, routine="feet"
            )
        else:
            self.session = taken.session
            self.recorded = self.history.recorded_again(taken, plan, self.speech, "feet")
        self.now = self.recorded.now_ms

    def begin(self) -> None:
        self._take(self.recorded.begin(self.now))

    def until(self, ms: int) -> None:
        while (deadline := self.recorded.next_deadline()) is not None and deadline <= ms:
            self.now = max(self.now, deadline)
            self._take(self.recorded.advance(self.now))
        # As a performance does, which calls nothing where nothing is due.
        self.now = max(self.now, ms)

    def hear(self, message: Any) -> list[Any]:
        from voicecoach.coaching.messages import CommandHeard
        from voicecoach.commands import Command

        if isinstance(message, Command):
            message = CommandHeard(message, message.value)
        return self._take(self.recorded.receive(message, self.now))

    def killed(self, into: Path) -> Path:
        """Return a folder with what is left when this process is killed now: all that was written, nothing closed."""
        store = self.history._store
        assert store is not None
        shutil.copytree(store.path.parent, into)
        return into

    def close(self) -> None:
        self.history.close()


def picture_of(session: Session) -> Any:
    """Return what a session is, in values that can be compared with those of another one."""
    visits = session.agenda.visits
    pieces = {id(piece): (at, number) for at, visit in enumerate(visits) for number, piece in enumerate(visit.planned)}

    def plain(value: Any) -> Any:
        if isinstance(value, Piece):
            return ("piece", pieces[id(value)], value.target_ms, value.done_ms, value.fate)
        if isinstance(value, Visit):
            return tuple(plain(getattr(value, name)) for name in Visit.__slots__)
        if isinstance(value, (tuple, list)):
            return tuple(plain(one) for one in value)
        if hasattr(type(value), "__slots__") and hasattr(type(value), "__dataclass_fields__"):
            names = type(value).__dataclass_fields__
            return (type(value).__name__, *(plain(getattr(value, name)) for name in names))
        return value

    state = plain(session.state)
    return (state, session.now_ms, session.began_ms, session.words_per_minute, plain(visits), session.open_commands())


def log_of(folder: Path) -> Path:
    return folder / f"{NAME}-wal"
