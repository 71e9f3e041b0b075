"""What the microphone gives: whether there is anything, and whether it is worth listening to."""

from __future__ import annotations

from typing import Final

from voicecoach.doctor.finding import Fact, Finding, Standing
from voicecoach.doctor.sound import LISTEN_S, LevelFacts

CHECK: Final = "levels"
CLIPPED: Final = 0.0005
"""Part of the samples at full scale: 24 a second of 48,000. A good recording has none."""
OFFSET: Final = 0.02
"""The mean, as a part of full scale. Microphones stay under 0.002; the ears take it out, but it costs room."""
STANDS_OUT_DB: Final = 10.0
"""A moment this much louder than the room is somebody, or something."""
SILENT_DB: Final = -61.0
"""What the ears take for silence however quiet it is: `voicecoach.listening.background`, and its margin."""
FAINT_DB: Final = -46.0
"""A voice has to be about 15 dB above that, so that its soft sounds are heard, too."""
NOISY_DB: Final = -35.0
"""A room that is louder leaves a voice across it (about -25 dB, on a usual setting) too little."""
_HOW: Final = "Raise it with `alsamixer` (F4) or `pavucontrol`, or bring the microphone nearer."


def voice_db(facts: LevelFacts) -> float | None:
    """Return how loud the person was who was asked to speak; none where nobody stood out from the room."""
    return facts.loud_db if facts.loud_db - facts.floor_db >= STANDS_OUT_DB else None


def judge(facts: LevelFacts, *, hears_chirps: bool) -> Finding:
    """Say what is wrong with the microphone's sound, the worst first.

    `hears_chirps`: whether chirps that were played afterwards came back through it.
    """
    numbers: dict[str, Fact] = {
        "peak_db": facts.peak_db,
        "floor_db": facts.floor_db,
        "loud_db": facts.loud_db,
        "offset": facts.offset,
        "clipped": facts.clipped,
        "frames": facts.frames,
        "rate_hz": facts.rate_hz,
        "channel": facts.channel + 1,
        "channels": facts.channels,
    }

    def finding(standing: Standing, code: str, found: str, advice: str = "", spoken: str = "") -> Finding:
        return Finding(CHECK, standing, code, f"{found}{_channel(facts)}", advice, spoken, numbers)

    if not facts.frames:
        return finding(
            Standing.FAILURE,
            "nothing",
            f"The microphone gave nothing for {LISTEN_S:g} s.",
            "Unplug it and plug it in again, or restart the sound server.",
            "Nothing comes from my microphone, so I cannot hear you. Please unplug it and plug it in again.",
        )
    if facts.is_stuck and hears_chirps:
        return finding(
            Standing.WARNING,
            "gated",
            f"The microphone gave one value all the time for {LISTEN_S:g} s, but sound when there was some.",
            "Something silences it while it is quiet, and will cut off the beginnings of words: turn off its noise "
            "gate or noise suppression.",
            "My microphone sleeps while it is quiet, and may miss the beginning of what you say. Please turn off its "
            "noise suppression, or take another one.",
        )
    if facts.is_stuck:
        value = "nothing but zeros" if facts.peak_db <= -100 else f"one value all the time ({facts.offset:+.3f})"
        return finding(
            Standing.FAILURE,
            "stuck",
            f"The microphone gave {value} for {LISTEN_S:g} s.",
            "It is muted, switched off, or the wrong one: look for a switch at it, unmute it with `alsamixer` (F4), "
            "and see `voicecoach devices` for others.",
            "There is nothing but silence in my microphone, so I cannot hear you. Please look whether it has a "
            "switch, or connect another one.",
        )
    if facts.clipped > CLIPPED:
        return finding(
            Standing.WARNING,
            "clipped",
            f"{100 * facts.clipped:.1f} % of the samples are as loud as can be (peak {facts.peak_db:.0f} dB).",
            "What is cut off there is not understood: lower the microphone's volume with `alsamixer` (F4), and turn "
            "off any boost.",
            "My microphone is set too loud, so that words are distorted. Please turn it down, or go further away "
            "from it.",
        )
    if abs(facts.offset) > OFFSET:
        return finding(
            Standing.WARNING,
            "offset",
            f"The sound lies {100 * facts.offset:+.0f} % beside the middle (a DC offset).",
            "The coach takes it out, but it is a sign of a bad cable, plug or sound card: try another one.",
            "There is something wrong with my microphone or its cable. Please try another one.",
        )
    somebody = voice_db(facts) is not None
    found = f"The room is at {facts.floor_db:.0f} dB"
    if facts.loud_db < SILENT_DB:
        return finding(
            Standing.WARNING,
            "silent",
            f"{found} and nothing was louder than {facts.loud_db:.0f} dB, which the coach takes for silence.",
            f"If you spoke just now, the microphone is set far too low. {_HOW} If not, see `voicecoach listen`.",
            "It is very quiet here. If you have spoken just now, my microphone is set far too low: please turn it up, "
            "or bring it nearer.",
        )
    if somebody and facts.loud_db < FAINT_DB:
        return finding(
            Standing.WARNING,
            "faint",
            f"{found}, and what was said at {facts.loud_db:.0f} dB.",
            f"If that was you, you are too quiet to be understood. {_HOW}",
            "You are very quiet. Please come nearer, or turn my microphone up.",
        )
    if facts.floor_db > NOISY_DB:
        return finding(
            Standing.WARNING,
            "noisy",
            f"{found}, which leaves little for a voice to stand out from.",
            "Turn off what hums or plays, or bring the microphone nearer to you than to it. A hum without a source is "
            "a bad cable or supply.",
            "It is loud here, so that I will not understand everything. Please turn off what hums or plays, or bring "
            "the microphone nearer.",
        )
    heard = f", and something at {facts.loud_db:.0f} dB stood out" if somebody else ""
    return finding(Standing.OK, "good", f"{found}{heard}; the peak is {facts.peak_db:.0f} dB.")


def _channel(facts: LevelFacts) -> str:
    """Return which channel that was, where there are several that are not all dead."""
    if facts.channels == 1 or facts.is_stuck:
        return ""
    dead = [str(number + 1) for number in facts.dead_channels]
    others = f"; there is no sound in {' and '.join(dead)}" if dead else ""
    return f" Channel {facts.channel + 1} of {facts.channels} is heard{others}."
