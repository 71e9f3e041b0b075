"""Finds out by voice whether the person hears the coach, and it them: at the first start, and for `doctor --spoken`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from types import FrameType
from typing import Final

from voicecoach.audio.clip import Sentence
from voicecoach.cli.voicing import renderer_of
from voicecoach.doctor import Finding, Standing
from voicecoach.errors import DeviceError
from voicecoach.language.pack import LanguagePack
from voicecoach.live.children import Names, hearing_keeper, sound_keeper
from voicecoach.live.devices import Direction, probe_devices
from voicecoach.live.live_session import Act, LiveSession, Outcome
from voicecoach.live.loudspeaker import Loudspeaker
from voicecoach.live.microphone_watch import MicrophoneWatch
from voicecoach.live.rendering import BackgroundRenderer
from voicecoach.live.wakening import Wakening
from voicecoach.performance import Performance
from voicecoach.routine.plan import Cue
from voicecoach.settings import Configuration, load_configuration
from voicecoach.standby.interview import Interview, InterviewScript
from voicecoach.timeline.events import Event, Heard
from voicecoach.timeline.timeline import Timeline

MOST_LOUDSPEAKERS: Final = 5
"""Saying hello twice on each takes half a minute."""
MOST_ADVICE: Final = 4
"""Sentences about what is wrong; more cannot be kept in mind."""


def loudspeakers(named: str) -> list[str]:
    """Return the loudspeakers to try, the usual one first: it is called by no name. Only the one that is named, if any.

    Raises `DeviceError` where the sound system does not answer.
    """
    if named:
        return [named]
    outputs = [device for device in probe_devices() if device.direction is Direction.OUTPUT]
    others = [device.name for device in outputs if not device.is_default and device.name != "default"]
    return ["", *others][:MOST_LOUDSPEAKERS]


def interview(
    live: LiveSession,
    wakening: Wakening,
    pack: LanguagePack,
    tell: Callable[[str], None],
    closing: Sequence[Cue] = (),
) -> tuple[Outcome, Interview | None]:
    """Hold an interview by the loudspeaker that is open. Raises `VoiceError` where the coach has no voice."""
    script = InterviewScript(pack)
    loudspeaker = Loudspeaker()
    held: list[Interview] = []

    def note(event: Event) -> None:
        if isinstance(event, Heard):
            tell(f"Understood: {event.command}")

    with ExitStack() as opened:
        timeline = opened.enter_context(Timeline(note))
        texts = script.texts() | {cue.full for cue in closing}
        rendering = BackgroundRenderer(renderer_of(texts, pack, lambda: wakening.asked_to_end), wakening.wake)
        opened.callback(rendering.close)

        def compose(sentences: Mapping[str, Sentence]) -> Performance:
            table = {text: sentence.timing for text, sentence in sentences.items()}
            held.append(Interview(script, table, closing))
            return Performance(held[0], sentences, pack, mixer=loudspeaker, timeline=timeline, render=rendering)

        rendering(pack.voice.words_per_minute)
        outcome = live.perform(Act(compose, loudspeaker, rendering))
    return outcome, held[0] if held else None


def speak_of(arguments: argparse.Namespace, findings: Iterable[Finding]) -> None:
    """Say what was found, to somebody without a screen, after trying whether they hear and are heard.

    Raises `DeviceError` and `VoiceError` where nothing can be said.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    configuration = load_configuration(arguments.config)
    pack = configuration.pack(arguments.language)
    closing = [Cue(text, text) for text in advice(findings)]
    with ExitStack() as opened:
        wakening = opened.enter_context(Wakening())
        heard_on = _ask_on_each(arguments, configuration, pack, closing, wakening)
    if heard_on is None:
        _tell("Nobody said yes by any loudspeaker: see that one is connected and switched on.")
    else:
        _tell(f"The person hears the coach by {heard_on or 'the usual loudspeaker'}.")


def advice(findings: Iterable[Finding]) -> list[str]:
    """Return the sentences about what is wrong, the worst first; not more than can be kept in mind."""
    wrong = [one for one in findings if one.standing in (Standing.FAILURE, Standing.WARNING) and one.spoken]
    wrong.sort(key=lambda one: one.standing is not Standing.FAILURE)
    return list(dict.fromkeys(one.spoken for one in wrong))[:MOST_ADVICE]


def _ask_on_each(
    arguments: argparse.Namespace,
    configuration: Configuration,
    pack: LanguagePack,
    closing: Sequence[Cue],
    wakening: Wakening,
) -> str | None:
    devices = configuration.settings.devices
    for name in loudspeakers(arguments.loudspeaker or devices.loudspeaker or ""):
        names = Names(
            loudspeaker=name,
            microphone=arguments.microphone or devices.microphone or "",
            settings=arguments.config or "",
            language=pack.language,
            model=arguments.model or "",
        )
        live = LiveSession(
            names,
            sound=sound_keeper(),
            hearing=hearing_keeper(names),
            wakening=wakening,
            microphone_watch=MicrophoneWatch(names.microphone),
            tell=_tell,
        )
        try:
            outcome, held = interview(live, wakening, pack, _tell, closing)
        except DeviceError as error:
            _tell(str(error))
            continue
        finally:
            live.close()
        if outcome is Outcome.INTERRUPTED:
            raise KeyboardInterrupt
        if held is not None and held.is_heard:
            return name
    return None


def find_loudspeaker(
    live: LiveSession, wakening: Wakening, pack: LanguagePack, named: str, tell: Callable[[str], None]
) -> str | None:
    """Say hello by each loudspeaker until somebody says yes. Return which it was; none where nobody did.

    The last one that was tried stays open. Raises `VoiceError` where the coach has no voice.
    """
    try:
        names = loudspeakers(named)
    except DeviceError as error:
        tell(str(error))
        names = [named]
    for number, name in enumerate(names):
        if number:
            live.open_loudspeaker(name)
        outcome, held = interview(live, wakening, pack, tell)
        if outcome is Outcome.INTERRUPTED:
            return None
        if held is not None and held.is_heard:
            tell(f"Somebody hears the coach by {name or 'the usual loudspeaker'}.")
            return name
    live.open_loudspeaker(named)
    return None


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
