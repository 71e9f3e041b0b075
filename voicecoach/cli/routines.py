"""`routines`: what comes with the program."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from voicecoach.routine.library import shipped_listing


def run(arguments: argparse.Namespace) -> int:
    """Print the shipped routines, the shortest first."""
    rows = shipped_listing()
    if arguments.json:
        sys.stdout.write(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2) + "\n")
        return 0
    width = max(len(row.name) for row in rows)
    for row in rows:
        sys.stdout.write(f"{row.name:<{width}}  {row.minutes:>3} min  {row.about}\n")
    return 0
