"""What the `voicecoach` command is; lets `python -m voicecoach` do the same."""

import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

from voicecoach.cli import main


def run() -> NoReturn:
    """Do what the command line says, and end the process."""
    end(main())


def end(code: int) -> NoReturn:
    """End the process, also where threads are left over that nobody could wait for.

    Python would stop them wherever they are, and where that is within soxr's C++ the whole process aborts.
    """
    if not any(thread.daemon for thread in threading.enumerate()):
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    run()
