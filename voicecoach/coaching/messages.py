"""What goes into a session (past tense) and what comes out of it (imperative).

Times are session milliseconds. Inputs carry no arrival time of their own: that is the `now` they are received at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from voicecoach.commands import Command


class Tone(StrEnum):
    """Each sound that means something. How it sounds is decided in `voicecoach.audio.tones`, for exactly its length."""

    TICK = "tick"
    """The last seconds of a get-ready."""
    START = "start"
    HALFWAY = "halfway"
    COUNTDOWN = "countdown"
    """Three, two and one second before the end of a hold."""
    HOLD_END = "hold_end"
    REP_OUT = "rep_out"
    """A repetition begins: do it."""
    REP_BACK = "rep_back"
    """The way back of a repetition: let it go."""
    EXERCISE_END = "exercise_end"
    SESSION_END = "session_end"
    UNDERSTOOD = "understood"
    NOT_UNDERSTOOD = "not_understood"
    TROUBLE = "trouble"


TONE_LENGTH_MS: Mapping[Tone, int] = {
    Tone.TICK: 60,
    Tone.START: 220,
    Tone.HALFWAY: 200,
    Tone.COUNTDOWN: 90,
    Tone.HOLD_END: 350,
    Tone.REP_OUT: 110,
    Tone.REP_BACK: 110,
    Tone.EXERCISE_END: 600,
    Tone.SESSION_END: 1200,
    Tone.UNDERSTOOD: 120,
    Tone.NOT_UNDERSTOOD: 150,
    Tone.TROUBLE: 500,
}
"""How long each tone sounds, in milliseconds: the session needs it to place sentences between them."""


@dataclass(frozen=True, slots=True)
class CueTiming:
    """What the session needs to know of a rendered sentence."""

    length_ms: int
    breaks_ms: tuple[int, ...] = ()
    """Places between words where the sentence may be taken up again, ascending, within the length."""


SpeechTable = Mapping[str, CueTiming]
"""The timing of every sentence that can be said now, by its text."""


# Inputs


@dataclass(frozen=True, slots=True)
class CommandHeard:
    """The person said something that was understood."""

    command: Command
    phrase: str
    """The words of the language pack that were recognised."""


@dataclass(frozen=True, slots=True)
class VoiceStarted:
    """Somebody near the microphone began to speak. The coach gives way until it is known what it was."""


@dataclass(frozen=True, slots=True)
class VoiceIgnored:
    """What began with `VoiceStarted` is over and was no command."""

    like_speech: bool
    """True where a person evidently said something, which then deserves the not-understood earcon."""


@dataclass(frozen=True, slots=True)
class SpeechRendered:
    """Every sentence has been rendered anew, as `RenderSpeech` asked."""

    table: SpeechTable


class Notice(StrEnum):
    """Something about the machine that the person should be told as soon as there is room for it."""

    SOUND_RETURNED = "sound_returned"
    """Nothing could sound for a while, and now can again. Session time stood still."""
    HEARING_LOST = "hearing_lost"
    HEARING_RETURNED = "hearing_returned"
    NIGHT_BEGAN = "night_began"
    """The hours in which nothing is said unasked have begun. A session that somebody wanted goes on as it was."""
    NIGHT_ENDED = "night_ended"
    RECORD_LOST = "record_lost"
    """What happens cannot be written down: after a power cut the session could not go on from here."""


@dataclass(frozen=True, slots=True)
class MachineChanged:
    """The machine lost or regained one of its senses, or its memory."""

    notice: Notice


Input = CommandHeard | VoiceStarted | VoiceIgnored | SpeechRendered | MachineChanged


# Actions. What has been scheduled for later stays so until a `Stop...` takes it back.


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a sentence, from `from_ms` within it on, beginning at `at_ms`."""

    text: str
    at_ms: int
    from_ms: int = 0


@dataclass(frozen=True, slots=True)
class PlayTone:
    """Sound a tone with its first frame at `at_ms`, whatever else is sounding."""

    tone: Tone
    at_ms: int


@dataclass(frozen=True, slots=True)
class StopSpeech:
    """Cut what is being said and forget what was going to be said. Tones stay."""

    at_ms: int
    for_voice: bool = False
    """True where the coach falls silent because a person began to speak."""


@dataclass(frozen=True, slots=True)
class StopSounds:
    """Cut everything that sounds and forget everything scheduled."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class SetVolume:
    """Set the level of everything the coach sounds, in decibels against the usual one."""

    decibels: int


@dataclass(frozen=True, slots=True)
class RenderSpeech:
    """Render every sentence at this speed in words a minute, then answer with `SpeechRendered`."""

    words_per_minute: int


@dataclass(frozen=True, slots=True)
class ReportState:
    """For the timeline: the session is in `state` from `at_ms` on."""

    at_ms: int
    state: str
    exercise: str | None = None
    side: str | None = None
    set: int | None = None
    station: str | None = None
    remaining_ms: int | None = None
    """What is left of a timed state when it is entered."""


@dataclass(frozen=True, slots=True)
class ReportLedger:
    """For the timeline and the history: what has been done and is owed on one side of one exercise."""

    at_ms: int
    exercise: str
    side: str
    done_ms: int
    owed_ms: int
    why: str
    """What happened: `done`, `switched`, `skipped`, `cramp`, `accepted`, `declined`, `left_out`, `more_time`, `easier`,
    `restarted`, `finished`, `abandoned`; `interrupted`: work stopped in its middle; `owed`: one side did less;
    `broken_off`: as it stood when the machine stopped."""


@dataclass(frozen=True, slots=True)
class ReportDropped:
    """For whoever writes routines: a sentence of the plan had no room, and was shortened or left out."""

    at_ms: int
    text: str
    """The whole sentence."""
    said: str | None
    """The shorter form that was said in its place; none where nothing was."""
    length_ms: int
    """How long the whole sentence is."""
    room_ms: int
    """The longest it could have been."""


@dataclass(frozen=True, slots=True)
class ReportEnd:
    """The session is over; nothing follows."""

    at_ms: int
    reason: str
    """`done`, `finished` (asked for) or `abandoned` (nobody answered)."""


Action = (
    Say
    | PlayTone
    | StopSpeech
    | StopSounds
    | SetVolume
    | RenderSpeech
    | ReportState
    | ReportLedger
    | ReportDropped
    | ReportEnd
)
