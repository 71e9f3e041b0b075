"""The first time, and whenever it is wished: the coach asks whether it is heard, and tries whether it hears.

A `Dialogue`, performed as a session and the standby are. Each question waits for one command,
and is asked twice at most; where nobody answers the first one, nobody is there, or this is not their loudspeaker.

    Asking hello ──▶ Asking next ──▶ Asking switch ──▶ Asking cramp ──▶ Telling ──▶ Ended
         └── nobody answers ─────────────────────────────────────────────────────────▶ Ended
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from voicecoach.coaching.messages import Notice, ReportEnd, ReportState, SpeechTable
from voicecoach.commands import Command
from voicecoach.language.pack import LanguagePack
from voicecoach.routine.plan import Cue
from voicecoach.standby.dialogue import Dialogue

ANSWER_MS: Final = 8_000
"""How long a question waits after it was asked."""
TIMES: Final = 2
"""How often each question is asked."""


class InterviewLine(StrEnum):
    """A sentence that every language pack has for this."""

    HELLO = "hello"
    SAY = "say"
    WELL = "well"
    PARTLY = "partly"
    DEAF = "deaf"
    LISTEN = "listen"
    MEASURED = "measured"


FIELDS: Mapping[InterviewLine, frozenset[str]] = {
    InterviewLine.HELLO: frozenset({"yes"}),
    InterviewLine.SAY: frozenset({"phrase"}),
}
QUESTIONS: Final = (Command.YES, Command.NEXT, Command.SWITCH, Command.CRAMP)
"""What is waited for, question by question. The first one is whether the person hears the coach."""


@dataclass(frozen=True, slots=True)
class NotBegun:
    """Before `begin`."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A question was asked."""

    question: int
    time: int
    ends_ms: int


@dataclass(frozen=True, slots=True)
class Telling:
    """What came of it is being said."""

    ends_ms: int


@dataclass(frozen=True, slots=True)
class Ended:
    """It is over."""


State = NotBegun | Asking | Telling | Ended


class InterviewScript:
    """A language's sentences for this, filled."""

    def __init__(self, pack: LanguagePack) -> None:
        self._lines = pack.calls.interview
        # The first of several words: what is said in full is heard best.
        called = f"{pack.address} " if pack.must_be_addressed else ""
        self._phrases = {command: called + _in_full(pack.phrases[command]) for command in QUESTIONS}

    def question(self, question: int) -> Cue:
        """Ask for a command."""
        command = QUESTIONS[question]
        if command is Command.YES:
            return self._line(InterviewLine.HELLO, yes=self._phrases[command])
        return self._line(InterviewLine.SAY, phrase=self._phrases[command])

    def outcome(self, understood: int) -> Cue:
        """Tell how many of the commands that were tried were understood."""
        if understood == len(QUESTIONS) - 1:
            return self._line(InterviewLine.WELL)
        return self._line(InterviewLine.PARTLY if understood else InterviewLine.DEAF)

    def listen(self) -> Cue:
        """Ask the person to talk, and then to be quiet, because the devices are going to be measured."""
        return self._line(InterviewLine.LISTEN)

    def measured(self) -> Cue:
        """Tell that nothing is wrong with the devices."""
        return self._line(InterviewLine.MEASURED)

    def texts(self) -> frozenset[str]:
        """Return every text that can be said."""
        cues = [self.question(number) for number in range(len(QUESTIONS))]
        return frozenset(cue.full for cue in [*cues, *(self.outcome(number) for number in range(len(QUESTIONS)))])

    def _line(self, line: InterviewLine, **fields: str) -> Cue:
        text = self._lines[line].format(**fields)
        return Cue(text, text)


def _in_full(phrases: Sequence[str]) -> str:
    return next((phrase for phrase in phrases if " " in phrase), phrases[0])


class Interview(Dialogue):
    """Asks, and tells what came of it. Not thread-safe; owned by one shell."""

    def __init__(self, script: InterviewScript, speech: SpeechTable, closing: Sequence[Cue] = ()) -> None:
        """Prepare. `speech` has the timing of all in `script.texts()`, and of `closing`, which is said at the end."""
        super().__init__(speech)
        self._script = script
        self._closing = tuple(closing)
        self._state: State = NotBegun()
        self._understood: list[Command] = []

    @property
    def is_heard(self) -> bool:
        """Whether somebody has answered."""
        return Command.YES in self._understood

    @property
    def understood(self) -> tuple[Command, ...]:
        """What has been understood so far, in the order of the questions."""
        return tuple(self._understood)

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return isinstance(self._state, Ended)

    def next_deadline(self) -> int | None:
        """Return when `advance` must be called at the latest."""
        match self._state:
            case NotBegun() | Ended():
                return None
            case Asking(ends_ms=at):
                return min(at, self._delivery.floor_returns_ms)
            case Telling(ends_ms=at):
                return self._end_of_telling(at)
            case _:
                assert_never(self._state)

    def open_commands(self) -> frozenset[Command]:
        """Return the command that is waited for."""
        match self._state:
            case Asking(question=question):
                return frozenset({QUESTIONS[question]})
            case _:
                return frozenset()

    @property
    def _has_begun(self) -> bool:
        return not isinstance(self._state, NotBegun)

    def _begin(self) -> None:
        self._ask(0, 1)

    def _pass_deadline(self) -> None:
        match self._state:
            case Asking(question=question, time=time) if time < TIMES:
                self._ask(question, time + 1)
            case Asking(question=0):
                self._end()
            case Asking(question=question):
                self._go_on(question)
            case Telling():
                self._end()
            case _:
                return

    def _hear(self, command: Command, phrase: str) -> None:  # noqa: ARG002 - one phrase of it is as good as another
        if command is Command.FINISH:
            self._end()
            return
        self._delivery.return_floor()
        if isinstance(self._state, Asking) and command is QUESTIONS[self._state.question]:
            self._delivery.drop_speech()
            self._confirm()
            self._understood.append(command)
            self._go_on(self._state.question)

    def _miss(self) -> None:
        """Wait on: the question is asked once more when its time is over."""

    def _notice(self, notice: Notice) -> None:
        """Say nothing of the machine: whether they hear each other is what is being found out."""

    def _go_on(self, question: int) -> None:
        if question + 1 < len(QUESTIONS):
            self._ask(question + 1, 1)
            return
        said = [self._script.outcome(len(self._understood) - 1), *self._closing]
        self._say(said)
        self._state = Telling(self._delivery.speech_ends_ms + 1)
        self._delivery.emit(ReportState(self._delivery.now, "telling"))

    def _ask(self, question: int, time: int) -> None:
        self._say([self._script.question(question)])
        self._state = Asking(question, time, self._delivery.speech_ends_ms + ANSWER_MS)
        self._delivery.emit(ReportState(self._delivery.now, "asking"))

    def _end(self) -> None:
        self._state = Ended()
        self._delivery.emit(ReportEnd(self._delivery.now, "done" if self.is_heard else "abandoned"))

    def _take_up(self) -> None:
        ends_ms = self._delivery.speech_ends_ms
        match self._state:
            case Asking(question=question, time=time, ends_ms=at):
                self._state = Asking(question, time, max(at, ends_ms + ANSWER_MS))
            case Telling(ends_ms=at):
                self._state = Telling(max(at, ends_ms + 1))
            case _:
                return
