"""`history`: the sessions that were done before."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import datetime

from voicecoach.cli.telling import show, show_json, tell
from voicecoach.errors import EXIT_DONE, UsageError
from voicecoach.history import HISTORY_VARIABLE, PastSession, StoreError, history_folder, past_sessions
from voicecoach.units import clock


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each session, the latest first."""
    folder = history_folder()
    try:
        sessions = past_sessions(folder)
    except StoreError as error:
        raise UsageError(
            f"The history in {folder} cannot be read: {error}. The next `run` makes a new one where it is damaged;"
            f" or name another folder with {HISTORY_VARIABLE}."
        ) from error
    if arguments.json:
        rows = [{"began": _began(session).isoformat()} | asdict(session) for session in sessions]
        show_json(rows)
        return EXIT_DONE
    if not sessions:
        tell(f"There is no session in {folder} yet.")
    for session in sessions:
        show(_line(session))
    return EXIT_DONE


def _began(session: PastSession) -> datetime:
    return datetime.fromtimestamp(session.began_s).astimezone()


def _line(session: PastSession) -> str:
    sides = (("left", session.left_ms), ("right", session.right_ms), ("both", session.both_ms))
    done = ", ".join(f"{side} {clock(ms)}" for side, ms in sides if ms) or "nothing done"
    owed = f", owed {clock(session.owed_ms)}" if session.owed_ms else ""
    again = ", continued" if session.continued else ""
    outcome = session.outcome.replace("_", " ")
    return f"{_began(session):%Y-%m-%d %H:%M}  {session.title}: {done}{owed} ({outcome}{again})"
