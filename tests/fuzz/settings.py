"""Hostile settings: they are read, or all their faults are told."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from random import Random

from tests.fuzz.routines import damaged, look
from voicecoach.errors import DocumentError, UsageError
from voicecoach.settings import configuration_from

SEEDS = [
    b"""format: 1
language: en
volume: 3
voice: {volume_db: -3, words_per_minute: 150, name: en-gb}
hearing: {engine: auto}
phrases: {next: [onward]}
timing: {more_s: 20}
devices: {loudspeaker: "hw:CARD=x", wake_s: 1.5, keep_awake: yes}
on_event: [/bin/true, x]
standby: {quiet: "22:00-07:00"}
address: "yes"
""",
    b"language: en\n",
    b"voice: {volume_db: 3}\ntiming: {more_s: 20}\n",
]


def try_one(seed: int) -> None:
    """Damage some settings, and read them."""
    content = damaged(Random(seed), SEEDS)
    try:
        configuration = configuration_from(content, Path("s.yaml"))
        with suppress(UsageError):
            configuration.pack()
        assert configuration.timing
    except DocumentError as error:
        look(error, content)
