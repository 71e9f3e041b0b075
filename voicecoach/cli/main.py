"""From the words of a command line to an exit code.

Data goes to standard output, messages to standard error. Every expected failure is one message and its exit code; no
traceback ever reaches a person, unless they ask for it with `VOICECOACH_DEBUG=1`.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import cast

from voicecoach.cli.options import build_parser
from voicecoach.cli.outputs import check_outputs
from voicecoach.cli.telling import tell
from voicecoach.errors import EXIT_BUG, EXIT_DONE, EXIT_INTERRUPTED, VoicecoachError

Verb = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    arguments = build_parser().parse_args(argv)
    _know_home()
    debug = bool(os.environ.get("VOICECOACH_DEBUG"))
    try:
        check_outputs(arguments)
        # Each verb brings its own libraries, so that a quick one starts quickly.
        verb = cast(Verb, import_module(f"voicecoach.cli.{arguments.module}").run)
        code = verb(arguments)
        sys.stdout.flush()
    except VoicecoachError as error:
        if debug:
            traceback.print_exc()
        _say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        _say("Interrupted. Nothing unfinished was left behind.")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away: not an error, and there is nobody to tell. Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    except Exception as error:  # noqa: BLE001 - the last resort, which says that this is our fault
        if debug:
            traceback.print_exc()
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        _say(
            f"voicecoach failed in a way it should not ({what}). "
            "This is our bug: run it again with VOICECOACH_DEBUG=1 and report what it prints."
        )
        return EXIT_BUG
    return code


def _know_home() -> None:
    """Let whoever has neither HOME nor an account go without: what would be kept at home is then kept in memory."""
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = "/nonexistent"


def _say(message: str) -> None:
    tell(message.rstrip("\n"))
