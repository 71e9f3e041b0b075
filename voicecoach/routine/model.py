"""The authored form of a routine: what a person writes. `docs/routine-format.md` explains it to them.

The descriptions here go into the JSON Schema that editors complete and check with, and into the sentences about faults.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from voicecoach.routine.plan import CrampPolicy, Cue
from voicecoach.strict_yaml import DecimalNumber, Document, Flag, WholeNumber

FORMAT = 1
"""The version of the routine format that this program reads."""
MAX_CUE_CHARS = 300
MAX_NAME_CHARS = 60
MAX_HOLD_S = 3600

FORBIDDEN_PHRASES = "forbidden_phrases"
"""Key of the validation context: a sequence of phrases, as `words_of` each, that no spoken text may contain."""

MARKUP = re.compile(r"[<>&\\\[\]{}]")
"""Signs that some synthesizer takes for an instruction: SSML, entities, escapes, phonemes."""


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text as a recognizer would see them: no case, no punctuation, one kind of apostrophe."""
    return tuple(re.findall(r"\w+(?:'\w+)*", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").casefold()))


def phrases_in(text: str, phrases: Sequence[tuple[str, ...]]) -> list[str]:
    """Return which of the phrases (as `words_of` each) can be heard in a text, as whole words."""
    words = words_of(text)
    return [
        " ".join(phrase)
        for phrase in phrases
        if phrase and any(words[at : at + len(phrase)] == phrase for at in range(len(words) - len(phrase) + 1))
    ]


def _tidy(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


def _plain_words(text: str) -> str:
    if found := MARKUP.search(text):
        raise ValueError(
            f"`{found[0]}` is not possible in a text that a voice reads, which may obey it; write words only."
        )
    if not any(character.isalnum() for character in text):
        raise ValueError("There is nothing to say in this text; write a sentence, or leave the key out.")
    return text


def _no_orders(text: str, info: ValidationInfo) -> str:
    context: dict[str, Any] = info.context or {}
    if found := phrases_in(text, context.get(FORBIDDEN_PHRASES, ())):
        said = ", ".join(f'"{phrase}"' for phrase in found)
        raise ValueError(f"The coach would order itself about if it said {said}; say it in other words.")
    return text


SpokenText = Annotated[
    str,
    Field(min_length=1, max_length=MAX_CUE_CHARS),
    BeforeValidator(_tidy),
    AfterValidator(_plain_words),
    AfterValidator(_no_orders),
]
"""A sentence for the voice. Line breaks and runs of spaces count as one space."""
SpokenName = Annotated[
    str,
    Field(min_length=1, max_length=MAX_NAME_CHARS),
    BeforeValidator(_tidy),
    AfterValidator(_plain_words),
    AfterValidator(_no_orders),
]
"""A few words for the voice."""
WrittenText = Annotated[str, Field(min_length=1, max_length=MAX_CUE_CHARS), BeforeValidator(_tidy)]
"""Only ever shown on a screen."""


def _identifier(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", value):
        raise ValueError("This is a name for files and records; write small letters, digits and single hyphens only.")
    return value


Identifier = Annotated[
    str,
    Field(min_length=1, max_length=40, json_schema_extra={"pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"}),
    AfterValidator(_identifier),
]
HoldSeconds = Annotated[WholeNumber, Field(ge=1, le=MAX_HOLD_S)]
BeatSeconds = Annotated[DecimalNumber, Field(ge=0.5, le=30)]
ShortSeconds = Annotated[WholeNumber, Field(ge=1, le=120)]
LongSeconds = Annotated[WholeNumber, Field(ge=5, le=600)]


def _this_format(value: int) -> int:
    if value != FORMAT:
        raise ValueError(
            f"Format {value} is unknown here, this program reads format {FORMAT}; write `format: {FORMAT}`."
        )
    return value


def _language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}", value):
        raise ValueError("A language is written as its code of two or three small letters, such as `en` or `ko`.")
    return value


class _OneOrMore(Document):
    """A block of keys of which one, `shorthand`, may stand alone in place of the whole."""

    shorthand: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, value: object) -> object:
        return {cls.shorthand: value} if isinstance(value, str | int) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        block = handler.resolve_ref_schema(handler(core_schema))
        alone = {
            key: value for key, value in block["properties"][cls.shorthand].items() if key not in ("title", "examples")
        }
        return {"anyOf": [alone, block], "description": cls.__doc__}


class AuthoredCue(_OneOrMore):
    """One sentence for the person, or `full:` and `short:` forms of it."""

    written_as: ClassVar[str] = "one sentence, or `full:` and `short:` on lines of their own"
    shorthand: ClassVar[str] = "full"

    full: SpokenText = Field(description="The whole sentence.", examples=["Sit down and cross one leg over."])
    short: SpokenText | None = Field(
        default=None, description="A few words, for when there is little room or the person knows it."
    )

    @property
    def cue(self) -> Cue:
        """The cue as the plan has it."""
        return Cue(self.full, self.short or self.full)


class Hold(_OneOrMore):
    """How long to hold, in seconds, or `usual_s:` with `least_s:` and `most_s:` for the easier and the harder form."""

    written_as: ClassVar[str] = (
        "seconds, as in `hold: 45`, or `least_s:`, `usual_s:` and `most_s:` on lines of their own"
    )
    shorthand: ClassVar[str] = "usual_s"

    usual_s: HoldSeconds = Field(description="How long the hold lasts, in seconds.", examples=[45])
    least_s: HoldSeconds | None = Field(
        default=None, description="How long the easier form lasts, in seconds.", examples=[30]
    )
    most_s: HoldSeconds | None = Field(
        default=None, description="How long the harder form lasts, in seconds.", examples=[60]
    )

    @model_validator(mode="after")
    def _in_order(self) -> Hold:
        if not (self.least_s or 1) <= self.usual_s <= (self.most_s or MAX_HOLD_S):
            raise ValueError("`usual_s` lies outside of `least_s` to `most_s`; write the three in rising order.")
        return self


class Repetitions(Document):
    """A movement out and back, to the beat of two tones."""

    count: Annotated[WholeNumber, Field(ge=1, le=200)] = Field(description="How many repetitions.", examples=[10])
    out_s: BeatSeconds = Field(description="Seconds for the movement, 0.5 to 30.", examples=[2])
    back_s: BeatSeconds = Field(description="Seconds for the way back, 0.5 to 30.", examples=[2])


class Station(Document):
    """One place to work on, in the order in which they are listed."""

    name: SpokenName = Field(description="What the coach calls the place.", examples=["Heel"])
    cue: AuthoredCue | None = Field(
        default=None, description="Said on the way to the place; the name, if left out. Keep it to a second or two."
    )
    hold: Hold | None = Field(default=None, description="How long to stay here, where it differs from the exercise's.")
    repetitions: Repetitions | None = Field(
        default=None, description="What to do here, where it differs from the exercise's."
    )


_GET_READY = "Seconds before the first work of an exercise."
_CHANGEOVER = "Seconds to change sides."
_REST = "Seconds between two sets."
_MOVE = "Seconds to move to another station."
_WAIT = "Seconds until the coach goes on by itself, where it waits for the person."
_CRAMP = (
    "What follows the recovery after a cramp: `ease` (the easier form), `retry` (the same again) or "
    "`come_back` (two later exercises first)."
)


class Defaults(Document):
    """Pauses and the way with cramps, for every exercise that does not say otherwise."""

    get_ready_s: ShortSeconds = Field(default=5, description=_GET_READY, examples=[5])
    changeover_s: ShortSeconds = Field(default=10, description=_CHANGEOVER, examples=[10])
    rest_s: ShortSeconds = Field(default=15, description=_REST, examples=[15])
    move_s: ShortSeconds = Field(default=3, description=_MOVE, examples=[3])
    wait_s: LongSeconds = Field(default=45, description=_WAIT, examples=[45])
    cramp: CrampPolicy = Field(default=CrampPolicy.RETRY, description=_CRAMP, examples=["retry"])


class Exercise(Document):
    """One exercise: what to say, and the work (`hold`, `repetitions` or `stations`); or a `tip`, which is only said."""

    # For editors only: what the reader says of it, with better words, is in `reader`.
    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"required": [work]} for work in ("hold", "repetitions", "stations", "tip")],
            "not": {"required": ["hold", "repetitions"]},
            "if": {"not": {"required": ["tip"]}},
            "then": {"required": ["sides"]},
        }
    )

    id: Identifier = Field(description="Name for records; unlike any other in the file.", examples=["calf-stretch"])
    title: SpokenName = Field(description="How the coach calls the exercise.", examples=["Calf stretch"])
    setup: AuthoredCue = Field(
        description="What to do, from the beginning.", examples=["Face a wall and set one foot back, heel down."]
    )
    sides: Literal["each", "both"] | None = Field(
        default=None,
        description="`each`: left, then right, for the same time. `both`: the two together.",
        examples=["each"],
    )
    kit: list[SpokenName] = Field(default=[], max_length=10, description="What is needed.", examples=["[chair]"])
    when_ready: Flag = Field(
        default=False, description="`true`: wait, after the setup, until the person says so.", examples=["true"]
    )
    sets: Annotated[WholeNumber, Field(ge=1, le=20)] = Field(default=1, description="How many times.", examples=[2])
    set_cues: list[AuthoredCue] = Field(
        default=[],
        max_length=20,
        description="Said before each set, one for each.",
        examples=["[Seated, Now standing]"],
    )
    hold: Hold | None = Field(default=None, description="The work: hold still.", examples=[45])
    repetitions: Repetitions | None = Field(
        default=None,
        description="The work: repeat a movement.",
        examples=["{count: 10, out_s: 2, back_s: 2}"],
    )
    stations: list[Station] | None = Field(
        default=None,
        min_length=1,
        max_length=50,
        description="The work: one place after the other. Each has a hold or repetitions, or takes the exercise's.",
        examples=["[{name: Heel, hold: 40}]"],
    )
    tip: Flag = Field(default=False, description="`true`: no work; only the setup is said.", examples=["true"])
    reminders: list[AuthoredCue] = Field(
        default=[],
        max_length=10,
        description="Said during the work, where there is room.",
        examples=["[Keep breathing.]"],
    )
    easier: AuthoredCue | None = Field(
        default=None, description="How to take it lighter.", examples=["Bring the foot in a little."]
    )
    harder: AuthoredCue | None = Field(
        default=None, description="How to do more.", examples=["Take the foot back a little."]
    )
    cramp: CrampPolicy | None = Field(default=None, description=_CRAMP, examples=["retry"])
    get_ready_s: ShortSeconds | None = Field(default=None, description=_GET_READY, examples=[5])
    changeover_s: ShortSeconds | None = Field(default=None, description=_CHANGEOVER, examples=[10])
    rest_s: ShortSeconds | None = Field(default=None, description=_REST, examples=[15])
    move_s: ShortSeconds | None = Field(default=None, description=_MOVE, examples=[3])
    wait_s: LongSeconds | None = Field(default=None, description=_WAIT, examples=[45])


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str | dict) else value


OneOrMoreCues = Annotated[
    list[AuthoredCue], BeforeValidator(_as_list, json_schema_input_type=AuthoredCue | list[AuthoredCue])
]


PauseName = Literal["get_ready_s", "changeover_s", "rest_s", "move_s", "wait_s"]


class Routine(Document):
    """A routine for voicecoach: what the coach says, and what it times."""

    format: Annotated[WholeNumber, AfterValidator(_this_format), Field(json_schema_extra={"const": FORMAT})] = Field(
        description="Version of this format.", examples=[FORMAT]
    )
    name: Identifier = Field(description="Name on the command line, the file's without `.yaml`.", examples=["my-feet"])
    title: SpokenName = Field(description="How the coach calls the routine.", examples=["My feet"])
    language: Annotated[str, AfterValidator(_language), Field(json_schema_extra={"pattern": "^[a-z]{2,3}$"})] = Field(
        description="The language that it is written in.", examples=["en"]
    )
    about: WrittenText = Field(
        description="One line for the list of routines.", examples=["Calves and toes after a day at a desk."]
    )
    welcome: AuthoredCue = Field(description="Said first.", examples=["Welcome. Shoes off, and a chair within reach."])
    safety: AuthoredCue = Field(
        description="Said once, after the welcome.",
        examples=["This is not medical advice. Should anything hurt sharply, you are done for today."],
    )
    closing: OneOrMoreCues = Field(
        default=[], max_length=5, description="Said at the end.", examples=["[Well done. See you tomorrow.]"]
    )
    defaults: Defaults = Field(
        default=Defaults(), description="What holds for every exercise that does not say otherwise."
    )
    exercises: list[Exercise] = Field(
        min_length=1, max_length=100, description="In the order in which they are done.", examples=["a list"]
    )

    def pause_s(
        self, exercise: Exercise, name: Literal["get_ready_s", "changeover_s", "rest_s", "move_s", "wait_s"]
    ) -> int:
        """Return a pause of an exercise in seconds: its own, or else the routine's."""
        own: int | None = getattr(exercise, name)
        default: int = getattr(self.defaults, name)
        return default if own is None else own

    def cramp_policy(self, exercise: Exercise) -> CrampPolicy:
        """Return an exercise's way with cramps: its own, or else the routine's."""
        return exercise.cramp or self.defaults.cramp
