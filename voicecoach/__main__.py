"""What the `voicecoach` command is; lets `python -m voicecoach` do the same."""

import signal

# Until there is somebody to answer it, Ctrl-C just ends the process: Python would print where it was.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from voicecoach.isolation import shut_out_current_folder

if __name__ == "__main__":
    shut_out_current_folder()

import os
import sys
import threading
from contextlib import suppress
from typing import Final, NoReturn

_RENDERING: Final = "rendering"
"""`BackgroundRenderer`'s thread, which `voicecoach.live.rendering` calls so; importing that would take too long."""


def run() -> NoReturn:
    """Do what the command line says, and end the process."""
    shut_out_current_folder()
    from voicecoach.cli import main

    end(main())


def end(code: int) -> NoReturn:
    """End the process, also where the thread that renders is left over, since nobody waits for it for long.

    Python would stop it wherever it is, and where that is within soxr's C++ the whole process aborts.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if not any(thread.name == _RENDERING for thread in threading.enumerate()):
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    run()
