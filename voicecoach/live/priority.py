"""Ask the kernel to run the sound process before all that can wait.

A device takes a block every few milliseconds whether or not it is there, so what mixes it must not stand in a queue
behind a program that computes. Sound servers ask for the same.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from pathlib import Path
from typing import Final

_RLIMIT_RTTIME: Final = 15
"""As Linux numbers it: not every build of Python knows its name."""
_PRIORITY: Final = 4
"""Of 1 to 99: before everything ordinary, and after PulseAudio and PipeWire, which take 5 and more."""
_LONGEST_US: Final = 200_000
"""Who computes for so long without waiting for anything is no more privileged. Sound takes about 2 ms in 20; but over
PulseAudio PortAudio's thread was seen to spin for a second, until the first sound of a microphone came."""
_LAST: Final = 10
"""How nice hearing is where it would hold up the sound: it gets a tenth of what any other program gets beside it."""
_FATAL_US: Final = 5_000_000
"""Who goes on nevertheless is killed by the kernel, before the machine is of no use: the coach starts another."""


def go_first() -> bool:
    """Run all threads of this process before all ordinary ones, in real time. Called by the main thread.

    Tells whether that is allowed here: to root, and to whoever was given a limit (`LimitRTPRIO` in a unit, `rtprio` in
    /etc/security/limits.d). Where it is not, sound is like any other program's. It ends where one of the threads does
    not behave.
    """
    try:
        signal.signal(signal.SIGXCPU, lambda _number, _frame: _run_all(os.SCHED_OTHER, 0))
        resource.setrlimit(_RLIMIT_RTTIME, (_LONGEST_US, _FATAL_US))
        _run_all(os.SCHED_RR, _PRIORITY)
    except (OSError, ValueError):
        return False
    return True


def go_with_the_others() -> None:
    """Run this thread, and what it begins from now on, as any program's again."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def go_last() -> None:
    """Run all threads of this process after those of the sound, on a machine that does not keep up."""
    with contextlib.suppress(OSError):
        for thread in Path("/proc/self/task").iterdir():
            os.setpriority(os.PRIO_PROCESS, int(thread.name), _LAST)


def _run_all(policy: int, priority: int) -> None:
    for thread in Path("/proc/self/task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setscheduler(int(thread.name), policy, os.sched_param(priority))
