"""`new`: a routine of one's own, from a template."""

from __future__ import annotations

import argparse
from pathlib import Path

from voicecoach.atomic_file import AtomicTextFile
from voicecoach.cli.telling import show
from voicecoach.errors import EXIT_DONE
from voicecoach.language.pack import load_pack
from voicecoach.routine.template import new_routine
from voicecoach.settings import DEFAULT_LANGUAGE


def run(arguments: argparse.Namespace) -> int:
    """Write the template to `NAME.yaml` here. Never over something that exists."""
    text = new_routine(arguments.name, sorted(load_pack(DEFAULT_LANGUAGE).urgent_phrases))
    path = Path(f"{arguments.name}.yaml")
    with AtomicTextFile(path, over=False) as file:
        file.write(text)
    show(f"Wrote {path}. Look at it, then try: voicecoach rehearse {arguments.name}")
    return EXIT_DONE
