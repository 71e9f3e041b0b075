"""`run`: a session, here and now, with a loudspeaker and a microphone."""

from __future__ import annotations

import argparse
import signal
import time
from types import FrameType

from voicecoach.live.children import CLOSE_LIMIT_S, sound_keeper


def run(arguments: argparse.Namespace) -> int:
    """Perform the session, and print its timeline as it happens."""
    signal.signal(signal.SIGTERM, _interrupt)
    sound = sound_keeper()
    try:
        # It loads its libraries while this process does, and so the first word comes sooner.
        sound.attend(time.monotonic_ns())
        from voicecoach.cli.performing import perform

        return perform(arguments, sound)
    finally:
        sound.close(CLOSE_LIMIT_S)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Before the session has begun, SIGTERM is what Ctrl-C is."""
    raise KeyboardInterrupt
