"""Rendering every sentence of a session before it starts, with progress that a person can see."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from voicecoach.audio.clip import Sentence
from voicecoach.cli.progress import Progress
from voicecoach.coaching.messages import CueTiming
from voicecoach.coaching.script import Script
from voicecoach.errors import EXIT_INTERRUPTED, VoicecoachError
from voicecoach.language.pack import LanguagePack, load_pack
from voicecoach.routine.plan import Plan
from voicecoach.speech.clip_cache import ClipCache, default_directory
from voicecoach.speech.pyttsx3_synthesizer import Pyttsx3Engine, Voice
from voicecoach.speech.speech import Speech


def script_of(pack: LanguagePack) -> Script:
    """Return the coach's own sentences in a language. A shipped pack that lacks one is our bug."""
    return Script(pack.cues, {command: tuple(phrases) for command, phrases in pack.phrases.items()})


def authors_pack(plan: Plan, pack: LanguagePack) -> LanguagePack:
    """Return the pack whose voice speaks what the routine's author wrote, beside a coach that speaks by `pack`."""
    return pack if plan.language == pack.language else load_pack(plan.language)


class GivenUpError(VoicecoachError):
    """Nobody wants the rest of the sentences any more."""

    exit_code = EXIT_INTERRUPTED


def renderer(
    plan: Plan, pack: LanguagePack, given_up: Callable[[], bool] = lambda: False
) -> Callable[[int], Mapping[str, Sentence]]:
    """Return what renders all sentences of a session at a speed in words a minute.

    What the author wrote is spoken by a voice of the routine's language, what the coach says by one of the pack's,
    which are the same where the languages are. After each sentence `given_up` is asked, and where it says so, the
    renderer raises `GivenUpError`.
    """
    cache = ClipCache(default_directory())
    authors = frozenset(_authored(plan))
    own = script_of(pack).texts(plan) - authors
    theirs = authors_pack(plan, pack)

    def render(words_per_minute: int) -> Mapping[str, Sentence]:
        def clips(language: LanguagePack, texts: frozenset[str], before: int) -> dict[str, Sentence]:
            speech = Speech(Pyttsx3Engine(Voice(language.voice.espeak, words_per_minute)), cache)

            def tell(done: int, of: int) -> None:
                if given_up():
                    raise GivenUpError("The rest was not rendered.")
                if done < of:
                    progress(before + done, len(own) + len(authors))

            return speech.clips(sorted(texts), tell)

        with Progress("Rendering sentences") as progress:
            return clips(pack, own, 0) | clips(theirs, authors, len(own))

    return render


def lengths(plan: Plan, pack: LanguagePack, texts: frozenset[str]) -> Mapping[str, CueTiming]:
    """Return how long some sentences of a session are, rendered as it would render them.

    Raises `VoiceError` where there is no voice, and `UsageError` where there is none for the routine's language.
    """
    cache = ClipCache(default_directory())
    authors = frozenset(_authored(plan)) & texts
    found: dict[str, CueTiming] = {}
    with Progress("Rendering sentences") as progress:
        for language, some in ((pack, texts - authors), (authors_pack(plan, pack), authors)):
            speech = Speech(Pyttsx3Engine(Voice(language.voice.espeak, pack.voice.words_per_minute)), cache)
            before = len(found)

            def tell(done: int, of: int, before: int = before) -> None:
                if done < of:
                    progress(before + done, len(texts))

            found |= {text: clip.timing for text, clip in speech.clips(sorted(some), tell).items()}
    return found


def renderer_of(
    texts: frozenset[str], pack: LanguagePack, given_up: Callable[[], bool]
) -> Callable[[int], Mapping[str, Sentence]]:
    """Return what renders some sentences of the coach at a speed in words a minute; see `renderer`."""
    cache = ClipCache(default_directory())

    def render(words_per_minute: int) -> Mapping[str, Sentence]:
        def tell(_done: int, _of: int) -> None:
            if given_up():
                raise GivenUpError("The rest was not rendered.")

        speech = Speech(Pyttsx3Engine(Voice(pack.voice.espeak, words_per_minute)), cache)
        return speech.clips(sorted(texts), tell)

    return render


def _authored(plan: Plan) -> list[str]:
    cues = [cue for segment in plan.segments for cue in segment.cues]
    for exercise in plan.exercises:
        cues += [cue for cue in (exercise.setup, exercise.easier, exercise.harder) if cue is not None]
    return [text for cue in cues for text in (cue.full, cue.short)]
