"""Numbers on a command line: plain digits in a range, or one line that says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from voicecoach.errors import UsageError

_WHOLE: Final = re.compile(r"-?[0-9]{1,9}")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?")


def whole(option: str, least: int, most: int) -> Callable[[str], int]:
    """Return what reads a whole number of this range, for `add_argument`. It raises `UsageError`."""

    def read(text: str) -> int:
        return int(_in_range(option, text, _WHOLE, least, most))

    return read


def decimal(option: str, least: float, most: float) -> Callable[[str], float]:
    """Return what reads a number of this range, with decimals if wished. It raises `UsageError`."""

    def read(text: str) -> float:
        return _in_range(option, text, _DECIMAL, least, most)

    return read


def _in_range(option: str, text: str, form: re.Pattern[str], least: float, most: float) -> float:
    if not form.fullmatch(text) or not least <= float(text) <= most:
        kind = "a whole number" if form is _WHOLE else "a number"
        raise UsageError(f"{option} {text[:40]} cannot be; give {kind} from {least:g} to {most:g}.")
    return float(text)
