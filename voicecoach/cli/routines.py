"""`routines`: what can be led here."""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass

from voicecoach.cli.telling import show, show_json, tell
from voicecoach.cli.voicing import script_of
from voicecoach.coaching.dry_run import dry_run, estimated
from voicecoach.errors import EXIT_DONE, VoicecoachError
from voicecoach.language.pack import LanguagePack
from voicecoach.routine.compiler import compile_plan
from voicecoach.routine.library import find_routine, load_routine, own_folder, own_names, shipped_names
from voicecoach.settings import load_configuration

_MS_A_MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Listing:
    """One line of the list of routines."""

    name: str
    title: str
    about: str
    minutes: int
    """About how long it takes, rounded up."""
    own: bool
    """Whether it is a file of the person's own."""


def run(arguments: argparse.Namespace) -> int:
    """Print a person's own routines and those that come along, the shortest first."""
    pack = load_configuration(None).pack()
    rows = []
    for name in sorted({*own_names(own_folder()), *shipped_names()}):
        try:
            rows.append(listing(name, pack))
        except VoicecoachError as error:
            tell(str(error))
    rows.sort(key=lambda row: (row.minutes, row.name))
    if arguments.json:
        show_json([asdict(row) for row in rows])
        return EXIT_DONE
    width = max(len(row.name) for row in rows)
    for row in rows:
        mark = " (your own)" if row.own else ""
        show(f"{row.name:<{width}}  {row.minutes:>3} min  {row.about}{mark}")
    return EXIT_DONE


def listing(name: str, pack: LanguagePack) -> Listing:
    """Return the line of the list for one routine. Raises as `load_routine`."""
    found = find_routine(name)
    routine = load_routine(found, sorted(pack.urgent_phrases))
    plan, script = compile_plan(routine), script_of(pack)
    ends_ms = dry_run(plan, script, estimated(script.texts(plan))).ends_ms
    return Listing(name, routine.title, routine.about, -(-ends_ms // _MS_A_MINUTE), found != name)
