"""Which engines listen: chosen by the language and by what is installed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from voicecoach.errors import ModelError
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.decision import ways_to_say
from voicecoach.listening.ears import Ears
from voicecoach.listening.models import find_vosk_model, how_to_get
from voicecoach.listening.person import HOW_TO_MEND, PersonProfile, UnusableProfileError, find_profile, profile_path
from voicecoach.listening.recognizer import Recognizer, ThirdWitness, UnknownWordsError, Verifier
from voicecoach.settings import Engine

if TYPE_CHECKING:
    from voicecoach.listening.teaching import Teacher
    from voicecoach.listening.teaching_ears import TeachingEars


def open_ears(
    pack: LanguagePack, model: Path | None = None, engine: Engine = "auto", person: PersonProfile | None = None
) -> Ears:
    """Return ears for a language: with the Vosk model given, the one fetched, or PocketSphinx.

    `engine` insists on one of the two; a model that is given is always used. `Ears.recognizer.name` says which it
    became. `person` is how the person says the phrases. Loading takes seconds. Raises `ModelError` where the model is
    damaged, or where there is none and PocketSphinx does not speak the language, and `UnknownWordsError` where the
    engine does not know a phrase's words.
    """
    recognizer, verifier, third = _witnesses(pack, model, engine, person)
    return Ears(recognizer, verifier, pack, third_witness=third)


def open_teaching_ears(
    pack: LanguagePack, model: Path | None, engine: Engine, teacher: Teacher, keep: Callable[[PersonProfile], None]
) -> TeachingEars:
    """Return ears that learn how the person says the phrases, see there. Raises as `open_ears`."""
    from voicecoach.listening.teaching_ears import TeachingEars

    recognizer, verifier, _ = _witnesses(pack, model, engine, None)
    return TeachingEars(recognizer, verifier, pack, teacher, keep)


def open_taught_ears(pack: LanguagePack, model: Path | None, engine: Engine, tell: Callable[[str], None]) -> Ears:
    """Return ears that know how the person says the phrases, where the coach was taught that.

    What was taught and cannot be used is left aside, and `tell` is given one line about it. Raises as `open_ears`.
    """
    try:
        return open_ears(pack, model, engine, find_profile(pack))
    except UnusableProfileError as error:
        tell(f"Hearing without what was taught: {error}.")
    return open_ears(pack, model, engine)


def _witnesses(
    pack: LanguagePack, model: Path | None, engine: Engine, person: PersonProfile | None
) -> tuple[Recognizer, Verifier | None, Callable[[], ThirdWitness | None]]:
    ways = tuple(ways_to_say(pack, pack.all_phrases))
    if model is None and engine != "pocketsphinx":
        model = find_vosk_model(pack.recognition.vosk)
        if model is None and engine == "vosk":
            raise ModelError(f"There is no Vosk model for {pack.name} here; {how_to_get(pack)}.")
    verifier = _verifier(pack, ways, person)
    return _recognizer(pack, model, ways, person), verifier, _third_witness(pack, ways)


def _recognizer(
    pack: LanguagePack, model: Path | None, ways: tuple[str, ...], person: PersonProfile | None
) -> Recognizer:
    if model is not None:
        from voicecoach.listening.vosk_recognizer import VoskRecognizer

        return VoskRecognizer(model, ways)
    if pack.recognition.pocketsphinx:
        from voicecoach.listening.pocketsphinx_recognizer import PocketSphinxRecognizer

        return PocketSphinxRecognizer(ways, pack.recognition.pronunciations, person.phonemes if person else None)
    raise ModelError(f"There is no speech model for {pack.name} here; {how_to_get(pack)}.")


def _verifier(pack: LanguagePack, ways: tuple[str, ...], person: PersonProfile | None) -> Verifier | None:
    # The phoneme model was trained on the English of the dictionary that PocketSphinx has, and is of no use elsewhere.
    if not pack.recognition.pocketsphinx:
        return None
    from voicecoach.listening.phoneme_verifier import PhonemeVerifier

    try:
        return PhonemeVerifier(
            ways, pack.recognition.pronunciations, pack.recognition.spellings, person.symbols if person else None
        )
    except UnknownWordsError:
        raise
    except ModelError:
        return None
    except ValueError as error:
        raise UnusableProfileError(f"{profile_path(pack.language)} cannot be used ({error}); {HOW_TO_MEND}") from None


def _third_witness(pack: LanguagePack, ways: tuple[str, ...]) -> Callable[[], ThirdWitness | None]:
    @cache
    def opened() -> ThirdWitness | None:
        # Moonshine's only model that comes in a package knows English.
        if pack.language != "en":
            return None
        from voicecoach.listening.third_witness import open_third_witness

        return open_third_witness(ways)

    one_at_a_time = Lock()

    def once() -> ThirdWitness | None:
        with one_at_a_time:
            return opened()

    return once
