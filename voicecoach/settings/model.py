"""The form of the settings file, and what holds where it is silent. `docs/settings.md` explains it to people.

The descriptions and examples here go into the sentences about faults.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    create_model,
)

from voicecoach.coaching.timing import FASTEST_WPM, LEAST_VOLUME_DB, MOST_VOLUME_DB, SLOWEST_WPM, Timing
from voicecoach.commands import STANDBY, Command
from voicecoach.language.pack import Phrase, languages
from voicecoach.standby.night import QuietHours
from voicecoach.strict_yaml import DecimalNumber, Document, Flag, WholeNumber
from voicecoach.units import ms_from_seconds

FORMAT = 1
"""The version of the settings that this program reads."""
DEFAULT_LANGUAGE = "en"
MAX_EXTRA_PHRASES = 20
"""Phrases that can be added for one command: each open phrase makes it a little likelier that noise is taken for
one."""

EngineName = Literal["auto", "moonshine", "vosk", "pocketsphinx"]
"""What listens: `auto` is the best there is for the language, see `listening.factory.open_ears`."""

_USUAL = Timing()
NEEDS_NEWER = "These settings need a newer voicecoach"
"""How the one sentence about a later format begins."""


def _this_format(value: int) -> int:
    if value > FORMAT:
        raise ValueError(
            f"{NEEDS_NEWER} (format {value}, and this one reads {FORMAT}); install it, or name other settings."
        )
    if value != FORMAT:
        raise ValueError(f"There is no format {value}; write `format: {FORMAT}`.")
    return value


def _language(value: str) -> str:
    if value not in (known := languages()):
        raise ValueError(f"There is no language pack for this; write one of: {', '.join(known)}.")
    return value


def _voice_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+/_-]{0,59}", value):
        raise ValueError("This cannot be an espeak-ng voice; write one that `espeak-ng --voices` lists, as `en-gb`.")
    return value


def _folder(value: str) -> str:
    try:
        path = Path(value).expanduser()
    except RuntimeError:
        raise ValueError("There is no such person on this machine; write the folder from `/` or `~/` on.") from None
    if not value or not path.is_absolute():
        raise ValueError("A folder is written in full here, from `/` or `~/` on.")
    return str(path)


def _sayable(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    try:
        return handler(value)
    except ValidationError as error:
        if not isinstance(value, str):
            raise
        raise ValueError(
            "This cannot be listened for; write words of letters, single spaces between them, of 60 letters at most."
        ) from error


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _seconds(least: float, most: float, usual_ms: int, what: str) -> Any:
    return Field(ge=least, le=most, default=usual_ms / 1000, description=what, examples=[f"{usual_ms / 1000:g}"])


class VoiceSettings(Document):
    """How the coach sounds. The name and the speed are the language's where they are left out."""

    name: Annotated[str, AfterValidator(_voice_name)] | None = Field(
        default=None, description="An espeak-ng voice of the language.", examples=["en-gb"]
    )
    words_per_minute: WholeNumber | None = Field(
        ge=SLOWEST_WPM, le=FASTEST_WPM, default=None, description="How fast the coach speaks.", examples=[130]
    )
    volume_db: WholeNumber = Field(
        ge=LEAST_VOLUME_DB,
        le=MOST_VOLUME_DB,
        default=0,
        description="The volume at which a session begins, in decibels.",
        examples=[-6],
    )


class HearingSettings(Document):
    """What listens."""

    engine: EngineName = Field(default="auto", description="Which recognizer listens.", examples=["auto"])
    model: Annotated[str, AfterValidator(_folder)] | None = Field(
        default=None, description="The folder of a Vosk model.", examples=["~/vosk-model-small-en-us-0.15"]
    )


class TimingSettings(Document):
    """Durations of the session itself. Those of an exercise stand in the routine."""

    resume_s: DecimalNumber = _seconds(1, 30, _USUAL.resume_ms, "Lead-in before work goes on after an interruption.")
    long_pause_s: DecimalNumber = _seconds(
        0, 600, _USUAL.long_pause_ms, "A pause longer than this is followed by that lead-in."
    )
    after_ready_s: DecimalNumber = _seconds(
        2, 60, _USUAL.after_ready_ms, 'Lead-in after "ready", unless the routine has a shorter one.'
    )
    more_time_s: DecimalNumber = _seconds(1, 300, _USUAL.more_ms, 'What "more time" adds to a hold.')
    answer_s: DecimalNumber = _seconds(3, 60, _USUAL.answer_ms, "How long an offer waits for yes or no.")
    paused_reminds_s: DecimalNumber = _seconds(
        15, 1800, _USUAL.paused_reminds_ms, "How often the coach says, in a pause, how to go on."
    )
    breath_in_s: DecimalNumber = _seconds(2, 15, _USUAL.breath_in_ms, "How long to breathe in after a cramp.")
    breath_out_s: DecimalNumber = _seconds(2, 15, _USUAL.breath_out_ms, "How long to breathe out after a cramp.")
    breaths: WholeNumber = Field(
        ge=1,
        le=10,
        default=_USUAL.breaths,
        description="How many slow breaths follow a cramp.",
        examples=[_USUAL.breaths],
    )

    @property
    def timing(self) -> Timing:
        """These durations as the session takes them, in whole milliseconds."""
        return Timing(
            resume_ms=ms_from_seconds(self.resume_s),
            long_pause_ms=ms_from_seconds(self.long_pause_s),
            after_ready_ms=ms_from_seconds(self.after_ready_s),
            more_ms=ms_from_seconds(self.more_time_s),
            answer_ms=ms_from_seconds(self.answer_s),
            paused_reminds_ms=ms_from_seconds(self.paused_reminds_s),
            breath_in_ms=ms_from_seconds(self.breath_in_s),
            breath_out_ms=ms_from_seconds(self.breath_out_s),
            breaths=self.breaths,
        )


def _command(words: list[str]) -> list[str]:
    if not words or not Path(words[0]).is_absolute():
        raise ValueError("A command is a list: the program in full, from `/` on, and its arguments.")
    return words


def _time_of_day(value: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        raise ValueError("A time of the day is written with two numbers of two digits, as `22:30`.")
    return value


TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]


class StandbySettings(Document):
    """What holds between sessions."""

    quiet_from: TimeOfDay | None = Field(
        default=None, description="From when on the coach says nothing unasked.", examples=["22:00"]
    )
    quiet_until: TimeOfDay | None = Field(
        default=None, description="When the coach speaks as usual again.", examples=["07:00"]
    )

    @property
    def hours(self) -> QuietHours | None:
        """The quiet hours; none where there are none."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        return QuietHours.parse(self.quiet_from, self.quiet_until)


Word = Annotated[str, Field(min_length=1, max_length=200)]
DeviceName = Annotated[str, Field(min_length=1, max_length=200)]


class DeviceSettings(Document):
    """What the live session sounds and listens through; the system's own choice where it is left out."""

    loudspeaker: DeviceName | None = Field(default=None, description="A device's name.", examples=["USB Speaker"])
    microphone: DeviceName | None = Field(default=None, description="A device's name.", examples=["USB Microphone"])
    wake_s: DecimalNumber = Field(
        ge=0, le=3, default=0, description="How long the loudspeaker needs to wake, in seconds.", examples=["1.2"]
    )
    keep_awake: Flag = Field(
        default=False, description="Whether it is kept awake while nothing sounds.", examples=["yes"]
    )

    @property
    def wake_ms(self) -> int:
        """The same in whole milliseconds."""
        return ms_from_seconds(self.wake_s)


ExtraPhrase = Annotated[Phrase, WrapValidator(_sayable)]
ExtraPhrases = Annotated[list[ExtraPhrase], BeforeValidator(_as_list), Field(max_length=MAX_EXTRA_PHRASES)]


class _Phrases(Document):
    """More phrases for a command, by the command's id."""

    def of(self, command: Command) -> list[str]:
        """Return the phrases that are added for a command."""
        phrases: list[str] = getattr(self, command.value)
        return phrases


if TYPE_CHECKING:
    PhraseSettings = _Phrases
else:
    # A key for each command, so that a misspelt one is answered with the nearest.
    more_phrases = Field(default=[], description="More phrases", examples=["[onward]"])
    PhraseSettings = create_model(
        "PhraseSettings",
        __base__=_Phrases,
        **{command.value: (ExtraPhrases, more_phrases) for command in Command if command not in STANDBY},
    )


class Settings(Document):
    """All settings, each with what holds when nobody says otherwise."""

    format: Annotated[WholeNumber, AfterValidator(_this_format)] = Field(
        default=FORMAT, description="Version of this format.", examples=[FORMAT]
    )
    language: Annotated[str, AfterValidator(_language)] = Field(
        default=DEFAULT_LANGUAGE, description="The language spoken with the coach.", examples=[DEFAULT_LANGUAGE]
    )
    address: ExtraPhrase | None = Field(
        default=None,
        description="What has to be said before a phrase, for rooms in which others speak.",
        examples=["coach"],
    )
    voice: VoiceSettings = VoiceSettings()
    hearing: HearingSettings = HearingSettings()
    phrases: PhraseSettings = PhraseSettings()
    timing: TimingSettings = TimingSettings()
    devices: DeviceSettings = DeviceSettings()
    standby: StandbySettings = StandbySettings()
    on_event: Annotated[list[Word], Field(max_length=20), AfterValidator(_command)] | None = Field(
        default=None,
        description="A command that is told what happens.",
        examples=["[/usr/local/bin/lamp, --quiet]"],
    )
