"""Performing a live session: everything that `run` does after it has its sound process loading."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from voicecoach.atomic_file import AtomicTextFile
from voicecoach.audio.clip import Sentence
from voicecoach.cli.choosing import read_plan_to_go_on
from voicecoach.cli.preparing import Composer, Record
from voicecoach.cli.streams import go_on_without_output
from voicecoach.cli.telling import tell
from voicecoach.cli.voicing import renderer
from voicecoach.cli.wishing import SessionWishes, Wishes
from voicecoach.errors import EXIT_DONE, EXIT_INTERRUPTED, UsageError
from voicecoach.history import History, history_folder
from voicecoach.live.children import Names
from voicecoach.live.keeper import Keeper
from voicecoach.live.known_machine import keep_effort
from voicecoach.live.live_session import Act, LiveSession, Outcome
from voicecoach.live.loudspeaker import Loudspeaker
from voicecoach.live.microphone_watch import MicrophoneWatch
from voicecoach.live.overload import Effort
from voicecoach.live.rendering import BackgroundRenderer
from voicecoach.live.wakening import Wakening
from voicecoach.performance import Performance
from voicecoach.settings import Configuration
from voicecoach.timeline.events import Event
from voicecoach.timeline.hooks import Hook
from voicecoach.timeline.printing import PrintSink
from voicecoach.timeline.timeline import JsonLinesSink, Sink, Timeline


def perform(
    arguments: argparse.Namespace, configuration: Configuration, names: Names, *, sound: Keeper, hearing: Keeper
) -> int:
    """Perform the session that the command line asks for, and return the exit code.

    `names` are those of the devices to use, which the child of `sound` has been told to open.
    """
    wishes = Wishes(configuration, configuration.pack(arguments.language), tell)
    pack = wishes.pack
    with ExitStack() as opened:
        history = opened.enter_context(History(history_folder(), tell))
        broken_off = None if arguments.anew else history.broken_off()
        routine, plan = read_plan_to_go_on(arguments.routine, broken_off, pack)
        record = Record(history, routine, broken_off)
        composer = Composer(plan, pack, wishes.configuration(wishes.volume_db), record)
        # Each line is to be seen when it happens, also where it goes into a pipe.
        go_on_without_output()
        sinks: list[Sink] = [PrintSink(Console(file=sys.stdout, highlight=False))]
        if arguments.timeline:
            timeline_file = _TimelineFile(Path(arguments.timeline))
            opened.callback(timeline_file.close)
            sinks.append(timeline_file)
        if configuration.settings.on_event is not None:
            hook = Hook(configuration.settings.on_event, tell)
            opened.callback(hook.close)
            sinks.append(hook)
        loudspeaker = Loudspeaker()
        timeline = opened.enter_context(Timeline(*sinks))
        wakening = opened.enter_context(Wakening())
        render = renderer(plan, pack, lambda: wakening.asked_to_end)
        wished = SessionWishes(wishes, loudspeaker, composer.words_per_minute, render)
        rendering = BackgroundRenderer(wished.render, wakening.wake)
        opened.callback(rendering.close)
        ask = wished.asks(rendering)

        def compose(sentences: Mapping[str, Sentence]) -> Performance:
            session = composer.compose(sentences)
            return Performance(session, sentences, pack, mixer=loudspeaker, timeline=timeline, render=ask)

        rendering(composer.words_per_minute)
        live = LiveSession(
            names,
            sound=sound,
            hearing=hearing,
            wakening=wakening,
            microphone_watch=MicrophoneWatch(names.microphone),
            tell=tell,
            keep=keep_machine,
            wait=arguments.wait,
            needs_microphone=bool(arguments.microphone),
        )
        opened.callback(live.close)
        outcome = live.perform(Act(compose, loudspeaker, rendering, notice=wished.keep))
        wished.keep()
    return EXIT_DONE if outcome is Outcome.DONE else EXIT_INTERRUPTED


def keep_machine(loudspeaker: str, effort: Effort) -> None:
    """Keep what this machine can do by a loudspeaker ("" is the usual one), or tell why that cannot be kept."""
    try:
        keep_effort(loudspeaker, effort)
    except UsageError as error:
        tell(f"The next session will find out again that this machine does not keep up: {error}")


class _TimelineFile:
    """The timeline's file, without which the session goes on where the disk refuses more of it."""

    def __init__(self, path: Path) -> None:
        """Begin it. Raises `UsageError` where it cannot be written at all."""
        self._file: AtomicTextFile | None = AtomicTextFile(path, private=True)
        self._sink = JsonLinesSink(self._file)

    def __call__(self, event: Event) -> None:
        if self._file is not None:
            self._unless_refused(lambda: self._sink(event))

    def close(self) -> None:
        if self._file is not None:
            self._unless_refused(self._file.close)

    def _unless_refused(self, write: Callable[[], None]) -> None:
        try:
            write()
        except UsageError as error:
            self._file = None
            tell(f"There will be no timeline of this session: {error}")
