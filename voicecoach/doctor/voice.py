"""Whether the coach has a voice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from voicecoach.doctor.child import Probe, ProbeFailedError
from voicecoach.doctor.finding import Fact, Finding, Standing
from voicecoach.errors import EXIT_NO_VOICE
from voicecoach.language.pack import LanguagePack

CHECK: Final = "voice"
LIMIT_S: Final = 90.0
"""The synthesizer's own limits end well before that."""
LEAST_MS: Final = 200
"""No voice says the sentence faster."""
LEAST_PEAK: Final = 0.05
"""Clips are levelled to peaks of 0.5; this is 20 dB less."""
_CUE: Final = "wait"
"""A sentence without anything to fill in."""
_SLOW_MS: Final = 5_000


@dataclass(frozen=True, slots=True)
class VoiceFacts:
    """What came of rendering one sentence."""

    trouble: str | None
    engine: str = ""
    length_ms: int = 0
    took_ms: int = 0
    """With the start of the synthesizer's process."""
    peak: float = 0.0


def probe(pack: LanguagePack) -> VoiceFacts:
    """Have a sentence of the coach's script rendered."""
    voice = pack.voice
    request = {"voice": voice.espeak, "words_per_minute": voice.words_per_minute, "text": pack.cues[_CUE].full}
    try:
        with Probe("voicecoach.doctor.voice_probe") as asked:
            return VoiceFacts(**asked.ask(request, LIMIT_S))
    except ProbeFailedError as error:
        return VoiceFacts(f"the coach has no voice: rendering a sentence {error}; install espeak-ng again")


def judge(facts: VoiceFacts, pack: LanguagePack) -> Finding:
    """Say whether that was speech."""
    numbers: dict[str, Fact] = {
        "engine": facts.engine,
        "voice": pack.voice.espeak,
        "length_ms": facts.length_ms,
        "took_ms": facts.took_ms,
    }
    trouble = facts.trouble
    if trouble is None and (facts.length_ms < LEAST_MS or facts.peak < LEAST_PEAK):
        trouble = f"the coach has no voice: a sentence came out as {facts.length_ms} ms of nearly nothing; install "
        trouble += "espeak-ng again"
    if trouble is not None:
        found, _, advice = trouble.partition("; ")
        return Finding(
            CHECK,
            Standing.FAILURE,
            "none",
            f"{found[:1].upper()}{found[1:]}.",
            f"{advice[:1].upper()}{advice[1:]}.".replace("..", ".") if advice else "Install espeak-ng.",
            facts=numbers,
            exit_code=EXIT_NO_VOICE,
        )
    found = f"'{pack.voice.espeak}' by {facts.engine.partition(', ' + pack.voice.espeak)[0]} said "
    found += f"{facts.length_ms / 1000:.1f} s of speech in {facts.took_ms / 1000:.1f} s."
    if facts.took_ms > _SLOW_MS:
        return Finding(
            CHECK,
            Standing.WARNING,
            "slow",
            found,
            "That is slow: the first session with a routine will take minutes to prepare. See what else is running.",
            "",
            numbers,
        )
    return Finding(CHECK, Standing.OK, "speaks", found, facts=numbers)
