"""Ask the kernel to run the sound process before all that can wait.

A device takes a block every few milliseconds whether or not it is there, so what mixes it must not stand in a queue
behind a program that computes. Sound servers ask for the same.
"""

from __future__ import annotations

import contextlib
import os
import resource
from typing import Final

_RLIMIT_RTTIME: Final = 15
"""As Linux numbers it: not every build of Python knows its name."""
_PRIORITY: Final = 4
"""Of 1 to 99: before everything ordinary, and after PulseAudio and PipeWire, which take 5 and more."""
_LONGEST_US: Final = 500_000
"""Whoever computes for so long at a time without waiting for anything has gone wrong, and is killed by the kernel
before the machine is: the coach starts another. Sound takes about 2 ms in 20."""


def go_with_the_others() -> None:
    """Run this thread, and what it begins from now on, as any program's again."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def go_first() -> bool:
    """Run this thread before all ordinary ones, in real time, and so the threads that are begun from now on.

    PortAudio's and its plugins' have to be begun later, therefore. Tells whether it is allowed here: to root, and to
    whoever was given a limit (`LimitRTPRIO` in a unit, `rtprio` in /etc/security/limits.d). Where it is not, sound is
    like any other program's.
    """
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(_RLIMIT_RTTIME, (_LONGEST_US, _LONGEST_US))
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_PRIORITY))
        return True
    return False
