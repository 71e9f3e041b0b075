"""A language pack: everything about a language that is data. One file, `packs/<language>.yaml`, for each language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from voicecoach import strict_yaml
from voicecoach.commands import STANDBY, URGENT, Command
from voicecoach.errors import UsageError
from voicecoach.routine.plan import Cue
from voicecoach.strict_yaml import Authored, Document, Location, WholeNumber

Phrase = Annotated[str, StringConstraints(pattern=r"^[^\W\d_]+('[^\W\d_]+)?( [^\W\d_]+('[^\W\d_]+)?)*$", max_length=60)]
"""Words of letters with single spaces between them, nothing else: recognizers are given them as they are."""
Template = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class CueLine(Document):
    """A sentence of the coach in two lengths."""

    full: Template
    short: Template


ScriptLine = Template | CueLine


class VoskModel(Document):
    """The one archive of a Vosk model that is fetched, and how to know it."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*$")] = Field(description="the folder's name")
    url: Annotated[str, StringConstraints(pattern=r"^https://")]
    bytes: WholeNumber | None = Field(default=None, gt=0, description="the length of the archive")
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None


class Recognition(Document):
    """How the phrases are recognised."""

    vosk: VoskModel
    pocketsphinx: strict_yaml.Flag = Field(description="whether PocketSphinx's own model speaks this language")
    pronunciations: dict[str, list[str]] = Field(
        default_factory=dict, description="more pronunciations of a word, in the phonemes of PocketSphinx's dictionary"
    )


class Voice(Document):
    """The coach's voice."""

    espeak: str = Field(description="the id of an espeak-ng voice", examples=["en-us"])
    words_per_minute: WholeNumber = Field(ge=80, le=300)


class Calls(Document):
    """What the coach is asked between sessions, after its address, and what it answers."""

    start: Annotated[str, StringConstraints(pattern=r"^[^{}]*\{routine\}[^{}]*$")] = Field(
        description="how a routine is asked for", examples=['"start {routine}"']
    )
    again: list[Phrase] = Field(min_length=1, description="the routine that was done last")
    abilities: list[Phrase] = Field(min_length=1, description="what can be asked")
    good_night: list[Phrase] = Field(min_length=1, description="to say nothing unasked until the morning")
    routines: dict[str, list[Phrase]] = Field(
        description="what the routines that come along are called, by their names"
    )
    script: dict[str, Template] = Field(description="the coach's sentences between sessions")
    interview: dict[str, Template] = Field(
        description="the coach's sentences when it tries whether it is heard and hears"
    )
    findings: dict[str, dict[str, Template]] = Field(
        default_factory=dict,
        description="what `doctor` finds, by the names of its checks and what they find; its own sentences are English",
    )


CALLED_AS_IN_SESSIONS = (Command.LOUDER, Command.QUIETER)
"""Commands of a session that the coach also obeys between sessions, after its address."""


class LanguagePack(Document):
    """What is spoken, both ways, in one language."""

    written_as: ClassVar[str] = "the keys of a language pack"

    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
    name: str
    phrases: dict[Command, list[Phrase]] = Field(
        description="every command of a session, with the phrases that mean it"
    )
    address: Phrase = Field(description="what the coach is called by, where it has to be called", examples=["coach"])
    must_be_addressed: strict_yaml.Flag = Field(
        default=False, description="whether a phrase counts only after the address; the urgent ones count without, too"
    )
    calls: Calls
    recognition: Recognition
    voice: Voice
    script: dict[str, ScriptLine] = Field(default_factory=dict, description="the coach's own sentences")

    @property
    def all_phrases(self) -> tuple[str, ...]:
        """Every phrase, as it is written, in the order of the file."""
        return tuple(phrase for phrases in self.phrases.values() for phrase in phrases)

    @property
    def urgent_phrases(self) -> frozenset[str]:
        """The phrases of commands that are acted on as early as is safe."""
        return frozenset(self.phrases_of(URGENT))

    def phrases_of(self, commands: Iterable[Command]) -> tuple[str, ...]:
        """Return the phrases of these commands, in the order of the file."""
        wanted = frozenset(commands)
        return tuple(phrase for command, phrases in self.phrases.items() if command in wanted for phrase in phrases)

    def command_of(self, phrase: str) -> Command | None:
        """Return what a phrase means, however its letters are capitalised; none if it is no phrase."""
        wanted = phrase.casefold()
        for command, phrases in self.phrases.items():
            if any(wanted == known.casefold() for known in phrases):
                return command
        return None

    def call_for(self, routine: str) -> str:
        """Return the phrase that asks for a routine by its spoken name, with the address."""
        return f"{self.address} {self.calls.start.format(routine=routine)}"

    def called(self, routines: Mapping[str, Iterable[str]]) -> LanguagePack:
        """Return the pack as it is between sessions: every phrase begins with the address, and there are no others.

        `routines` has the spoken names of each routine that can be asked for.
        """
        starts = [self.call_for(spoken) for names in routines.values() for spoken in names]
        calls = {Command.AGAIN: self.calls.again, Command.ABILITIES: self.calls.abilities}
        calls |= {Command.GOOD_NIGHT: self.calls.good_night}
        calls |= {command: self.phrases[command] for command in CALLED_AS_IN_SESSIONS}
        phrases = {command: [f"{self.address} {phrase}" for phrase in words] for command, words in calls.items()}
        return self.model_copy(update={"phrases": {Command.START_ROUTINE: list(dict.fromkeys(starts)), **phrases}})

    def with_phrases_of(self, other: LanguagePack) -> LanguagePack:
        """Return the pack with the phrases of another one as well: for ears that hear both."""
        commands = [command for command in Command if command in self.phrases or command in other.phrases]
        phrases = {command: [*self.phrases.get(command, ()), *other.phrases.get(command, ())] for command in commands}
        return self.model_copy(update={"phrases": phrases})

    @property
    def cues(self) -> dict[str, Cue]:
        """The script, as the session uses it: every line with a full and a short form."""
        return {
            name: Cue(line, line) if isinstance(line, str) else Cue(line.full, line.short)
            for name, line in self.script.items()
        }


def languages() -> tuple[str, ...]:
    """Return the ids of all languages that there is a pack for, in alphabetical order."""
    packs = resources.files(__package__).joinpath("packs")
    return tuple(sorted(file.name.removesuffix(".yaml") for file in packs.iterdir() if file.name.endswith(".yaml")))


@cache
def load_pack(language: str) -> LanguagePack:
    """Return the pack of a language. Raises `UsageError` if there is none and `DocumentError` if it is faulty."""
    known = languages()
    if language not in known:
        raise UsageError(f"There is no language pack '{language}'; those there are: {', '.join(known)}.")
    name = f"{language}.yaml"
    content = resources.files(__package__).joinpath("packs", name).read_bytes()
    return parse_pack(content, name)


def parse_pack(content: str | bytes, source: str) -> LanguagePack:
    """Return the pack that a file's content describes. Raises `DocumentError` with every fault."""
    return read_pack(content, source).value


def read_pack(content: str | bytes, source: str) -> Authored[LanguagePack]:
    """Do as `parse_pack`, and keep the places."""
    return strict_yaml.read(content, source, LanguagePack, check=_faults_of_phrases)


def _faults_of_phrases(plain: object) -> Iterator[tuple[Location, str]]:
    phrases = plain.get("phrases") if isinstance(plain, Mapping) else None
    if not isinstance(phrases, Mapping):
        return
    for command in Command:
        if command not in STANDBY and not phrases.get(command):
            yield ("phrases", command), f"The command '{command}' has no phrase; write at least one."
    for command in sorted(STANDBY & set(phrases)):
        yield ("phrases", command), f"'{command}' is asked for between sessions; write it under `calls`."
    meanings: dict[str, str] = {}
    for command, words in phrases.items():
        for index, phrase in enumerate(words if isinstance(words, list) else []):
            if isinstance(phrase, str):
                other = meanings.setdefault(phrase.casefold(), command)
                if other != command or [str(word).casefold() for word in words].index(phrase.casefold()) != index:
                    yield ("phrases", command, index), f"'{phrase}' is a phrase of '{other}' already; write it once."


def unspelt(words: Iterable[str]) -> list[str]:
    """Return those of the words that nobody writes in English, for want of a Latin letter."""
    return [word for word in dict.fromkeys(words) if not re.search("[a-z]", word.casefold())]
