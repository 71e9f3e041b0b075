"""A stage for sessions: plans to perform, a script in plain words, and a driver that keeps a written scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from tests.fakes.loudspeaker import Loudspeaker
from voicecoach.coaching.messages import (
    Action,
    CommandHeard,
    CueTiming,
    Input,
    PlayTone,
    ReportEnd,
    ReportLedger,
    ReportState,
    Say,
    StopSounds,
    StopSpeech,
)
from voicecoach.coaching.script import FIELDS, Line, Script
from voicecoach.coaching.session import Session
from voicecoach.coaching.states import Ended, Working
from voicecoach.coaching.timing import Timing
from voicecoach.commands import Command
from voicecoach.routine.plan import CrampPolicy, Cue, Pace, Plan, PlannedExercise, Segment, SegmentKind, Side

L, R, B = Side.LEFT, Side.RIGHT, Side.BOTH
K = SegmentKind


@cache
def plain_script() -> Script:
    """Every line says its own name and its fields, so that scenarios read as what they mean."""
    lines = {}
    for line in Line:
        fields = "".join(f" {{{name}}}" for name in sorted(FIELDS.get(line, ())))
        text = line.value.replace("_", " ") + fields
        lines[line.value] = Cue(text, text)
    return Script(lines, {command: (command.value,) for command in Command})


def cue(text: str, short: str | None = None) -> Cue:
    return Cue(text, short or text)


def exercise(name: str, cramp: CrampPolicy = CrampPolicy.RETRY, *, alone: bool = True) -> PlannedExercise:
    return PlannedExercise(
        name, name, alone, 1, cue(f"how to do {name}"), cue(f"gentle {name}"), cue(f"strong {name}"), cramp
    )


def two_sided(index: int, name: str, hold_ms: int = 30_000, reminders: tuple[Cue, ...] = ()) -> list[Segment]:
    def hold(side: Side) -> Segment:
        return Segment(K.HOLD, index, hold_ms, side, cues=reminders, least_ms=hold_ms // 2, most_ms=hold_ms * 2)

    return [
        Segment(K.TALK, index, 0, cues=(cue(f"how to do {name}", f"{name} in short"),)),
        Segment(K.GET_READY, index, 8_000, L),
        hold(L),
        Segment(K.CHANGEOVER, index, 8_000, R),
        hold(R),
    ]


def both_sided(index: int, name: str, count: int = 4) -> list[Segment]:
    pace = Pace(count, 3_000, 2_000)
    return [
        Segment(K.TALK, index, 0, cues=(cue(f"how to do {name}"),)),
        Segment(K.GET_READY, index, 8_000, B),
        Segment(K.REPETITIONS, index, count * 5_000, B, pace=pace),
    ]


def feet_plan() -> Plan:
    """Welcome; calf (ease, each side); toes (come back, both); heel (retry, each); arch (each); goodbye."""
    exercises = (
        exercise("calf", CrampPolicy.EASE),
        exercise("toes", CrampPolicy.COME_BACK, alone=False),
        exercise("heel", CrampPolicy.RETRY),
        exercise("arch", CrampPolicy.RETRY),
    )
    segments = [
        Segment(K.TALK, None, 0, cues=(cue("welcome"),)),
        *two_sided(0, "calf", reminders=(cue("breathe softly"),)),
        *both_sided(1, "toes"),
        *two_sided(2, "heel", 10_000),
        Segment(K.TALK, 3, 0, cues=(cue("how to do arch"),)),
        Segment(K.WAIT, 3, 20_000),
        *two_sided(3, "arch", 20_000)[1:],
        Segment(K.TALK, None, 0, cues=(cue("goodbye"),)),
    ]
    return Plan("feet", "Feet", "en", exercises, tuple(segments))


def one_exercise_plan(cramp: CrampPolicy = CrampPolicy.RETRY, hold_ms: int = 30_000) -> Plan:
    segments = [*two_sided(0, "calf", hold_ms)]
    return Plan("one", "One", "en", (exercise("calf", cramp),), tuple(segments))


@cache
def speech_of(plan: Plan) -> Mapping[str, CueTiming]:
    """One second a sentence, with breaks at every quarter: easy to reckon with."""
    return {text: CueTiming(1_000, (250, 500, 750)) for text in plain_script().texts(plan)}


@dataclass
class Stage:
    """Drives a session along scripted inputs, and writes down what a person would see and hear."""

    plan: Plan = field(default_factory=feet_plan)
    timing: Timing | None = None

    def __post_init__(self) -> None:
        self.script = plain_script()
        self.speech = speech_of(self.plan)
        self._start(self.speech)

    def _start(self, speech: Mapping[str, CueTiming]) -> None:
        self.session = Session(self.plan, self.script, speech, timing=self.timing)
        self.loudspeaker = Loudspeaker(self.speech)
        self.now = 0
        self.lines: list[str] = []
        self.actions: list[tuple[int, Action]] = []
        self._take(self.session.begin(0))

    def _take(self, actions: list[Action]) -> list[Action]:
        self.loudspeaker.carry_out(actions)
        for action in actions:
            self.actions.append((self.now, action))
            self.lines += _line(self.now, action)
        return actions

    def until(self, ms: int) -> None:
        """Let time pass up to `ms`, waking at every deadline as a shell does."""
        while (deadline := self.session.next_deadline()) is not None and deadline <= ms:
            self.now = max(self.now, deadline)
            self._take(self.session.advance(self.now))
        self.now = max(self.now, ms)
        self._take(self.session.advance(self.now))

    def until_state(self, *states: type) -> None:
        """Let time pass until one of these states is entered."""
        while not isinstance(self.session.state, states):
            deadline = self.session.next_deadline()
            assert deadline is not None, f"the session ended without {states}"
            self.until(deadline)

    def is_in(self, state: type) -> bool:
        return isinstance(self.session.state, state)

    def until_work_on(self, exercise: int) -> None:
        """Let time pass until work on this exercise begins."""
        while not (isinstance(self.session.state, Working) and self.session.state.piece.work.exercise == exercise):
            deadline = self.session.next_deadline()
            assert deadline is not None, f"the session ended without work on exercise {exercise}"
            self.until(deadline)

    def hear(self, message: Input | Command) -> list[Action]:
        if isinstance(message, Command):
            message = CommandHeard(message, message.value)
        return self._take(self.session.receive(message, self.now))

    def play(self, events: Iterable[tuple[int, Input | Command]] = ()) -> None:
        """Perform the whole session with these inputs at these times."""
        for at_ms, message in events:
            self.until(at_ms)
            self.lines.append(f"{_clock(self.now)} >> {message}")
            self.hear(message)
        self.until_state(Ended)

    def text(self, from_ms: int = 0, until_ms: int = 1 << 50) -> str:
        """Return what was written in this stretch of time, without tones."""
        kept = [line for line in self.lines if from_ms <= _ms(line) < until_ms and " tone " not in line]
        return "\n".join(kept)

    def done(self, exercise_index: int) -> dict[str, int]:
        visit = next(v for v in self.session.agenda.visits if v.exercise == exercise_index)
        return {side.value: visit.done_ms(side) for side in visit.sides()}


def _clock(ms: int) -> str:
    return f"{ms // 60_000:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def _ms(line: str) -> int:
    clock = line.partition(" ")[0]
    return int(clock[:2]) * 60_000 + int(clock[3:5]) * 1_000 + int(clock[6:9])


def _line(now: int, action: Action) -> list[str]:
    match action:
        case Say(text, at_ms, from_ms):
            return [f"{_clock(at_ms)} say {text}" + (f" (from {from_ms})" if from_ms else "")]
        case PlayTone(tone, at_ms):
            return [f"{_clock(at_ms)} tone {tone}"]
        case StopSounds(at_ms):
            return [f"{_clock(at_ms)} silence"]
        case StopSpeech(at_ms):
            return [f"{_clock(at_ms)} hush"]
        case ReportState(at_ms, state, name, side):
            return [f"{_clock(at_ms)} {state}" + "".join(f" {part}" for part in (name, side) if part)]
        case ReportLedger(at_ms, name, side, done_ms, owed_ms, why):
            return [f"{_clock(at_ms)} ledger {name} {side} done {done_ms} owed {owed_ms} {why}"]
        case ReportEnd(at_ms, reason):
            return [f"{_clock(at_ms)} end {reason}"]
        case _:
            return [f"{_clock(now)} {action}"]
