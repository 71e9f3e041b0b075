"""`devices`: the loudspeakers and microphones that there are."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from voicecoach.errors import EXIT_DONE
from voicecoach.live.devices import Direction, probe_devices


def run(arguments: argparse.Namespace) -> int:
    """Print one device a line, loudspeakers first."""
    devices = probe_devices()
    if arguments.json:
        rows = [{key: value for key, value in asdict(device).items() if key != "index"} for device in devices]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return EXIT_DONE
    if not devices:
        sys.stderr.write("There is no sound device: connect one, or start the sound server.\n")
    width = max((len(device.name) for device in devices), default=0)
    for title, direction in (("Loudspeakers", Direction.OUTPUT), ("Microphones", Direction.INPUT)):
        chosen = [device for device in devices if device.direction is direction]
        if chosen:
            sys.stdout.write(f"{title}\n")
        for device in chosen:
            mark = "*" if device.is_default else " "
            channels = f"{device.channels} channel{'s' if device.channels != 1 else ''}"
            about = "" if device.about == device.name else f"  {device.about}"
            sys.stdout.write(f" {mark} {device.name:<{width}}  {device.rate_hz:>6} Hz  {channels}{about}\n")
    return EXIT_DONE
