"""What a session does, written down as it happens: for going on after a power cut, and for looking back."""

from voicecoach.history.history import (
    HISTORY_VARIABLE,
    BrokenOff,
    History,
    TakenUp,
    history_folder,
    setup_of,
)
from voicecoach.history.recorded_session import RecordedSession

__all__ = [
    "HISTORY_VARIABLE",
    "BrokenOff",
    "History",
    "RecordedSession",
    "TakenUp",
    "history_folder",
    "setup_of",
]
