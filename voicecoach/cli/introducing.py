"""Finds out by voice whether the person hears the coach, and it them: at the first start, and for `doctor --spoken`."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Final

from voicecoach.audio.clip import Sentence
from voicecoach.cli.telling import tell
from voicecoach.cli.voicing import renderer_of
from voicecoach.coaching.messages import SpeechTable
from voicecoach.doctor import Finding, Standing, echo, levels
from voicecoach.doctor import Wishes as ProbeWishes
from voicecoach.doctor.examination import sound_findings
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
from voicecoach.settings import load_configuration
from voicecoach.standby.announcement import Announcement
from voicecoach.standby.dialogue import Dialogue
from voicecoach.standby.interview import Interview, InterviewScript
from voicecoach.timeline.events import Event, Heard
from voicecoach.timeline.timeline import Timeline

MOST_LOUDSPEAKERS: Final = 5
"""Saying hello twice on each takes half a minute."""
MOST_ADVICE: Final = 4
"""Sentences about what is wrong; more cannot be kept in mind."""
_TURN_S: Final = 0.2


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
) -> tuple[Outcome, Interview | None]:
    """Hold an interview by the loudspeaker that is open. Raises `VoiceError` where the coach has no voice."""
    script = InterviewScript(pack)
    # Said only to somebody who has answered.
    closing = [script.listen()]
    held: list[Interview] = []

    def hold(table: SpeechTable) -> Interview:
        held.append(Interview(script, table, closing))
        return held[0]

    texts = script.texts() | {cue.full for cue in closing}
    outcome = _perform(live, wakening, pack, tell, texts=texts, begin=hold)
    return outcome, held[0] if held else None


def announce(
    live: LiveSession, wakening: Wakening, pack: LanguagePack, sentences: Sequence[str], tell: Callable[[str], None]
) -> None:
    """Say sentences by the loudspeaker that is chosen. Raises `VoiceError` where the coach has no voice."""
    cues = [Cue(text, text) for text in sentences]
    texts = frozenset(sentences)
    _perform(live, wakening, pack, tell, texts=texts, begin=lambda table: Announcement(cues, table))


def _perform(
    live: LiveSession,
    wakening: Wakening,
    pack: LanguagePack,
    tell: Callable[[str], None],
    *,
    texts: frozenset[str],
    begin: Callable[[SpeechTable], Dialogue],
) -> Outcome:
    loudspeaker = Loudspeaker()

    def note(event: Event) -> None:
        if isinstance(event, Heard):
            tell(f"Understood: {event.command}")

    with ExitStack() as opened:
        timeline = opened.enter_context(Timeline(note))
        rendering = BackgroundRenderer(renderer_of(texts, pack, lambda: wakening.asked_to_end), wakening.wake)
        opened.callback(rendering.close)

        def compose(sentences: Mapping[str, Sentence]) -> Performance:
            table = {text: sentence.timing for text, sentence in sentences.items()}
            return Performance(begin(table), sentences, pack, mixer=loudspeaker, timeline=timeline, render=rendering)

        rendering(pack.voice.words_per_minute)
        return live.perform(Act(compose, loudspeaker, rendering))


def measured(wishes: ProbeWishes, volume_db: float, goes_on: Callable[[], bool]) -> list[Finding]:
    """Have the doctor measure levels and echo, while nobody else has the devices open. Takes 15 s, a minute at most.

    `goes_on` is asked several times a second whether to wait on; where it says no, nothing was found.
    """
    done: Future[list[Finding]] = Future()

    def measure() -> None:
        try:
            done.set_result(list(sound_findings(wishes, volume_db, lambda _step: None)))
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            done.set_exception(error)

    # Its probe ends with this process, whoever waits.
    threading.Thread(target=measure, name="measuring", daemon=True).start()
    while not wait_for([done], _TURN_S).done:
        if not goes_on():
            return []
    return done.result()


def report(pack: LanguagePack, findings: Iterable[Finding], *, has_answered: bool) -> list[str]:
    """Return what is to be said about what was found: to somebody who has answered, that all is well, too.

    Where nobody has, that the room is silent or the echo weak says nothing: only what fails is told.
    """
    found = list(findings)
    said = advice([one for one in found if has_answered or one.standing is Standing.FAILURE], pack)
    return said or ([InterviewScript(pack).measured().full] if has_answered and found else [])


def advice(findings: Iterable[Finding], pack: LanguagePack) -> list[str]:
    """Return the sentences about what is wrong, the worst first; not more than can be kept in mind."""
    wrong = [one for one in findings if one.standing in (Standing.FAILURE, Standing.WARNING)]
    if any(one.check == levels.CHECK and one.standing is Standing.FAILURE for one in wrong):
        # By a microphone that gives nothing no echo comes: that is no second fault.
        wrong = [one for one in wrong if one.check != echo.CHECK]
    wrong.sort(key=lambda one: one.standing is not Standing.FAILURE)
    sentences = (pack.calls.findings.get(one.check, {}).get(one.code, one.spoken) for one in wrong)
    return [text for text in dict.fromkeys(sentences) if text][:MOST_ADVICE]


def speak_of(arguments: argparse.Namespace, findings: Iterable[Finding]) -> None:
    """Try whether somebody hears and is heard, measure again while they talk, and say what was found.

    Raises `DeviceError` where the sound system does not answer, and `VoiceError` where the coach has no voice.
    """
    configuration = load_configuration(arguments.config)
    pack = configuration.pack(arguments.language)
    devices = configuration.settings.devices
    names = Names(
        loudspeaker=arguments.loudspeaker or devices.loudspeaker or "",
        microphone=arguments.microphone or devices.microphone or "",
        wake_ms=devices.wake_ms,
        keep_awake=devices.keep_awake,
        settings=arguments.config or "",
        language=pack.language,
        model=arguments.model or "",
    )
    with ExitStack() as opened:
        wakening = opened.enter_context(Wakening())
        heard_on = _ask_on_each(names, pack, wakening)
        name = names.loudspeaker if heard_on is None else heard_on
        wishes = ProbeWishes(
            loudspeaker=name, microphone=names.microphone, plays=not arguments.silent, wake_ms=names.wake_ms
        )
        new = measured(wishes, configuration.settings.voice.volume_db, lambda: not wakening.asked_to_end)
        tell_of(new, tell)
        again = {finding.check for finding in new}
        others = [finding for finding in findings if finding.check not in again]
        said = report(pack, [*others, *new], has_answered=heard_on is not None)
        if said and not wakening.asked_to_end:
            try:
                live = opened.enter_context(_live(replace(names, loudspeaker=name), wakening))
                announce(live, wakening, pack, said, tell)
            except DeviceError as error:
                tell(str(error))
        if wakening.asked_to_end:
            raise KeyboardInterrupt
    if heard_on is None:
        tell("Nobody said yes by any loudspeaker: see that one is connected and switched on.")
    else:
        tell(f"The person hears the coach by {heard_on or 'the usual loudspeaker'}.")


def tell_of(findings: Iterable[Finding], tell: Callable[[str], None]) -> None:
    """Tell in lines what was measured, and what to do about it."""
    for one in findings:
        tell(f"{one.check}: {one.found}" + (f" {one.advice}" if one.advice else ""))


@contextmanager
def _live(names: Names, wakening: Wakening) -> Iterator[LiveSession]:
    live = LiveSession(
        names,
        sound=sound_keeper(),
        hearing=hearing_keeper(names),
        wakening=wakening,
        microphone_watch=MicrophoneWatch(names.microphone),
        tell=tell,
    )
    try:
        yield live
    finally:
        live.close()


def _ask_on_each(names: Names, pack: LanguagePack, wakening: Wakening) -> str | None:
    for name in loudspeakers(names.loudspeaker):
        try:
            with _live(replace(names, loudspeaker=name), wakening) as live:
                outcome, held = interview(live, wakening, pack, tell)
        except DeviceError as error:
            tell(str(error))
            continue
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
    return None
