"""`listen`: what the coach would hear, and why it did not take the rest for commands."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from voicecoach.cli.hearing import ears_for
from voicecoach.errors import EXIT_DONE
from voicecoach.listening.ears import Heard, Ignored, as_json
from voicecoach.listening.factory import hear_file
from voicecoach.settings import load_configuration
from voicecoach.units import clock


def run(arguments: argparse.Namespace) -> int:
    """Print one line for each utterance."""
    configuration = load_configuration(arguments.config)
    pack = configuration.pack(arguments.language)
    ears = ears_for(arguments, configuration, pack)
    for result in hear_file(ears, pack, Path(arguments.source)):
        line = json.dumps(as_json(result), ensure_ascii=False) if arguments.json else _line(result)
        sys.stdout.write(line + "\n")
    return EXIT_DONE


def _line(result: Heard | Ignored) -> str:
    times = f"{clock(result.start_ms)}.{result.start_ms % 1000:03d}  {result.end_ms - result.start_ms:>5} ms"
    if isinstance(result, Heard):
        return f"{times}  {result.command}: {result.phrase!r} ({result.confidence:.2f})"
    return f"{times}  ignored: {result.reason}"
