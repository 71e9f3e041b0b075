"""`run`: a session, here and now, with a loudspeaker and a microphone."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

from voicecoach.live.children import CLOSE_LIMIT_S, Names, hearing_keeper, open_devices, sound_keeper
from voicecoach.live.memory import give_memory_back


def run(arguments: argparse.Namespace) -> int:
    """Perform the session, and print its timeline as it happens."""
    give_memory_back()
    names = Names(
        loudspeaker=arguments.loudspeaker or "",
        microphone=arguments.microphone or "",
        settings=arguments.config or "",
        language=arguments.language or "",
        model=arguments.model or "",
    )
    sound = sound_keeper()
    keepers = [sound]
    try:
        # They load their libraries while this process does, and the loudspeaker wakes: so the first word comes sooner.
        sound.attend(time.monotonic_ns())
        from voicecoach.live.known_machine import known_effort
        from voicecoach.settings import load_configuration

        configuration = load_configuration(arguments.config)
        devices = configuration.settings.devices
        names = replace(
            names,
            loudspeaker=(loudspeaker := names.loudspeaker or devices.loudspeaker or ""),
            microphone=names.microphone or devices.microphone or "",
            wake_ms=devices.wake_ms,
            keep_awake=devices.keep_awake,
            effort=known_effort(loudspeaker),
        )
        open_devices(sound, names)
        hearing = hearing_keeper(names)
        keepers.append(hearing)
        hearing.attend(time.monotonic_ns())
        from voicecoach.cli.performing import perform

        return perform(arguments, configuration, names, sound=sound, hearing=hearing)
    finally:
        for keeper in keepers:
            keeper.close(CLOSE_LIMIT_S)
