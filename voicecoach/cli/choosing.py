"""From names on the command line to what they name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from voicecoach.cli.telling import tell
from voicecoach.errors import UsageError, VoicecoachError
from voicecoach.history import BrokenOff
from voicecoach.language.pack import LanguagePack
from voicecoach.routine.compiler import compile_plan
from voicecoach.routine.library import DEFAULT_ROUTINE, find_routine, load_routine, shipped_names
from voicecoach.routine.plan import Plan
from voicecoach.units import ms_from_seconds

_TIME: Final = re.compile(
    r"(?:(?:([0-9]{1,2}):(?=[0-5]?[0-9]:))?([0-9]{1,3}):(?=[0-5]?[0-9](?![0-9])))?([0-9]{1,5}(?:\.[0-9]{1,6})?)"
)
"""Hours, minutes and seconds. After a colon there are less than sixty."""


def read_plan(routine: str, pack: LanguagePack) -> Plan:
    """Return the plan of a routine by name or file; none of its sentences holds an urgent phrase of the pack."""
    found = find_routine(routine)
    if routine in shipped_names() and found != routine:
        tell(f"{routine} is your own {found} here; move it away for the one that comes with voicecoach.")
    return compile_plan(load_routine(found, sorted(pack.urgent_phrases)))


def read_plan_to_go_on(named: str | None, broken_off: BrokenOff | None, pack: LanguagePack) -> tuple[str, Plan]:
    """Return the routine that is named, else the one that was broken off, else the usual one; and its plan.

    The name is one by which it is found from any folder.
    """
    if named is None and broken_off is not None:
        try:
            plan = compile_plan(load_routine(broken_off.routine, sorted(pack.urgent_phrases)))
            return broken_off.routine, plan
        except VoicecoachError as error:
            # Its file is gone, or not what it was: nobody named it now, so nothing may fail for that.
            tell(f"The session that was broken off cannot go on: {str(error).splitlines()[0]}")
    name = DEFAULT_ROUTINE if named is None else named
    plan = read_plan(name, pack)
    found = find_routine(name)
    return (found if found in shipped_names() else str(Path(found).resolve())), plan


def parse_time(text: str) -> int:
    """Return the session milliseconds of `M:SS`, `H:MM:SS` or plain seconds, each with decimals if wished.

    Raises `UsageError` for anything else.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise UsageError(f"'{text[:40]}' is not a time; write minutes and seconds, such as 1:30.")
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return ms_from_seconds(hours * 3600 + minutes * 60 + seconds)
