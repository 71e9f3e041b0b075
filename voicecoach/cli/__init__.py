"""The command line. Its verbs, options and exit codes are a contract; `docs/design.md` lists them."""

from voicecoach.cli.main import main

__all__ = ["main"]
