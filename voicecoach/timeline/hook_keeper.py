"""Runs one command, and ends all that came of it with it: `python -m voicecoach.timeline.hook_keeper COACH COMMAND...`.

A command may start others that make sessions of their own, which nobody finds by group. So this process takes in
whoever loses their parent (`PR_SET_CHILD_SUBREAPER`), and none is left when it ends: after the command, when it is told
to, or when the coach is gone.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_CANNOT_START = 127
_ROUNDS = 1_000
"""Killing is repeated while somebody is left: who forks as it is killed leaves children of a moment."""


def main(coach: str, *command: str) -> int:
    """Run a command with our input, and return its exit code."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    signal.signal(signal.SIGTERM, _end)
    if os.getppid() != int(coach):
        return 0
    try:
        process = subprocess.Popen(command, start_new_session=True)
    except OSError:
        return _CANNOT_START
    sys.stdin.close()
    code = process.wait()
    # What it has left running may go on for as long as the command might have.
    with suppress(ChildProcessError):
        while True:
            os.wait()
    return code if code >= 0 else 128 - code


def _end(_number: int, _frame: object) -> None:
    _end_all()
    os._exit(1)


def _end_all() -> None:
    for _ in range(_ROUNDS):
        children = _children()
        if not children:
            return
        for child in children:
            with suppress(OSError):
                os.kill(child, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.001)


def _children() -> list[int]:
    """Return whom this process has to see to, those that were handed to it among them, and theirs."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, ValueError, IndexError):
                # The name of a program may have spaces and brackets in it.
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    parents.setdefault(int(parent), []).append(int(folder.name))
    found, pending = [], [os.getpid()]
    while pending:
        theirs = parents.get(pending.pop(), [])
        found += theirs
        pending += theirs
    return found


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
