"""`routines`: what comes with the program."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from voicecoach.cli.telling import show, show_json
from voicecoach.routine.library import shipped_listing


def run(arguments: argparse.Namespace) -> int:
    """Print the shipped routines, the shortest first."""
    rows = shipped_listing()
    if arguments.json:
        show_json([asdict(row) for row in rows])
        return 0
    width = max(len(row.name) for row in rows)
    for row in rows:
        show(f"{row.name:<{width}}  {row.minutes:>3} min  {row.about}")
    return 0
