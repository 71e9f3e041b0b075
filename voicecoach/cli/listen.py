"""`listen`: what the coach would hear, and why it did not take the rest for commands."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from voicecoach.audio.files import length_s
from voicecoach.cli.hearing import ears_for
from voicecoach.cli.meter import Meter
from voicecoach.cli.progress import Progress
from voicecoach.cli.telling import show, tell
from voicecoach.errors import EXIT_DONE, EXIT_INTERRUPTED, UsageError, escaped
from voicecoach.listening.ears import as_json
from voicecoach.listening.files import hear_file
from voicecoach.listening.reasons import IN_WORDS
from voicecoach.listening.sensations import Heard, Ignored, VoiceBegan
from voicecoach.live.children import Names, hearing_keeper
from voicecoach.live.live_listening import Listener, LiveListening, microphone_keeper
from voicecoach.live.wakening import Wakening
from voicecoach.settings import load_configuration
from voicecoach.units import clock


def run(arguments: argparse.Namespace) -> int:
    """Print one line for each utterance, of a recording or of what the microphone hears until Ctrl-C."""
    if arguments.source is None:
        return _live(arguments)
    if arguments.microphone is not None:
        raise UsageError("--from takes a recording in place of --microphone; leave one of them out.")
    configuration = load_configuration(arguments.config)
    pack = configuration.pack(arguments.language)
    # A name that is wrong is told before a model is loaded for it.
    length_s(Path(arguments.source))
    ears = ears_for(arguments, configuration, pack)
    is_silent = True
    with Progress("Heard seconds", step=60) as progress:
        for result in hear_file(ears, pack, Path(arguments.source), progress):
            is_silent = False
            show(_line(result, as_object=arguments.json))
    if is_silent:
        tell("Nothing in it stands out as a voice would: it is silent, too quiet, or the same noise all the time.")
    return EXIT_DONE


def _live(arguments: argparse.Namespace) -> int:
    configuration = load_configuration(arguments.config)
    pack = configuration.pack(arguments.language)
    names = Names(
        loudspeaker="",
        microphone=arguments.microphone or configuration.settings.devices.microphone or "",
        settings=arguments.config or "",
        language=pack.language,
        model=arguments.model or "",
    )
    commands = others = 0
    with Wakening() as wakening, Meter() as meter:

        def sensed(sensation: VoiceBegan | Heard | Ignored) -> None:
            nonlocal commands, others
            meter.voice(isinstance(sensation, VoiceBegan))
            if not isinstance(sensation, VoiceBegan):
                commands += isinstance(sensation, Heard)
                others += isinstance(sensation, Ignored)
                meter.say(_line(sensation, as_object=arguments.json))

        listener = Listener(sensed=sensed, level=meter.level, tell=tell)
        tell("Loading the speech model ...")
        microphone, hearing = microphone_keeper(names.microphone), hearing_keeper(names)
        LiveListening(microphone, hearing, wakening, pack.all_phrases, listener).run()
    tell(f"Commands understood: {commands}. Other sounds: {others}.")
    return EXIT_INTERRUPTED


def _line(result: Heard | Ignored, *, as_object: bool) -> str:
    if as_object:
        return escaped(json.dumps(as_json(result), ensure_ascii=False))
    times = f"{clock(result.start_ms)}.{result.start_ms % 1000:03d}  {result.end_ms - result.start_ms:>5} ms"
    if isinstance(result, Heard):
        return f"{times}  {result.command}: {result.phrase!r} ({result.confidence:.2f})"
    return f"{times}  ignored: {IN_WORDS[result.reason]} ({result.reason}, {result.confidence:.2f})"
