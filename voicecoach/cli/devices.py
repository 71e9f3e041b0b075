"""`devices`: the loudspeakers and microphones that there are."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from voicecoach.cli.telling import show, show_json, tell
from voicecoach.errors import EXIT_DONE
from voicecoach.live.devices import Direction, probe_devices


def run(arguments: argparse.Namespace) -> int:
    """Print one device a line, loudspeakers first."""
    devices = probe_devices()
    if arguments.json:
        rows = [{key: value for key, value in asdict(device).items() if key != "index"} for device in devices]
        show_json(rows)
        return EXIT_DONE
    if not devices:
        tell("There is no sound device: connect one, or start the sound server.")
    width = max((len(device.name) for device in devices), default=0)
    for title, direction in (("Loudspeakers", Direction.OUTPUT), ("Microphones", Direction.INPUT)):
        chosen = [device for device in devices if device.direction is direction]
        if chosen:
            show(f"{title}")
        for device in chosen:
            mark = "*" if device.is_default else " "
            channels = f"{device.channels} channel{'s' if device.channels != 1 else ''}"
            about = "" if device.about == device.name else f"  {device.about}"
            show(f" {mark} {device.name:<{width}}  {device.rate_hz:>6} Hz  {channels}{about}")
    return EXIT_DONE
