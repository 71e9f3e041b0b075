"""Which engine listens: chosen by the language, the settings and what is installed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from threading import Lock

from voicecoach.errors import ModelError
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.decision import ways_to_say
from voicecoach.listening.ears import Ears, Engine
from voicecoach.listening.models import find_vosk_model, how_to_get
from voicecoach.listening.recognizer import Recognizer, Scorer, SecondOpinion
from voicecoach.settings import EngineName

_SCORED: str = "en"
"""The language that a scorer was taught."""


def open_ears(pack: LanguagePack, model: Path | None = None, engine: EngineName = "auto") -> Ears:
    """Return ears for a language, by what is installed.

    English has a scorer. Its second opinion is Vosk's where a model is given or was fetched, else Moonshine's. Other
    languages have Vosk alone, and PocketSphinx is there for English where onnxruntime is not. `engine` insists on one
    of them. `Ears.engine.name` says what it became. Loading may take seconds. Raises `ModelError` where a model is
    damaged or missing, and `UnknownWordsError` where the engine does not know a phrase's words.
    """
    return Ears(_engine(pack, model, engine), pack)


def _engine(pack: LanguagePack, model: Path | None, engine: EngineName) -> Engine:
    ways = tuple(ways_to_say(pack, pack.all_phrases))
    if engine == "pocketsphinx":
        return _alone(_pocketsphinx(pack, ways))
    if model is None and engine != "moonshine":
        model = find_vosk_model(pack.recognition.vosk)
        if model is None and engine == "vosk":
            raise ModelError(f"There is no Vosk model for {pack.name} here; {how_to_get(pack)}.")
    scorer = _scorer(pack, needed=engine == "moonshine")
    if model is not None:
        from voicecoach.listening.vosk_recognizer import VoskRecognizer

        vosk = VoskRecognizer(model, ways)
        return _alone(vosk) if scorer is None else _scored(scorer, _by_grammar(vosk, ways), vosk.name)
    if scorer is not None:
        return _scored(scorer, _by_moonshine(ways, pack.address), "Moonshine")
    return _alone(_pocketsphinx(pack, ways))


def _alone(recognizer: Recognizer) -> Engine:
    return Engine(recognizer.name, recognizer=recognizer)


def _scored(scorer: Scorer, second: Callable[[], SecondOpinion | None], name: str) -> Engine:
    return Engine("Moonshine" if name == "Moonshine" else f"Moonshine and {name}", scorer, second)


def _scorer(pack: LanguagePack, *, needed: bool) -> Scorer | None:
    if pack.language != _SCORED:
        if needed:
            raise ModelError(f"Moonshine does not know {pack.name}; {how_to_get(pack)}.")
        return None
    from voicecoach.listening.moonshine_scorer import MoonshineScorer

    try:
        return MoonshineScorer()
    except ModelError:
        if needed:
            raise
        return None


def _by_grammar(recognizer: Recognizer, ways: Sequence[str]) -> Callable[[], SecondOpinion]:
    from voicecoach.listening.grammar_opinion import GrammarOpinion

    opinion = GrammarOpinion(recognizer, ways)
    return lambda: opinion


def _by_moonshine(ways: Sequence[str], address: str) -> Callable[[], SecondOpinion | None]:
    from voicecoach.listening.moonshine_scorer import MoonshineOpinion, check_spelling, has_room_for_second_opinion

    check_spelling(ways)

    @cache
    def opened() -> SecondOpinion | None:
        return MoonshineOpinion(ways, address) if has_room_for_second_opinion() else None

    one_at_a_time = Lock()

    def once() -> SecondOpinion | None:
        with one_at_a_time:
            return opened()

    return once


def _pocketsphinx(pack: LanguagePack, ways: Sequence[str]) -> Recognizer:
    if not pack.recognition.pocketsphinx:
        raise ModelError(f"There is no speech model for {pack.name} here; {how_to_get(pack)}.")
    try:
        from voicecoach.listening.pocketsphinx_recognizer import PocketSphinxRecognizer
    except ImportError:
        raise ModelError(
            "Neither Moonshine nor PocketSphinx works here; install one: pip install 'voicecoach[pocketsphinx]'."
        ) from None
    return PocketSphinxRecognizer(ways, pack.recognition.pronunciations)
