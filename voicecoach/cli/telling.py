"""Where text leaves for people: messages to standard error, data to standard output.

No character of it steers a terminal.
"""

from __future__ import annotations

import json
import sys

from voicecoach.errors import escaped, plain


def tell(line: str) -> None:
    """Write a message, at once."""
    sys.stderr.write(plain(line) + "\n")
    sys.stderr.flush()


def show(text: str) -> None:
    """Write data for people, in one line or several."""
    sys.stdout.write(plain(text) + "\n")


def show_json(value: object, indent: int | None = 2) -> None:
    """Write data for scripts."""
    sys.stdout.write(escaped(json.dumps(value, ensure_ascii=False, indent=indent)) + "\n")
