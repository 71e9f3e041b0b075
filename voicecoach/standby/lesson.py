"""Teaching by voice: the coach asks for one phrase after the other until it has been said twice alike. A `Dialogue`.

    Asking ──▶ Asking ──▶ ... ──▶ Telling ──▶ Ended        each phrase is asked for until it was understood twice
       └── "stop", "finish", or nobody answers ──▶ Telling

What "understood" means here is the ears' affair (`listening/teaching_ears.py`): a phrase that they report was said as
asked for, and agrees with what they have heard of it before. They keep what they learn at once, so that nothing is lost
when it ends early; it goes on later with the phrases that are missing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, assert_never

from voicecoach.coaching.messages import Notice, ReportEnd, ReportState, SpeechTable
from voicecoach.commands import Command
from voicecoach.language.pack import LanguagePack
from voicecoach.routine.plan import Cue
from voicecoach.standby.dialogue import Dialogue

ANSWER_MS: Final = 6_000
"""How long a phrase is waited for after it was asked for."""
WANTED: Final = 2
"""How often a phrase is to be understood. A saying is kept when another one agrees."""
MOST_MISSES: Final = 3
"""So often something else is heard, and then the phrase is left: somebody who cannot be understood gets impatient."""
MOST_SILENCES: Final = 3
"""So often nobody answers, and then nobody is there."""
MOST_NAMED: Final = 5
"""Phrases that did not fit are named, but not more than can be kept in mind."""
WAYS_TO_END: Final = (Command.STOP, Command.FINISH)


class LessonLine(StrEnum):
    """A sentence that every language pack has for this, where its language can be taught."""

    WELCOME = "welcome"
    SAY = "say"
    ONCE_MORE = "once_more"
    AGAIN = "again"
    STOPPED = "stopped"
    NOBODY = "nobody"
    DONE = "done"
    LEARNT = "learnt"
    LEARNT_ONE = "learnt_one"
    LEARNT_NOTHING = "learnt_nothing"
    LEFT = "left"
    DEAF = "deaf"


FIELDS: Mapping[LessonLine, frozenset[str]] = {
    LessonLine.SAY: frozenset({"phrase"}),
    LessonLine.LEARNT: frozenset({"n"}),
}


@dataclass(frozen=True, slots=True)
class NotBegun:
    """Before `begin`."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A phrase was asked for."""

    place: int
    """Which of the phrases."""
    ends_ms: int
    understood: int = 0
    misses: int = 0
    silences: int = 0


@dataclass(frozen=True, slots=True)
class Telling:
    """What came of it is being said."""

    ends_ms: int


@dataclass(frozen=True, slots=True)
class Ended:
    """It is over."""


State = NotBegun | Asking | Telling | Ended


class LessonScript:
    """A language's sentences for this, filled."""

    def __init__(self, pack: LanguagePack, phrases: Sequence[str]) -> None:
        self._lines = pack.calls.lesson
        self._phrases = tuple(phrases)

    def line(self, line: LessonLine) -> Cue:
        """Return a sentence that nothing is filled into."""
        return self._line(line)

    def say(self, phrase: str) -> Cue:
        """Ask for a phrase."""
        return self._line(LessonLine.SAY, phrase=phrase)

    def outcome(self, learnt: int, left: Sequence[str]) -> list[Cue]:
        """Tell how many phrases were learnt, and which did not fit."""
        match learnt:
            case 0:
                told = [self._line(LessonLine.LEARNT_NOTHING)]
            case 1:
                told = [self._line(LessonLine.LEARNT_ONE)]
            case _:
                told = [self._line(LessonLine.LEARNT, n=str(learnt))]
        if left:
            told += [self._line(LessonLine.LEFT), *(_sentence(phrase) for phrase in left[:MOST_NAMED])]
        return told

    def texts(self) -> frozenset[str]:
        """Return every text that can be said."""
        cues = [self.line(line) for line in LessonLine if line not in FIELDS]
        for number, phrase in enumerate(self._phrases, 1):
            cues += [self.say(phrase), _sentence(phrase), *self.outcome(number, ())]
        return frozenset(cue.full for cue in cues)

    def _line(self, line: LessonLine, **fields: str) -> Cue:
        text = self._lines[line].format(**fields)
        return Cue(text, text)


class Lesson(Dialogue):
    """Asks for phrases, and tells what came of it. Not thread-safe; owned by one shell."""

    def __init__(self, pack: LanguagePack, script: LessonScript, speech: SpeechTable, phrases: Sequence[str]) -> None:
        """Prepare to ask for these phrases of the pack, at least one. `speech` has all of `script.texts()`."""
        if not phrases:
            raise ValueError("there is nothing to ask for")
        super().__init__(speech)
        self._pack = pack
        self._script = script
        self._phrases = tuple(phrases)
        self._state: State = NotBegun()
        self._learnt: list[str] = []
        self._left: list[str] = []

    @property
    def learnt(self) -> tuple[str, ...]:
        """The phrases that were understood often enough."""
        return tuple(self._learnt)

    @property
    def left(self) -> tuple[str, ...]:
        """The phrases that were said and did not fit."""
        return tuple(self._left)

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return isinstance(self._state, Ended)

    def next_deadline(self) -> int | None:
        """Return when `advance` must be called at the latest."""
        match self._state:
            case NotBegun() | Ended():
                return None
            case Asking(ends_ms=at) | Telling(ends_ms=at):
                return min(at, self._delivery.floor_returns_ms)
            case _:
                assert_never(self._state)

    def open_commands(self) -> frozenset[Command]:
        """Return the commands of the phrases that mean something now."""
        commands = (self._pack.command_of(phrase) for phrase in self.open_phrases())
        return frozenset(command for command in commands if command is not None)

    def open_phrases(self) -> tuple[str, ...]:
        """Return the phrase that is asked for, then those that end the lesson; nothing while nothing is asked."""
        match self._state:
            case Asking(place=place):
                asked = self._phrases[place]
                command = self._pack.command_of(asked)
                ends = self._pack.phrases_of(one for one in WAYS_TO_END if one is not command)
                return (asked, *ends)
            case _:
                return ()

    @property
    def _has_begun(self) -> bool:
        return not isinstance(self._state, NotBegun)

    def _begin(self) -> None:
        self._ask(0, [self._script.line(LessonLine.WELCOME)])

    def _hear(self, command: Command, phrase: str) -> None:
        self._delivery.drop_speech()
        self._delivery.return_floor()
        match self._state:
            case Asking(place=place) as asking if phrase.casefold() == self._phrases[place].casefold():
                self._confirm()
                self._understand(asking)
            case Asking() if command in WAYS_TO_END:
                self._tell([self._script.line(LessonLine.STOPPED)])
            case Telling() if command in WAYS_TO_END:
                self._end()
            case _:
                return

    def _understand(self, asking: Asking) -> None:
        if asking.understood + 1 < WANTED:
            once_more = self._script.line(LessonLine.ONCE_MORE)
            self._wait(replace(asking, understood=asking.understood + 1, silences=0), [once_more])
        else:
            self._learnt.append(self._phrases[asking.place])
            self._go_on(asking.place)

    def _miss(self) -> None:
        if not isinstance(self._state, Asking):
            return
        asking = replace(self._state, misses=self._state.misses + 1, silences=0)
        if asking.misses < MOST_MISSES:
            self._wait(asking, [self._script.line(LessonLine.AGAIN), self._script.say(self._phrases[asking.place])])
        else:
            self._left.append(self._phrases[asking.place])
            self._go_on(asking.place)

    def _pass_deadline(self) -> None:
        match self._state:
            case Asking(place=place, silences=silences) as asking if silences + 1 < MOST_SILENCES:
                self._wait(replace(asking, silences=silences + 1), [self._script.say(self._phrases[place])])
            case Asking():
                self._tell([self._script.line(LessonLine.NOBODY)])
            case Telling():
                self._end()
            case _:
                return

    def _take_up(self) -> None:
        ends_ms = self._delivery.speech_ends_ms
        match self._state:
            case Asking(ends_ms=at) as asking:
                self._state = replace(asking, ends_ms=max(at, ends_ms + ANSWER_MS))
            case Telling(ends_ms=at):
                self._state = Telling(max(at, ends_ms + 1))
            case _:
                return

    def _notice(self, notice: Notice) -> None:
        if notice is Notice.HEARING_LOST and isinstance(self._state, Asking):
            self._tell([self._script.line(LessonLine.DEAF)])

    def _go_on(self, place: int) -> None:
        if place + 1 < len(self._phrases):
            self._ask(place + 1)
        else:
            self._tell([self._script.line(LessonLine.DONE)])

    def _ask(self, place: int, before: Collection[Cue] = ()) -> None:
        self._delivery.emit(ReportState(self._delivery.now, "asking", self._phrases[place]))
        self._wait(Asking(place, 0), [*before, self._script.say(self._phrases[place])])

    def _wait(self, asking: Asking, said: Sequence[Cue]) -> None:
        """Say something, and wait for the answer."""
        self._delivery.drop_speech()
        self._say(said)
        self._state = replace(asking, ends_ms=self._delivery.speech_ends_ms + ANSWER_MS)

    def _tell(self, first: Sequence[Cue]) -> None:
        self._delivery.drop_speech()
        self._say([*first, *self._script.outcome(len(self._learnt), self._left)])
        self._state = Telling(self._delivery.speech_ends_ms + 1)
        self._delivery.emit(ReportState(self._delivery.now, "telling"))

    def _end(self) -> None:
        self._state = Ended()
        self._delivery.emit(ReportEnd(self._delivery.now, "done" if self._learnt else "abandoned"))


def _sentence(text: str) -> Cue:
    return Cue(f"{text}.", f"{text}.")
