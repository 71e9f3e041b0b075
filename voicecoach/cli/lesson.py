"""`teach` by voice: the coach asks for the phrases, and the hearing process learns and keeps what fits."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack

from voicecoach.audio.clip import Sentence
from voicecoach.cli.telling import tell
from voicecoach.cli.voicing import renderer_of
from voicecoach.errors import EXIT_DONE, EXIT_INTERRUPTED, ModelError
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.person import PersonProfile, UnusableProfileError, find_profile, profile_path, teachable
from voicecoach.live.children import Hearing, Names, hearing_keeper, sound_keeper
from voicecoach.live.live_session import EARS_LOAD_NS, Act, LiveSession, Outcome
from voicecoach.live.loudspeaker import Loudspeaker
from voicecoach.live.microphone_watch import MicrophoneWatch
from voicecoach.live.rendering import BackgroundRenderer
from voicecoach.live.wakening import Wakening
from voicecoach.performance import Performance
from voicecoach.settings import Configuration
from voicecoach.standby.lesson import Lesson, LessonScript
from voicecoach.timeline.events import Event, Heard, StateEntered
from voicecoach.timeline.timeline import Timeline


def hold_lesson(arguments: argparse.Namespace, configuration: Configuration, pack: LanguagePack) -> int:
    """Ask for all phrases that were not taught yet; for all of them where each was. Return the exit code.

    Raises `ModelError` for a language that cannot be taught, `DeviceError` without loudspeaker or microphone, and
    `VoiceError` where the coach has no voice.
    """
    if not pack.recognition.pocketsphinx or not pack.calls.lesson:
        raise ModelError(f"Teaching needs the phoneme model, which does not know {pack.name}; teach in English.")
    known = _known(pack)
    every = teachable(pack)
    missing = [phrase for phrase in every if phrase.casefold() not in known]
    if known:
        tell(f"{len(every) - len(missing)} of {len(every)} phrases are known already{'' if missing else ': all anew'}.")
    devices = configuration.settings.devices
    names = Names(
        loudspeaker=arguments.loudspeaker or devices.loudspeaker or "",
        microphone=arguments.microphone or devices.microphone or "",
        wake_ms=devices.wake_ms,
        keep_awake=devices.keep_awake,
        settings=arguments.config or "",
        language=pack.language,
        model=arguments.model or "",
        hearing=Hearing.LESSON,
    )
    with ExitStack() as opened:
        wakening = opened.enter_context(Wakening())
        live = LiveSession(
            names,
            sound=sound_keeper(),
            hearing=hearing_keeper(names),
            wakening=wakening,
            microphone_watch=MicrophoneWatch(names.microphone),
            tell=tell,
            needs_microphone=True,
        )
        opened.callback(live.close)
        outcome, lesson = _perform(live, wakening, pack, missing or list(every), tell)
    now = _known(pack)
    if lesson is not None and lesson.left:
        tell(f"Left aside, because it did not fit: {', '.join(lesson.left)}.")
    where = f" They are kept in {profile_path(pack.language)}, without any sound." if now else ""
    tell(f"{len(now)} of {len(every)} phrases are known.{where}")
    return EXIT_INTERRUPTED if outcome is Outcome.INTERRUPTED else EXIT_DONE


class _LessonPerformance(Performance):
    """A performance in which single phrases are open, not commands."""

    def __init__(self, lesson: Lesson, clips: Mapping[str, Sentence], pack: LanguagePack, **parts: object) -> None:
        super().__init__(lesson, clips, pack, **parts)  # type: ignore[arg-type]
        self._lesson = lesson

    def open_phrases(self, *, only_urgent: bool = False) -> Collection[str]:
        """Return the phrase that is asked for and those that end the lesson."""
        return () if only_urgent else self._lesson.open_phrases()


def _perform(
    live: LiveSession, wakening: Wakening, pack: LanguagePack, phrases: Sequence[str], tell: Callable[[str], None]
) -> tuple[Outcome, Lesson | None]:
    script = LessonScript(pack, phrases)
    loudspeaker = Loudspeaker()
    held: list[Lesson] = []

    def note(event: Event) -> None:
        match event:
            case StateEntered(state="asking", exercise=phrase):
                tell(f"Asked for: {phrase}")
            case Heard(phrase=phrase):
                tell(f"Understood: {phrase}")

    with ExitStack() as opened:
        timeline = opened.enter_context(Timeline(note))
        rendering = BackgroundRenderer(renderer_of(script.texts(), pack, lambda: wakening.asked_to_end), wakening.wake)
        opened.callback(rendering.close)

        def compose(sentences: Mapping[str, Sentence]) -> Performance:
            table = {text: sentence.timing for text, sentence in sentences.items()}
            held.append(Lesson(pack, script, table, phrases))
            return _LessonPerformance(held[0], sentences, pack, mixer=loudspeaker, timeline=timeline, render=rendering)

        rendering(pack.voice.words_per_minute)
        outcome = live.perform(Act(compose, loudspeaker, rendering, waits_for_ears_ns=EARS_LOAD_NS))
    return outcome, held[0] if held else None


def _known(pack: LanguagePack) -> Collection[str]:
    try:
        profile: PersonProfile | None = find_profile(pack)
    except UnusableProfileError as error:
        tell(f"What was taught is left aside: {error}.")
        return ()
    return () if profile is None else profile.sayings.keys()
