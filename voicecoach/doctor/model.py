"""Whether the coach can hear words: the engine, with its model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from voicecoach.doctor.child import Probe, ProbeFailedError
from voicecoach.doctor.finding import Fact, Finding, Standing
from voicecoach.errors import EXIT_DOCUMENT, EXIT_NO_MODEL
from voicecoach.language.pack import LanguagePack
from voicecoach.listening.models import how_to_get
from voicecoach.settings import DEFAULT_LANGUAGE

CHECK: Final = "model"
NO_SETTINGS: Final = "-"
"""In place of a settings file: none, where the file is of no use and the ears are examined all the same."""
LIMIT_S: Final = 180.0
"""A new model is tried first, for 90 s at most, then loaded; on a small machine from a slow card."""
BUSY: Final = 0.5
"""Part of the sound's length that hearing it may take: a session needs the rest for the echo canceller and itself."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What came of opening the ears."""

    trouble: str | None
    exit_code: int = EXIT_NO_MODEL
    engine: str = ""
    has_scorer: bool = False
    load_ms: int = 0
    memory_mb: int = 0
    understood: int = 0
    """How many recorded commands were understood, of `tried`."""
    tried: int = 0
    load: float = 0.0
    """How long hearing them took, in lengths of their sound."""
    has_second_opinion: bool = False


def probe(settings: str, pack: LanguagePack, model: str) -> ModelFacts:
    """Open the ears in a process of its own, by the settings file and model that are named, if any are."""
    try:
        with Probe("voicecoach.doctor.model_probe", settings, pack.language, model) as asked:
            return ModelFacts(**asked.ask({}, LIMIT_S))
    except ProbeFailedError as error:
        return ModelFacts(f"The process that loads the speech model {error}; {how_to_get(pack)}.")


def judge(facts: ModelFacts, pack: LanguagePack) -> Finding:
    """Say whether commands would be understood."""
    numbers: dict[str, Fact] = {
        "engine": facts.engine,
        "scorer": facts.has_scorer,
        "second_opinion": facts.has_second_opinion,
        "load_ms": facts.load_ms,
        "memory_mb": facts.memory_mb,
        "understood": facts.understood,
        "tried": facts.tried,
        "load": facts.load,
    }
    if facts.trouble is not None:
        by_settings = facts.exit_code == EXIT_DOCUMENT
        found, _, advice = (facts.trouble, "", "") if by_settings else facts.trouble.partition("; ")
        return Finding(
            CHECK,
            Standing.FAILURE,
            "settings" if by_settings else "unusable",
            found if found.endswith(".") or by_settings else f"{found}.",
            f"{advice[:1].upper()}{advice[1:]}",
            "I do not understand any words, because my speech model is missing or damaged.",
            numbers,
            facts.exit_code,
        )
    second = ", and no second opinion" if facts.has_scorer and not facts.has_second_opinion else ""
    found = f"{facts.engine}{second}, loaded in {facts.load_ms / 1000:.1f} s, {facts.memory_mb} MB"
    if facts.tried:
        found += f"; understood {facts.understood} of {facts.tried} recorded commands"
        found += f" in {facts.load:.2f} of their length"
    found += "."
    if facts.tried and not facts.understood:
        return Finding(
            CHECK,
            Standing.FAILURE,
            "understands_nothing",
            found,
            f"It loads but understands nothing: is it a model for {pack.name}? {_sentence(how_to_get(pack))}",
            "My speech model does not seem to be for this language. I do not understand any words.",
            numbers,
            EXIT_NO_MODEL,
        )
    if facts.load > BUSY:
        return Finding(
            CHECK,
            Standing.WARNING,
            "slow",
            found,
            "This machine is busy or small: commands will be obeyed late. See with `top` what else is running.",
            "I will be slow to obey, because I am busy with something else.",
            numbers,
        )
    if not facts.has_scorer and pack.language == DEFAULT_LANGUAGE:
        return Finding(
            CHECK,
            Standing.WARNING,
            "no_scorer",
            found,
            "Without onnxruntime and moonshine-voice, as they are locked, more is taken for a command that was none:"
            " install them where there are wheels (64-bit only).",
            "I may take other words for commands.",
            numbers,
        )
    advice = ""
    if facts.has_scorer and not facts.has_second_opinion:
        advice = "This machine has too little memory for a second opinion: your own phrases are not understood."
    return Finding(CHECK, Standing.OK, "hears", found, advice, facts=numbers)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
