"""Plans, speech and inputs made by chance, and what has to be true of every session of them.

Hypothesis and the fuzzer draw from the same `Random`, so that what one finds the other can repeat.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from tests.coaching.stage import Stage, cue, plain_script
from tests.fakes.loudspeaker import Sounded
from voicecoach.coaching.messages import (
    Action,
    CommandHeard,
    CueTiming,
    Input,
    MachineChanged,
    Notice,
    ReportDropped,
    ReportLedger,
    ReportState,
    Say,
    SpeechRendered,
    Tone,
    VoiceIgnored,
    VoiceStarted,
)
from voicecoach.coaching.states import (
    BrokenOff,
    Continuation,
    Ended,
    Offering,
    State,
    Waiting,
)
from voicecoach.coaching.timing import Timing
from voicecoach.commands import STANDBY, Command
from voicecoach.routine.plan import (
    CrampPolicy,
    Cue,
    Pace,
    Plan,
    PlannedExercise,
    Segment,
    SegmentKind,
    Side,
)

EARCONS = {Tone.UNDERSTOOD, Tone.NOT_UNDERSTOOD}
MOST_WAITING_MS = 20_000
DEEPEST = 7
"""One of each kind of continuation: talk, interlude, guidance, recovery, a pause or stop, a question, and the leaf."""
MOST_ACTIONS = 700
"""Of one call: the tones of the longest set below, twice, and some sentences."""
COMMANDS = [command for command in Command if command not in STANDBY]
HARMLESS = [
    *(Command.TIME_LEFT, Command.WHATS_NEXT, Command.WHERE, Command.REPEAT, Command.HELP, Command.LOUDER),
    *(Command.EXPLAIN, Command.BACK_OFF, Command.PAUSE, Command.RESUME, Command.FASTER, Command.YES, Command.NO),
]
"""They change neither what is worked nor what is explained."""


def some_plan(chance: Random) -> Plan:
    """Return a plan as the compiler makes them: setups, waits, sets, sides, stations, holds and repetitions."""
    exercises: list[PlannedExercise] = []
    segments = [Segment(SegmentKind.TALK, None, 0, cues=(cue("welcome"),))]
    for index in range(chance.randint(1, 4)):
        name = f"exercise {index}"
        alone, sets = chance.random() < 0.6, chance.randint(1, 3)
        stations = tuple(f"{name} place {n}" for n in range(chance.randint(2, 3))) if chance.random() < 0.4 else ()
        exercises.append(
            PlannedExercise(
                id=name.replace(" ", "-"),
                title=name,
                one_side_at_a_time=alone,
                sets=sets,
                setup=cue(f"how to do {name}", f"{name} in short"),
                easier=cue(f"gentle {name}") if chance.random() < 0.7 else None,
                harder=None,
                cramp=chance.choice(list(CrampPolicy)),
                stations=stations,
            )
        )
        segments.append(Segment(SegmentKind.TALK, index, 0, cues=(cue(f"how to do {name}", f"{name} in short"),)))
        if chance.random() < 0.3:
            segments.append(Segment(SegmentKind.WAIT, index, chance.randint(1, 30) * 1000))
        if index and chance.random() < 0.1:
            continue
        segments += _work(chance, index, alone=alone, sets=sets, stations=stations)
    segments.append(Segment(SegmentKind.TALK, None, 0, cues=(cue("goodbye"),)))
    return Plan("some", "Some", "en", tuple(exercises), tuple(segments))


def _work(chance: Random, index: int, *, alone: bool, sets: int, stations: tuple[str, ...]) -> Iterator[Segment]:
    get_ready, changeover, rest, move = (chance.randint(1, 12) * 1000 for _ in range(4))
    sides = (Side.LEFT, Side.RIGHT) if alone else (Side.BOTH,)
    long = chance.random() < 0.5
    has_set_cues = sets > 1 and chance.random() < 0.5
    pace = Pace(chance.randint(1, 20), chance.randint(5, 40) * 100, chance.randint(5, 40) * 100)
    hold_ms = chance.randint(1, 60) * 1000
    holds = chance.random() < 0.7
    reminders = tuple(cue(f"remember {index} {n}") for n in range(chance.randint(0, 2)))
    before: tuple[int, Side] | None = None
    for number in range(1, sets + 1):
        for side in sides:
            for station in range(len(stations)) or (None,):
                if before is None:
                    kind, lead_ms = SegmentKind.GET_READY, get_ready
                elif before[0] != number:
                    kind, lead_ms = SegmentKind.REST, max(rest, changeover) if alone else rest
                elif before[1] is not side:
                    kind, lead_ms = SegmentKind.CHANGEOVER, changeover
                else:
                    kind, lead_ms = SegmentKind.MOVE, move
                cues: list[Cue] = []
                if has_set_cues and (before is None or before[0] != number):
                    cues.append(cue(f"set {number} of {index} in many words", f"set {number} of {index}"))
                if station is not None:
                    name = stations[station]
                    cues.append(cue(f"go on to {name} in many more words than that" if long else name, name))
                yield Segment(kind, index, lead_ms, side, number, station, tuple(cues))
                if holds:
                    yield Segment(
                        SegmentKind.HOLD,
                        index,
                        hold_ms,
                        side,
                        number,
                        station,
                        reminders,
                        least_ms=max(1000, hold_ms // 2),
                        most_ms=hold_ms * 2,
                    )
                else:
                    ms = pace.count * pace.each_ms
                    yield Segment(SegmentKind.REPETITIONS, index, ms, side, number, station, reminders, pace)
                before = number, side


def some_speech(chance: Random, plan: Plan) -> dict[str, CueTiming]:
    """Return how long every sentence is, at some speed, with breaks where words or pauses are."""
    a_letter_ms, by_words = chance.randint(20, 110), chance.random() < 0.7
    speech = {}
    for text in sorted(plain_script().texts(plan)):
        length_ms = 250 + a_letter_ms * len(text)
        words = [at for at, letter in enumerate(text) if letter == " "]
        some = words if by_words else sorted(chance.sample(words, chance.randint(0, len(words))))
        speech[text] = CueTiming(length_ms, tuple(250 + a_letter_ms * at for at in some))
    return speech


def some_input(chance: Random, plan: Plan, commands: list[Command]) -> Input:
    """Return something that a session is told."""
    match chance.randrange(10):
        case 0:
            return VoiceStarted()
        case 1:
            return VoiceIgnored(chance.random() < 0.5)
        case 2:
            return MachineChanged(chance.choice(list(Notice)))
        case 3:
            return SpeechRendered(some_speech(chance, plan))
        case _:
            command = chance.choice(commands)
            return CommandHeard(command, command.value)


def some_gap(chance: Random) -> int:
    """Return how long nothing happens."""
    return chance.choice((0, chance.randint(0, 400), chance.randint(0, 8_000), chance.randint(0, 60_000)))


@dataclass
class Trial(Stage):
    """A stage that looks after every call whether all is as it must be."""

    chance: Random = field(default_factory=Random)

    def __post_init__(self) -> None:
        self.script = plain_script()
        self.speech: Mapping[str, CueTiming] = some_speech(self.chance, self.plan)
        self.plan_texts = {text for s in self.plan.segments for c in s.cues for text in (c.full, c.short)}
        self.plan_texts |= {f"exercise exercise {n}" for n in range(len(self.plan.exercises))}
        self.asked_ms = 0
        self._start(self.speech)

    def hear(self, message: Input | Command) -> list[Action]:
        if isinstance(message, SpeechRendered):
            self.speech = self.loudspeaker.speech_table = message.table
        return super().hear(message)

    def _take(self, actions: list[Action]) -> list[Action]:
        super()._take(actions)
        self._look(actions)
        return actions

    def _look(self, actions: list[Action]) -> None:
        state = self.session.state
        for action in actions:
            if isinstance(action, Say):
                timing = self.speech[action.text]
                assert action.from_ms in (0, *timing.breaks_ms), f"{action} begins within a word"
                assert 0 <= action.from_ms < timing.length_ms, f"{action} begins after its end"
        assert len(actions) <= MOST_ACTIONS, f"{len(actions)} actions of one call"
        assert depth(state) <= DEEPEST, f"{depth(state)} deep: {state}"
        speech = [s for s in self.loudspeaker.speech() if s.end_ms > self.now]
        waiting = [s for s in speech if s.start_ms > self.now and s.what not in self.plan_texts]
        answers = sum(s.end_ms - s.start_ms for s in waiting if not self._is_prompt(s))
        assert answers <= MOST_WAITING_MS + self._longest(), f"{answers} ms of talk wait: {waiting}"
        if isinstance(state, (Waiting, Offering, BrokenOff)) and not self.session.person_speaks:
            ends_ms = max((s.end_ms for s in speech), default=self.now)
            assert state.ends_ms >= ends_ms + state.patience_ms or not speech, "no whole time for an answer"

    def _is_prompt(self, sounded: Sounded) -> bool:
        return str(sounded.what).startswith(("recover", "breathe", "cramp", "gentle", "returning", "how to do"))

    def _longest(self) -> int:
        """A list of all commands is one answer, however slowly the coach speaks."""
        return sum(self.speech[command.value].length_ms + 120 for command in Command)

    def perform(self, count: int, commands: list[Command]) -> None:
        """Perform a session with so many inputs, to its end."""
        for _ in range(count):
            if self.chance.random() < 0.1:
                # The machine stood still.
                self.now += some_gap(self.chance)
                self._take(self.session.advance(self.now))
            self.until(self.now + some_gap(self.chance))
            for _ in range(self.chance.choice((1, 1, 1, 3))):
                self.hear(some_input(self.chance, self.plan, commands))
        self.until_state(Ended)

    def storm(self, count: int) -> None:
        """Perform a session in which the same few things happen again and again, soon after each other."""
        some = [some_input(self.chance, self.plan, COMMANDS) for _ in range(self.chance.randint(1, 3))]
        self.until(self.chance.randint(0, 200_000))
        for _ in range(count):
            self.until(self.now + self.chance.randint(0, 3_000))
            self.hear(self.chance.choice(some))
        self.until_state(Ended)

    def check(self) -> None:
        """Look at the whole of a session that has ended."""
        speech = sorted(self.loudspeaker.speech(), key=lambda sound: sound.start_ms)
        for first, second in pairwise(speech):
            assert first.end_ms <= second.start_ms, f"{first} and {second}"
        for tone in self.loudspeaker.tones():
            if tone.what not in EARCONS:
                for sentence in speech:
                    over = sentence.start_ms < tone.end_ms and tone.start_ms < sentence.end_ms
                    assert not over, f"{sentence} runs over {tone}"
        told = {(a.exercise, a.side): (a.done_ms, a.owed_ms) for _, a in self.actions if isinstance(a, ReportLedger)}
        for visit in self.session.agenda.visits:
            if visit.exercise is not None:
                title = self.plan.exercises[visit.exercise].title
                for side in visit.sides():
                    entry = visit.done_ms(side), visit.owed_ms(side)
                    assert told.get((title, side.value), (0, 0)) == entry, f"{title} {side}: {told}, not {entry}"
        for notice in Notice:
            said = [s for s in speech if s.what == notice.value.replace("_", " ")]
            for first, second in pairwise(said):
                # It may have begun a little later than it was told.
                apart_ms = second.start_ms - first.start_ms + Timing().answer_delay_ms
                assert apart_ms >= Timing().notice_again_ms, f"{notice} again"


def depth(state: State | Continuation) -> int:
    """Return how deep continuations nest."""
    inner = getattr(state, "then", None)
    return 0 if inner is None else 1 + depth(inner)


def unexplained(trial: Trial) -> set[str]:
    """Return the setups that were never said to their end, of a session in which nothing was left out."""
    whole = {cue.full for segment in trial.plan.segments if segment.kind is SegmentKind.TALK for cue in segment.cues}
    return whole - {str(s.what) for s in trial.loudspeaker.speech() if s.is_whole}


def unnamed(trial: Trial) -> set[str]:
    """Return the sides, stations and sets that were worked and neither named nor reported as having no room."""
    missing = set()
    dropped = {a.text for _, a in trial.actions if isinstance(a, ReportDropped) and a.said is None}
    whole = [s for s in trial.loudspeaker.speech() if s.is_whole]
    heard_from, before = 0, None
    states = [(now, a) for now, a in trial.actions if isinstance(a, ReportState)]
    for place, (_, state) in enumerate(states):
        if state.state in ("get_ready", "changeover", "rest", "move"):
            heard_from = state.at_ms if state.state != "move" else heard_from
            move_from = state.at_ms
        if state.state not in ("hold", "repetitions"):
            continue
        ends_ms = states[place + 1][1].at_ms if place + 1 < len(states) else trial.now
        names = [("side", state.side)] if state.side != "both" and (state.exercise, state.side) != before else []
        names += [("station", state.station)] if state.station else []
        before = state.exercise, state.side
        for what, name in names:
            since = move_from if what == "station" else heard_from
            said = [str(s.what) for s in whole if since <= s.start_ms and s.end_ms <= ends_ms]
            if not any(str(name) in text for text in said) and not any(str(name) in text for text in dropped):
                missing.add(f"{what} {name} at {state.at_ms}: {said}")
    return missing
