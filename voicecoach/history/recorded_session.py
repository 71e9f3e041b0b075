"""A session that is written down: whoever drives it, in whatever shell, cannot forget to."""

from __future__ import annotations

from typing import Final

from voicecoach.coaching.messages import (
    Action,
    Input,
    MachineChanged,
    Notice,
    ReportEnd,
    ReportLedger,
    SpeechTable,
    VoiceIgnored,
    VoiceStarted,
)
from voicecoach.coaching.session import Session
from voicecoach.commands import Command
from voicecoach.history.journal import Journal
from voicecoach.history.steps import Began, CameBack, Step, TimePassed

PROGRESS_MS: Final = 800
"""How often it is written down that time has passed, while that moves the place: so what is on the disk is at most this
old, and going on is right to within one second even where the disk takes 200 ms. A session of 40 minutes writes 3,000
times 4 KB, which is 12 MB a day; the cheapest memory cards bear some terabytes. In pauses nothing is written."""
HOLD_SYNC_LIMIT_S: Final = 0.25
"""How long the end of a hold waits for the disk before it is announced: what comes next is the lead-in, some seconds
long. A disk that is slower gets it done a little later, and the person is not kept waiting."""
END_SYNC_LIMIT_S: Final = 2.0


class RecordedSession:
    """A `Session`, or one that comes back, each of whose calls is in the journal before its actions are returned.

    What time does is brought to the disk at the end of each hold before it is returned. What a person says never waits
    for a disk: silence after "cramp" must not. It is brought there at once all the same.
    """

    def __init__(self, session: Session, journal: Journal, *, comes_back: SpeechTable | None = None) -> None:
        """Take a session that has not begun; or one that comes back, with the timing of what was rendered for that."""
        self._session = session
        self._journal = journal
        self._comes_back = comes_back
        self._began_ms = session.began_ms
        self._progress_ms = session.now_ms
        self._told = False

    @property
    def now_ms(self) -> int:
        """The session time that it has been told: where it begins."""
        return self._session.now_ms

    @property
    def ended(self) -> bool:
        """Whether the session is over."""
        return self._session.ended

    def saying(self, now: int) -> str | None:
        """Return the sentence that the coach says at `now`."""
        return self._session.saying(now)

    def open_commands(self) -> frozenset[Command]:
        """Return the commands that make sense now."""
        return self._session.open_commands()

    def next_deadline(self) -> int | None:
        """Return when `advance` must be called at the latest, be it only to write down that time has passed."""
        deadline = self._session.next_deadline()
        if deadline is None or not self._session.place_moves:
            return deadline
        return min(deadline, self._progress_ms + PROGRESS_MS)

    def begin(self, now: int) -> list[Action]:
        """Start, or come back."""
        if self._comes_back is None:
            actions = self._session.begin(now)
            self._began_ms = self._session.began_ms
            actions = self._noted(Began(), now, actions)
        else:
            actions = self._session.come_back(now, self._comes_back)
            self._journal.go_on()
            actions = self._noted(CameBack(self._comes_back), now, actions)
        self._journal.sync(END_SYNC_LIMIT_S)
        return actions

    def receive(self, message: Input, now: int) -> list[Action]:
        """Take an input and return what to do."""
        actions = self._noted(message, now, self._session.receive(message, now))
        match message:
            case VoiceStarted() | VoiceIgnored():
                pass
            case _:
                self._journal.sync_soon()
        return actions

    def advance(self, now: int) -> list[Action]:
        """Let time pass and return what to do."""
        deadline = self._session.next_deadline()
        if deadline is None or deadline > now:
            self._progress_ms = now
            kept = self._journal.progress(now, can_be_taken_up=self._session.can_be_taken_up)
            self._journal.sync_soon()
            return [] if kept else self._told_of_loss(now)
        actions = self._noted(TimePassed(), now, self._session.advance(now))
        if any(isinstance(action, ReportEnd) for action in actions):
            self._journal.sync(END_SYNC_LIMIT_S)
        elif any(isinstance(action, ReportLedger) for action in actions):
            self._journal.sync(HOLD_SYNC_LIMIT_S)
        else:
            self._journal.sync_soon()
        return actions

    def _noted(self, step: Step, now: int, actions: list[Action]) -> list[Action]:
        """Write down a call, and tell the person once should that not be possible. Return all there is to do."""
        if self._session.began_ms != self._began_ms:
            self._began_ms = self._session.began_ms
            self._journal.begin_session()
        self._progress_ms = now
        kept = self._journal.step(step, now, actions, can_be_taken_up=self._session.can_be_taken_up)
        return actions if kept else actions + self._told_of_loss(now)

    def _told_of_loss(self, now: int) -> list[Action]:
        if self._told or self._session.ended:
            return []
        self._told = True
        lost = MachineChanged(Notice.RECORD_LOST)
        return self._noted(lost, now, self._session.receive(lost, now))
