"""A person's own command, told what happens: for a lamp, say. Whatever becomes of it, the session goes on."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from voicecoach.isolation import python_command
from voicecoach.timeline.events import Ended, Event, Heard, StateEntered
from voicecoach.timeline.timeline import json_line

TOLD: Final = (StateEntered, Heard, Ended)
"""What is worth a process of its own; sentences and tones come every second."""
LIMIT_S: Final = 10.0
_LAST_S: Final = 5.0
"""What ends a command is done in a moment."""
CANNOT_START: Final = 127
"""As shells say it."""
AT_ONCE: Final = 4


class Hook:
    """A sink of a timeline that starts a command for each event and never waits for it. Used by one thread."""

    def __init__(self, command: Sequence[str], tell: Callable[[str], None], limit_s: float = LIMIT_S) -> None:
        """Take a program and its arguments. `tell` is given, from any thread, what goes wrong: the same only once."""
        self._command = list(command)
        self._tell = tell
        self._limit_s = limit_s
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._told: set[str] = set()
        self._running: set[threading.Thread] = set()

    def __call__(self, event: Event) -> None:
        """Tell the command of an event, if it is of a kind that it is told of."""
        if not isinstance(event, TOLD):
            return
        if not self._places.acquire(blocking=False):
            self._tell_once(f"on_event: {AT_ONCE} commands run already; what happens meanwhile is not told to another.")
            return
        thread = threading.Thread(target=self._run, args=(json_line(event) + "\n",), name="on_event", daemon=True)
        self._running = {one for one in self._running if one.is_alive()} | {thread}
        thread.start()

    def close(self) -> None:
        """Wait for the commands that run, but no longer than they are given anyway."""
        for thread in self._running:
            thread.join(self._limit_s + 1)

    def _run(self, line: str) -> None:
        try:
            self._tell_command(line)
        finally:
            self._places.release()

    def _tell_command(self, line: str) -> None:
        try:
            process = subprocess.Popen(
                python_command("-m", "voicecoach.timeline.hook_keeper", str(os.getpid()), *self._command),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            self._tell_once(f"on_event: {self._command[0]} cannot be started ({error.strerror}).")
            return
        try:
            # It need not read what it is told.
            with suppress(BrokenPipeError):
                process.communicate(line.encode(), timeout=self._limit_s)
            code = process.wait(self._limit_s)
        except subprocess.TimeoutExpired:
            # It ends all that has come of the command, and then itself.
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LAST_S)
            process.kill()
            process.wait()
            self._tell_once(f"on_event: {self._command[0]} did not end within {self._limit_s:g} s, and was killed.")
            return
        if code == CANNOT_START:
            self._tell_once(f"on_event: {self._command[0]} cannot be started; look whether it is there and executable.")
        elif code:
            self._tell_once(f"on_event: {self._command[0]} ended with code {code}.")

    def _tell_once(self, what: str) -> None:
        if what not in self._told:
            self._told.add(what)
            self._tell(what)
