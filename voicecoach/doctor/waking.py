"""How much a loudspeaker swallows of the first sound after it was opened: HDMI, Bluetooth and soundbars wake slowly."""

from __future__ import annotations

from math import ceil
from typing import Final

from voicecoach.doctor.finding import Fact, Finding, Standing
from voicecoach.doctor.measuring import WAKING_MS
from voicecoach.doctor.sound import WakingFacts

CHECK: Final = "waking"
LEAST_MS: Final = 100.0
"""Less is not heard as missing, and may be the room."""
_SPARE_MS: Final = 200
_MOST_S: Final = 3.0
"""What the setting takes."""


def judge(facts: WakingFacts, *, returns: bool) -> Finding:
    """Say whether the first word is heard. `returns`: whether later sounds came back through the microphone."""
    lost_ms = facts.lost_ms if facts.lost_ms is not None or not returns else float(WAKING_MS)
    wake_s = None
    if lost_ms is not None and lost_ms >= LEAST_MS:
        wake_s = min(_MOST_S, ceil((facts.played_ms + lost_ms + _SPARE_MS) / 100) / 10)
    numbers: dict[str, Fact] = {"played_ms": facts.played_ms, "lost_ms": lost_ms, "wake_s": wake_s}
    after = f"a tone that began {facts.played_ms / 1000:.1f} s after the loudspeaker was opened"
    if lost_ms is None:
        return Finding(CHECK, Standing.SKIPPED, "skipped", "skipped: the tone did not come back", facts=numbers)
    if wake_s is None:
        return Finding(CHECK, Standing.OK, "whole", f"Nothing is missing of {after}.", facts=numbers)
    at_least = "at least " if lost_ms >= WAKING_MS else ""
    return Finding(
        CHECK,
        Standing.WARNING,
        "swallows",
        f"The loudspeaker swallowed {at_least}the first {lost_ms / 1000:.1f} s of {after}.",
        f"Write `wake_s: {wake_s:g}` under `devices:` in the settings: it is given so much to wake then, and inaudible "
        "noise in place of silence. `keep_awake: yes` does that between sessions, too, so that answers come at once.",
        "My loudspeaker is asleep when I begin, so that you miss my first words. I can be told to wake it first.",
        numbers,
    )
