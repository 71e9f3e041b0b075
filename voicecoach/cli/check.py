"""`check`: every fault of every file, at once."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from voicecoach.errors import EXIT_DONE, VoicecoachError
from voicecoach.routine.compiler import compile_plan, plan_total_ms
from voicecoach.routine.library import load_file
from voicecoach.settings import load_configuration
from voicecoach.units import clock


def run(arguments: argparse.Namespace) -> int:
    """Print the faults of each file, or that it is fine. The exit code is that of the first file that is not."""
    forbidden = sorted(load_configuration(arguments.config).pack().urgent_phrases)
    code = EXIT_DONE
    for name in arguments.files:
        try:
            plan = compile_plan(load_file(Path(name), forbidden))
        except VoicecoachError as error:
            sys.stderr.write(f"{error}\n")
            code = code or error.exit_code
        else:
            sys.stdout.write(f"{name}: fine, {len(plan.exercises)} exercises, about {clock(plan_total_ms(plan))}\n")
    return code
