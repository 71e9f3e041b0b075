"""`rehearse`: a whole session in a simulated room, as fast as the machine can."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

from rich.console import Console

from voicecoach.atomic_file import AtomicTextFile
from voicecoach.audio import echo
from voicecoach.audio.clip import Samples
from voicecoach.audio.echo_removal import EchoRemoval
from voicecoach.audio.files import WavWriter, read_audio
from voicecoach.audio.mixer import Mixer
from voicecoach.cli.choosing import parse_time, read_plan
from voicecoach.cli.hearing import ears_for
from voicecoach.cli.preparing import prepare_session
from voicecoach.cli.telling import tell
from voicecoach.cli.voicing import script_of
from voicecoach.coaching.dry_run import ends_after
from voicecoach.commands import Command
from voicecoach.errors import EXIT_DONE, UsageError
from voicecoach.language.pack import LanguagePack
from voicecoach.performance import Performance
from voicecoach.rehearsal.rehearsal import Rehearsal, Sound
from voicecoach.rehearsal.room import Room
from voicecoach.rehearsal.voices import spoken, voices_of
from voicecoach.settings import load_configuration
from voicecoach.timeline.events import Event
from voicecoach.timeline.picture import draw
from voicecoach.timeline.printing import PrintSink
from voicecoach.timeline.timeline import JsonLinesSink, Sink, Timeline
from voicecoach.units import clock

DEFAULT_ECHO_DB = 0.0
DEFAULT_RT60_S = 0.3
DEFAULT_SNR_DB = 12.0
LONGEST_PLAYED_S = 600
_LATE_MS = 10_000
"""A command is understood a little after it was begun, and so the end is not known to the second."""


def run(arguments: argparse.Namespace) -> int:
    """Perform the session, print its timeline as it goes, and write the files that were asked for."""
    configuration = load_configuration(arguments.config)
    pack = configuration.pack(arguments.language)
    plan = read_plan(arguments.routine, pack)
    sounds = [*_said(arguments, pack), *_played(arguments)]
    room = _room(arguments)
    with ExitStack() as files:
        write, sinks, finish = _outputs(arguments, files, plan.title)
        ears = ears_for(arguments, configuration, pack)
        tell("Nothing you hear is live: this is a rehearsal.")
        if not (arguments.no_echo_canceller or echo.is_installed()):
            tell(f"{echo.NOT_INSTALLED} A rehearsal hears nothing then.")
        prepared = prepare_session(plan, pack, configuration)
        table = {text: clip.timing for text, clip in prepared.clips.items()}
        _refuse_what_comes_too_late(
            sounds, pack, lambda heard: ends_after(plan, script_of(pack), table, configuration.timing, heard)
        )
        mixer = Mixer()
        with Timeline(*sinks) as timeline:
            performance = Performance(
                prepared.session, prepared.clips, pack, mixer=mixer, timeline=timeline, render=prepared.render
            )
            removal = None if arguments.no_echo_canceller else EchoRemoval()
            Rehearsal(performance, mixer, ears, room=room, removal=removal, sounds=sounds).run(write)
        finish()
    return EXIT_DONE


def _said(arguments: argparse.Namespace, pack: LanguagePack) -> list[Sound]:
    voices = (arguments.voice,) if arguments.voice else voices_of(pack.language)
    sounds = []
    for (at_ms, phrase), voice in zip([_timed("--say", text) for text in arguments.say], cycle(voices)):
        sounds.append(Sound(at_ms, spoken(pack.language, voice, phrase), phrase))
    return sounds


def _played(arguments: argparse.Namespace) -> list[Sound]:
    played = [_timed("--play", text) for text in arguments.play]
    return [Sound(at_ms, read_audio(Path(name), longest_s=LONGEST_PLAYED_S), name) for at_ms, name in played]


def _refuse_what_comes_too_late(
    sounds: list[Sound], pack: LanguagePack, ends_ms: Callable[[list[tuple[int, Command]]], int]
) -> None:
    """Raise `UsageError` where a sound is to come after the end, as far as that is known before the session.

    What is said makes it longer or shorter; what a recording makes of it nobody knows.
    """
    heard: list[tuple[int, Command]] = []
    for sound in sorted(sounds, key=lambda sound: sound.at_ms):
        end_ms = ends_ms(heard)
        if sound.at_ms > end_ms + _LATE_MS:
            raise UsageError(
                f"'{sound.what}' is to come at {clock(sound.at_ms)}, but the session ends at about {clock(end_ms)};"
                " give an earlier time."
            )
        command = pack.command_of(" ".join(re.findall(r"[\w']+", sound.what)))
        if command is None:
            return
        heard.append((sound.at_ms, command))


def _timed(option: str, text: str) -> tuple[int, str]:
    time, _, what = text.strip().partition(" ")
    if not time or not what.strip():
        example = '"1:30 cramp, back off"' if option == "--say" else '"1:30 clip.wav"'
        raise UsageError(f"{option} {text!r} does not say both when and what; write it as {option} {example}.")
    return parse_time(time), what.strip()


def _room(arguments: argparse.Namespace) -> Room:
    room = Room(
        rt60_s=DEFAULT_RT60_S if arguments.rt60 is None else arguments.rt60,
        echo_db=DEFAULT_ECHO_DB if arguments.echo is None else arguments.echo,
    )
    if arguments.noise is not None:
        noise = read_audio(Path(arguments.noise), longest_s=LONGEST_PLAYED_S)
        room.add_noise(noise, DEFAULT_SNR_DB if arguments.snr is None else arguments.snr)
    elif arguments.snr is not None:
        raise UsageError("--snr says how loud a noise is, but there is none; add --noise FILE.")
    return room


def _outputs(
    arguments: argparse.Namespace, files: ExitStack, title: str
) -> tuple[Callable[[Samples], None], list[Sink], Callable[[], None]]:
    """Open what is to be written, so that what cannot be is known before the work is done.

    Return where the sound goes, where the events go, and what draws the picture at the end.
    """
    sinks: list[Sink] = [PrintSink(Console(file=sys.stdout, highlight=False))]
    write = files.enter_context(WavWriter(Path(arguments.out))).write if arguments.out else _nowhere
    if arguments.timeline:
        sinks.append(JsonLinesSink(files.enter_context(AtomicTextFile(Path(arguments.timeline), private=True))))
    if not arguments.picture:
        return write, sinks, lambda: None
    picture = files.enter_context(AtomicTextFile(Path(arguments.picture)))
    events: list[Event] = []
    sinks.append(events.append)
    return write, sinks, lambda: picture.write(draw(events, title))


def _nowhere(_: Samples) -> None:
    pass
