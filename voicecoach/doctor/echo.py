"""The way from the loudspeaker through the air to the microphone, and what can be done about the echo."""

from __future__ import annotations

from math import log10
from statistics import median
from typing import Final

from voicecoach.doctor.finding import Fact, Finding, Standing
from voicecoach.doctor.sound import EchoFacts
from voicecoach.speech.shaping import ACTIVE_RMS

CHECK: Final = "echo"
LONGEST_MS: Final = 400.0
"""The echo canceller (AEC3) finds delays up to this by itself, as measured with simulated rooms."""
STEADY_MS: Final = 30.0
"""Delays of three chirps that differ by more than this will differ during a session. A sound server on a busy machine
has 10 ms of that."""
LOUD_PEAK_DB: Final = -3.0
"""An echo that comes so near to full scale gets distorted with the next louder sound."""
MOST_OVER_VOICE_DB: Final = 10.0
"""How much louder than a person the coach's speech may be at the microphone. So far it was measured: at 10 dB, 20 of 20
commands were understood where the coach fell silent after 150 ms, but 7 where it took 300 ms."""
SPEECH_DB: Final = 20 * log10(ACTIVE_RMS)
_NOT_HEARD_GAIN: Final = 2
"""Chirps that have to come back, of three."""


def judge(facts: EchoFacts, voice_db: float | None = None) -> Finding:
    """Say whether the coach can be talked over, by a person who was so loud at the microphone; none for not known."""
    delay_ms = median(facts.delays_ms) if facts.delays_ms else None
    gain_db = median(facts.gains_db) if facts.gains_db else None
    numbers: dict[str, Fact] = {
        "played": facts.played,
        "returned": len(facts.delays_ms),
        "delay_ms": delay_ms,
        "delays_ms": list(facts.delays_ms),
        "loss_db": None if gain_db is None else -gain_db,
        "peak_db": facts.peak_db,
        "clipped": facts.clipped,
        "underflows": facts.underflows,
        "canceller": facts.canceller is None,
        "voice_db": voice_db,
        "speech_db": None if gain_db is None else SPEECH_DB + gain_db,
    }

    def finding(standing: Standing, code: str, found: str, advice: str = "", spoken: str = "") -> Finding:
        return Finding(CHECK, standing, code, found, advice, spoken, numbers)

    if not facts.played:
        return finding(
            Standing.FAILURE,
            "not_played",
            "The chirps were never taken by the loudspeaker.",
            "Restart the sound server, or unplug the loudspeaker and plug it in again.",
            "My loudspeaker takes no sound. Please unplug it and plug it in again.",
        )
    if delay_ms is None or gain_db is None or len(facts.delays_ms) < _NOT_HEARD_GAIN:
        return finding(
            Standing.WARNING,
            "not_heard",
            f"{len(facts.delays_ms)} of {facts.played} chirps came back through the microphone.",
            "Did you hear them? If not, the loudspeaker is off, muted, or the wrong one: see `alsamixer` and "
            "`voicecoach devices`. If so, the microphone does not hear the room; with headphones that is as it should "
            "be.",
            "I cannot hear my own loudspeaker. It is off, or my microphone is not in the same room. With headphones "
            "that is as it should be.",
        )
    way = f"{len(facts.delays_ms)} of {facts.played} chirps came back after {delay_ms:.0f} ms"
    way += f", {abs(gain_db):.0f} dB {'weaker' if gain_db <= 0 else 'stronger'} than they were played"
    if facts.clipped > 0 or facts.peak_db > LOUD_PEAK_DB:
        return finding(
            Standing.WARNING,
            "too_loud",
            f"{way}, with a peak of {facts.peak_db:.0f} dB: the microphone is overdriven by the loudspeaker.",
            "A distorted echo cannot be taken out: lower the microphone's volume, or move the two apart.",
            "My loudspeaker is too loud for my microphone. Please move them apart, or turn one of them down.",
        )
    if facts.canceller is not None:
        return finding(
            Standing.WARNING,
            "no_canceller",
            f"{way}; there is no echo canceller ({facts.canceller}).",
            "While the coach sounds, it hears only urgent words, and may miss these. Where there is a wheel (64-bit), "
            "`pip install pywebrtc-audio` mends that.",
            "While I speak I hear only urgent words, and badly.",
        )
    if delay_ms > LONGEST_MS:
        return finding(
            Standing.WARNING,
            "late",
            f"{way}; the echo canceller can follow {LONGEST_MS:.0f} ms.",
            "Bluetooth and network loudspeakers are so late: use a wired one, or expect to be heard only while the "
            "coach is silent.",
            "My loudspeaker is so late that I cannot hear you while I speak. Wireless ones are like that: please take "
            "one with a wire.",
        )
    if voice_db is not None and SPEECH_DB + gain_db - voice_db > MOST_OVER_VOICE_DB:
        return finding(
            Standing.WARNING,
            "over_voice",
            f"{way}: so the coach is {SPEECH_DB + gain_db - voice_db:.0f} dB louder at the microphone than what was "
            "said.",
            "Who talks over the coach is not understood then: bring the microphone nearer to you than to the "
            "loudspeaker, or lower the coach's volume.",
            "For my microphone I am much louder than you are. Please bring it nearer to you and away from my "
            "loudspeaker, or turn me down.",
        )
    if max(facts.delays_ms) - min(facts.delays_ms) > STEADY_MS:
        return finding(
            Standing.WARNING,
            "unsteady",
            f"{way}, but between {min(facts.delays_ms):.0f} and {max(facts.delays_ms):.0f} ms.",
            "The echo canceller has to learn anew each time that changes: see what else is running, and use one sound "
            "card for both.",
            "",
        )
    return finding(Standing.OK, "steady", f"{way}; the echo canceller can take that out.")
