"""The child processes of a live session: how each is started, and how patient the coach is with it.

Imports next to nothing, so that a child can be started before anything else is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from voicecoach.listening.sensations import Heard, Ignored, VoiceBegan
from voicecoach.live.child import Child
from voicecoach.live.keeper import Keeper, Limits
from voicecoach.live.overload import STEPS, Effort
from voicecoach.live.wire import FROM_HEARING, FROM_SOUND, OpenDevices

SOUND_LIMITS: Final = Limits(start_s=15.0, progress_s=3.0)
"""On two cores with ten busy processes a sound process stood still for 1.5 s now and then, and was well: each restart
costs the person more than a second's wait for one that really hangs."""
SLOW_SOUND_LIMITS: Final = Limits(start_s=60.0, progress_s=10.0)
"""The same on a machine that is known not to keep up: with 8 % of a core it stood still for 3 s while ears loaded."""
HEARING_LIMITS: Final = Limits(start_s=90.0, progress_s=15.0, first_delay_s=0.5, longest_delay_s=30.0)
CLOSE_LIMIT_S: Final = 0.3
"""How long the end of a killed child is waited for."""


NO_SETTINGS: Final = "-"
"""In place of the name of a settings file: there is none, or none that can be used."""


FIRST: Final = "first"
LAST: Final = "last"
"""Whether hearing is as important as any program, or comes after all others, already while it loads."""


class Hearing(Enum):
    """What is listened for."""

    SESSIONS = "sessions"
    CALLS = "calls"
    """What the coach is asked between sessions, and sessions."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a person chose; empty for the usual."""

    loudspeaker: str
    microphone: str
    settings: str
    language: str
    model: str
    hearing: Hearing = Hearing.SESSIONS
    wake_ms: int = 0
    """How long the loudspeaker needs to wake."""
    keep_awake: bool = False
    """Whether the loudspeaker is never let go."""
    effort: Effort = STEPS[0]
    """What the machine was found to be able to do."""


def sound_keeper() -> Keeper:
    """Return what keeps the sound process going. Each process waits for `open_devices`."""
    return Keeper(lambda: Child("voicecoach.live.sound", (), FROM_SOUND), SOUND_LIMITS)


def open_devices(sound: Keeper, names: Names) -> None:
    """Tell the child which devices to open, where there is one."""
    if sound.child is not None:
        keeps_awake = names.keep_awake or names.wake_ms > 0
        sound.child.send(OpenDevices(names.loudspeaker, names.microphone, keeps_awake, names.effort.buffer_ms))


def hearing_keeper(names: Names) -> Keeper:
    """Return what keeps the hearing process going."""
    keeps_up = names.effort == STEPS[0]
    kinds = (*FROM_HEARING, VoiceBegan, Heard, Ignored)
    order, thrift = FIRST if keeps_up else LAST, str(names.effort.thrift)
    arguments = (names.settings, names.language, names.model, names.hearing.value, order, thrift)
    return Keeper(lambda: Child("voicecoach.live.hearing", arguments, kinds), HEARING_LIMITS)
