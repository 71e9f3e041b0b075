"""What a session does, written down as it happens: for going on after a power cut, and for looking back."""

from voicecoach.history.history import (
    HISTORY_VARIABLE,
    BrokenOff,
    History,
    TakenUp,
    history_folder,
    setup_of,
)
from voicecoach.history.looking_back import PastSession, past_sessions
from voicecoach.history.recorded_session import RecordedSession
from voicecoach.history.store import StoreError

__all__ = [
    "HISTORY_VARIABLE",
    "BrokenOff",
    "History",
    "PastSession",
    "RecordedSession",
    "StoreError",
    "TakenUp",
    "history_folder",
    "past_sessions",
    "setup_of",
]
