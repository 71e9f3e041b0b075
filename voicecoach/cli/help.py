"""`help`: what the verbs are, and what each can be told."""

from __future__ import annotations

import argparse

from voicecoach.cli.options import build_parser, verbs_of
from voicecoach.cli.telling import show
from voicecoach.errors import EXIT_DONE


def run(arguments: argparse.Namespace) -> int:
    """Print the help of a verb, or of the program. Ends the program with its usage where there is no such verb."""
    parser = build_parser()
    if arguments.verb is None:
        show(parser.format_help().rstrip("\n"))
        return EXIT_DONE
    verbs = verbs_of(parser)
    if arguments.verb not in verbs:
        parser.parse_args([arguments.verb])
    show(verbs[arguments.verb].format_help().rstrip("\n"))
    return EXIT_DONE
