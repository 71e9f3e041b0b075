"""Bringing a new session to where another one was when its process ended: by the same calls at the same times.

A session is pure and deterministic, so this gives the very same state, with no second description of it that would
have to be kept in step with every transition. What was written down is checked on the way: each call is chained to all
before it by a checksum, and the ledger that comes of the calls must be the one that was written down with them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import assert_never

from voicecoach import __version__
from voicecoach.coaching.messages import (
    Action,
    CommandHeard,
    MachineChanged,
    ReportLedger,
    SpeechRendered,
    SpeechTable,
    VoiceIgnored,
    VoiceStarted,
)
from voicecoach.coaching.script import Script
from voicecoach.coaching.session import Session
from voicecoach.history.records import Setup
from voicecoach.history.steps import Began, CameBack, Step, TimePassed
from voicecoach.routine.plan import Plan

Ledger = Mapping[tuple[str, str], tuple[int, int]]
"""By exercise and side: milliseconds done and owed."""


@dataclass(frozen=True, slots=True)
class Call:
    """A step, and when it was."""

    now_ms: int
    step: Step


def fingerprint(plan: Plan, script: Script) -> str:
    """Return what is the same for sessions that the same calls bring to the same place."""
    parts = [__version__, repr(plan), repr(sorted(script.texts(plan)))]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def replayed(
    plan: Plan, script: Script, setup: Setup, table: SpeechTable, *, calls: Iterable[Call], reached_ms: int
) -> tuple[Session, Ledger]:
    """Return a session after all these calls, at that time, and the ledger of what was done since it began.

    Raises `ValueError` where the calls do not fit together.
    """
    session = Session(
        plan,
        script,
        table,
        words_per_minute=setup.words_per_minute,
        volume_db=setup.volume_db,
        timing=setup.timing,
    )
    ledger: dict[tuple[str, str], tuple[int, int]] = {}
    began_ms = session.began_ms
    for call in calls:
        actions = _carried_out(session, call)
        if session.began_ms != began_ms:
            began_ms = session.began_ms
            ledger.clear()
        for action in actions:
            if isinstance(action, ReportLedger):
                ledger[action.exercise, action.side] = (action.done_ms, action.owed_ms)
    session.advance(reached_ms)
    return session, ledger


def _carried_out(session: Session, call: Call) -> list[Action]:
    match call.step:
        case Began():
            return session.begin(call.now_ms)
        case TimePassed():
            return session.advance(call.now_ms)
        case CameBack(table=table):
            return session.come_back(call.now_ms, table)
        case CommandHeard() | VoiceStarted() | VoiceIgnored() | SpeechRendered() | MachineChanged():
            return session.receive(call.step, call.now_ms)
        case _:
            assert_never(call.step)
