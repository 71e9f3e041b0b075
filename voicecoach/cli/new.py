"""`new`: a routine of one's own, from a template."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from voicecoach.errors import EXIT_DONE, UsageError
from voicecoach.language.pack import load_pack
from voicecoach.routine.template import new_routine
from voicecoach.settings import DEFAULT_LANGUAGE


def run(arguments: argparse.Namespace) -> int:
    """Write the template to `NAME.yaml` here. Never over something that exists."""
    text = new_routine(arguments.name, sorted(load_pack(DEFAULT_LANGUAGE).urgent_phrases))
    path = Path(f"{arguments.name}.yaml")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} exists already, and was left as it is; choose another name.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}); go to a folder where you may write.") from None
    sys.stdout.write(f"Wrote {path}. Look at it, then try: voicecoach rehearse ./{path}\n")
    return EXIT_DONE
