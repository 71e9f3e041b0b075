"""`run`: a session, here and now, with a loudspeaker and a microphone."""

from __future__ import annotations

import argparse
import io
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from rich.console import Console

from voicecoach.atomic_file import AtomicTextFile
from voicecoach.audio import echo
from voicecoach.cli.choosing import read_plan
from voicecoach.cli.preparing import prepare_session
from voicecoach.errors import EXIT_DONE, EXIT_INTERRUPTED
from voicecoach.live.devices import Direction, find_device, probe_devices
from voicecoach.live.live_session import LiveSession, Names, Outcome, hearing_keeper, sound_keeper
from voicecoach.live.loudspeaker import Loudspeaker
from voicecoach.live.microphone_watch import MicrophoneWatch
from voicecoach.live.rendering import BackgroundRenderer
from voicecoach.live.wakening import Wakening
from voicecoach.performance import Performance
from voicecoach.settings import load_configuration
from voicecoach.timeline.printing import PrintSink
from voicecoach.timeline.timeline import JsonLinesSink, Sink, Timeline


def run(arguments: argparse.Namespace) -> int:
    """Perform the session, and print its timeline as it happens."""
    signal.signal(signal.SIGTERM, _interrupt)
    configuration = load_configuration(arguments.config)
    pack = configuration.pack(arguments.language)
    plan = read_plan(arguments.routine, pack)
    devices = configuration.settings.devices
    names = Names(
        loudspeaker=arguments.loudspeaker or devices.loudspeaker or "",
        microphone=arguments.microphone or devices.microphone or "",
        settings=arguments.config or "",
        language=pack.language,
        model=arguments.model or "",
    )
    if not arguments.wait:
        _check_devices(names)
    if not echo.is_installed():
        _tell(echo.NOT_INSTALLED)
    with ExitStack() as opened:
        # Each line is to be seen when it happens, also where it goes into a pipe.
        assert isinstance(sys.stdout, io.TextIOWrapper)
        sys.stdout.reconfigure(line_buffering=True)
        sinks: list[Sink] = [PrintSink(Console(file=sys.stdout, highlight=False))]
        if arguments.timeline:
            sinks.append(JsonLinesSink(opened.enter_context(AtomicTextFile(Path(arguments.timeline)))))
        prepared = prepare_session(plan, pack, configuration)
        loudspeaker = Loudspeaker()
        wakening = opened.enter_context(Wakening())
        timeline = opened.enter_context(Timeline(*sinks))
        later = BackgroundRenderer(prepared.render, wakening.wake)
        performance = Performance(
            prepared.session, prepared.clips, pack, mixer=loudspeaker, timeline=timeline, render=later
        )
        outcome = LiveSession(
            performance,
            loudspeaker,
            sound=sound_keeper(names),
            hearing=hearing_keeper(names),
            renderer=later,
            wakening=wakening,
            microphone_watch=MicrophoneWatch(names.microphone),
            tell=_tell,
            wait=arguments.wait,
        ).run()
    return EXIT_DONE if outcome is Outcome.DONE else EXIT_INTERRUPTED


def _check_devices(names: Names) -> None:
    """Say at once what is missing. Raises `DeviceError`."""
    devices = probe_devices()
    find_device(devices, names.loudspeaker or None, Direction.OUTPUT)
    if names.microphone:
        find_device(devices, names.microphone, Direction.INPUT)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Before the session has begun, SIGTERM is what Ctrl-C is."""
    raise KeyboardInterrupt


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
