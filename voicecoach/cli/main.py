"""From the words of a command line to an exit code.

Data goes to standard output, messages to standard error. Every expected failure is one message and its exit code; no
traceback ever reaches a person, unless they ask for it with `VOICECOACH_DEBUG=1`.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import cast

from voicecoach.cli.options import build_parser
from voicecoach.cli.outputs import check_outputs
from voicecoach.cli.streams import make_safe
from voicecoach.cli.telling import tell
from voicecoach.errors import EXIT_BUG, EXIT_DONE, EXIT_INTERRUPTED, EXIT_USAGE, UsageError, VoicecoachError

Verb = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code. Ctrl-C, SIGTERM and SIGHUP end it orderly, from its first moment on."""
    make_safe()
    debug = bool(os.environ.get("VOICECOACH_DEBUG"))
    try:
        _listen_to_signals()
        arguments = build_parser().parse_args(argv)
        _know_home()
        _know_folder()
        check_outputs(arguments)
        # Each verb brings its own libraries, so that a quick one starts quickly.
        verb = cast(Verb, import_module(f"voicecoach.cli.{arguments.module}").run)
        code = verb(arguments)
        sys.stdout.flush()
    except VoicecoachError as error:
        if debug:
            traceback.print_exc()
        tell(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        tell("Interrupted. Nothing unfinished was left behind.")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away: not an error, and there is nobody to tell.
        return EXIT_DONE
    except Exception as error:  # noqa: BLE001 - the last resort, which says that this is our fault
        if debug:
            traceback.print_exc()
        if isinstance(error, OSError) and error.filename is not None:
            # What the machine refuses is not our fault, wherever it was tried.
            tell(f"Cannot use {os.fsdecode(error.filename)}: {error.strerror}; look at it, and try again.")
            return EXIT_USAGE
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        tell(
            f"voicecoach failed in a way it should not ({what}). "
            "This is our bug: run it again with VOICECOACH_DEBUG=1 and report what it prints."
        )
        return EXIT_BUG
    return code


def _listen_to_signals() -> None:
    """Let Ctrl-C, SIGTERM and SIGHUP raise, so that what is under way is put in order. What is ignored stays so."""
    if threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def _know_folder() -> None:
    """Raise `UsageError` where the folder that one stands in is gone."""
    try:
        Path.cwd()
    except OSError:
        raise UsageError("The folder that you are in is not there any more; change to another one.") from None


def _know_home() -> None:
    """Let whoever has neither HOME nor an account go without: what would be kept at home is then kept in memory."""
    try:
        Path.home()
    except RuntimeError:
        # Nobody can make a folder below a device, not even root.
        os.environ["HOME"] = os.devnull
